"""The conditions of PDF/A-3B (ISO 19005-3) and of Factur-X that can be seen in a PDF, each a small function under its id.

Ids are `PDFA-<clause>-<test>`, numbered as veraPDF numbers its profile of PDF/A-3B, so that both can be compared id by id, and
`FX-<what>` for Factur-X.
"""
