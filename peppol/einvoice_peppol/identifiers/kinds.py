"""What a document type is to us: an invoice, an answer to one, a report of an access point, or something else."""

from __future__ import annotations

from einvoice.errors import BadIdentifier
from einvoice_peppol.identifiers.documents import split
from einvoice_peppol.identifiers.values import DocumentType

_INVOICES = {
    ("urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "Invoice"),
    ("urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2", "CreditNote"),
    ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "CrossIndustryInvoice"),
}
_BY_CUSTOMIZATION = {
    "urn:fdc:peppol.eu:poacc:trns:invoice_response:3": "invoice_response",
    "urn:fdc:peppol.eu:poacc:trns:mlr:3": "mlr",
    "urn:peppol:edec:mls:1.0": "mls",
    "urn:fdc:peppol.eu:edec:trns:transaction-statistics-reporting:1.0": "report",
    "urn:fdc:peppol.eu:edec:trns:end-user-statistics-report:1.1": "report",
    "urn:fdc:peppol.eu:edec:trns:end-user-statistics-report:1.0": "report",
}


def kind(document: DocumentType) -> str:
    """`invoice` (also a credit note), `invoice_response`, `mlr`, `mls`, `report` (TSR, EUSR) or `other`."""
    try:
        parts = split(document.value)
    except BadIdentifier:
        return "other"
    if (parts.namespace, parts.name) in _INVOICES:
        return "invoice"
    return _BY_CUSTOMIZATION.get(parts.customization, "other")
