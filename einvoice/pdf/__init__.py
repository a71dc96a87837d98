"""Hybrid invoices: a PDF that a person reads with the XML that a machine books (Factur-X, ZUGFeRD, XRechnung)."""
