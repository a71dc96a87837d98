"""Hybrid invoices: a PDF that a person reads with the XML that a machine books (Factur-X, ZUGFeRD, XRechnung)."""

from importlib.util import find_spec

from einvoice.errors import EInvoiceError

if find_spec("pikepdf") is None:
    raise EInvoiceError("a PDF needs the package pikepdf; pip install 'einvoice-toolkit[pdf]'")
