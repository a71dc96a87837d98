"""Peppol BIS Billing 3: the rules that self-billing has otherwise or not at all."""

from __future__ import annotations

from functools import partial

from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact
from einvoice_validators.rules.peppol import amounts
from einvoice_validators.rules.peppol.common import between_germans
from einvoice_validators.rules.peppol.document import DOCUMENT
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import normal, text_node

SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
FRENCH_PROCESSES = ("urn:peppol:france:billing:regulated", "urn:peppol:france:billing:non-regulated")
RESPONSE_PROCESS = "urn:peppol:bis:billing_with_response"
PROCESSES = frozenset(("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0", *FRENCH_PROCESSES, RESPONSE_PROCESS))
INVOICE_TYPES = partial(code_set, "untdid-1001", "peppol-invoice")
CREDIT_NOTE_TYPES = partial(code_set, "untdid-1001", "peppol-creditnote")
GERMAN_TYPES = partial(code_set, "untdid-1001", "peppol-german-parties")


@rule("PEPPOL-EN16931-R004", DOCUMENT, at="specification_identifier")
def names_the_specification(document: Fact) -> object:
    """A document names Peppol BIS Billing 3 as its specification (BT-24)."""
    found = normal(text_node(document.specification_identifier))
    return found.startswith(SPECIFICATION) and "::" not in found


@rule("PEPPOL-EN16931-R007", DOCUMENT, at="process")
def process_is_known(document: Fact) -> object:
    """The business process (BT-23) is one of Peppol's billing."""
    return normal(document.process) in PROCESSES


@rule("PEPPOL-EN16931-R051", amounts.DOCUMENT, at="currency_code")
def amounts_are_in_the_currency_of_the_document(document: Fact) -> object:
    """All amounts are in the invoice's currency (BT-5), except the VAT total in the accounting currency (BT-111)."""
    return amounts.in_the_currency_of_the_document(document, subtotals=True)


@rule("PEPPOL-EN16931-P0100", DOCUMENT, at="invoice_type_codes")
def invoice_type_is_known(document: Fact) -> object:
    """The type of an invoice (BT-3) is one that Peppol BIS Billing uses."""
    return normal(document.process) not in PROCESSES or all(
        normal(text_node(code)) in INVOICE_TYPES() for code in document.invoice_type_codes
    )


@rule("PEPPOL-EN16931-P0101", DOCUMENT, at="credit_note_type_codes")
def credit_note_type_is_known(document: Fact) -> object:
    """The type of a credit note (BT-3) is one that Peppol BIS Billing uses."""
    return normal(document.process) not in PROCESSES or all(
        normal(text_node(code)) in CREDIT_NOTE_TYPES() for code in document.credit_note_type_codes
    )


@rule("PEPPOL-EN16931-P0112", DOCUMENT, at="invoice_type_codes")
def partial_and_corrected_invoices_are_german(document: Fact) -> object:
    """Partial (326) and corrected invoices (384) are used between German parties only."""
    return between_germans(document) or not any(normal(code) in GERMAN_TYPES() for code in document.invoice_type_codes)
