"""Canonical forms, digests and signatures of XML: the few algorithms that Peppol uses, and no others."""
