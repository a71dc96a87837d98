"""Rules of what an invoice refers to."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_model import PRECEDING_INVOICE, SUPPORTING_DOCUMENT
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import normal


@rule("BR-52", SUPPORTING_DOCUMENT, at="reference")
def supporting_document_has_a_reference(document: Fact) -> object:
    """A supporting document (BG-24) has a reference (BT-122)."""
    return normal(document.reference) != ""


@rule("BR-55", PRECEDING_INVOICE, at="reference")
def preceding_invoice_has_a_number(invoice: Fact) -> object:
    """A reference to a preceding invoice (BG-3) gives its number (BT-25)."""
    return normal(invoice.reference) != ""
