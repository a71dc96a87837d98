"""Peppol BIS Self-Billing 3: the rules that billing has otherwise."""

from __future__ import annotations

from functools import partial

from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact
from einvoice_validators.rules.peppol import amounts
from einvoice_validators.rules.peppol.billing import FRENCH_PROCESSES, RESPONSE_PROCESS
from einvoice_validators.rules.peppol.document import DOCUMENT
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import normal, text_node

SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"
PROCESSES = frozenset(("urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0", *FRENCH_PROCESSES))
INVOICE_TYPES = partial(code_set, "untdid-1001", "peppol-selfbilling-invoice")
CREDIT_NOTE_TYPES = partial(code_set, "untdid-1001", "peppol-selfbilling-creditnote")


@rule("PEPPOL-EN16931-R004", DOCUMENT, at="specification_identifier")
def names_the_specification(document: Fact) -> object:
    """A document names Peppol BIS Self-Billing 3 as its specification (BT-24)."""
    found = normal(text_node(document.specification_identifier))
    return found.startswith(SPECIFICATION) and "::" not in found


@rule("PEPPOL-EN16931-R007", DOCUMENT, at="process")
def process_is_known(document: Fact) -> object:
    """The business process (BT-23) is one of Peppol's self-billing."""
    process = normal(document.process)
    return process in PROCESSES or process == RESPONSE_PROCESS


@rule("PEPPOL-EN16931-R051", amounts.DOCUMENT, at="currency_code")
def amounts_are_in_the_currency_of_the_document(document: Fact) -> object:
    """All amounts but those of VAT by rate (BT-117) are in the invoice's currency (BT-5)."""
    return amounts.in_the_currency_of_the_document(document, subtotals=False)


@rule("PEPPOL-EN16931-P0100", DOCUMENT, at="invoice_type_codes")
def invoice_type_is_known(document: Fact) -> object:
    """The type of an invoice (BT-3) is one of self-billing: 389 or 527."""
    return normal(document.process) not in PROCESSES or all(
        normal(text_node(code)) in INVOICE_TYPES() for code in document.invoice_type_codes
    )


@rule("PEPPOL-EN16931-P0101", DOCUMENT, at="credit_note_type_codes")
def credit_note_type_is_known(document: Fact) -> object:
    """The type of a credit note (BT-3) is that of self-billing: 261."""
    return normal(document.process) not in PROCESSES or all(
        normal(text_node(code)) in CREDIT_NOTE_TYPES() for code in document.credit_note_type_codes
    )
