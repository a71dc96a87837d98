"""Peppol BIS: what a document must say of itself, once."""

from __future__ import annotations

from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, facts, text, texts, there
from einvoice_validators.rules.peppol.common import ADDRESSES, between_germans
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import MISSING, exists, normal, one, text_node, uncast

PATTERN = Pattern("peppol document", Syntax.UBL)
DOCUMENT = PATTERN.context(
    "/*",
    process=text("cbc:ProfileID"),
    specification_identifier=text("cbc:CustomizationID"),
    note_count=count("cbc:Note"),
    buyer_reference_there=there("cbc:BuyerReference"),
    order_reference_there=there("cac:OrderReference/cbc:ID"),
    currency_code=text("cbc:DocumentCurrencyCode"),
    vat_accounting_currency_code=text("cbc:TaxCurrencyCode"),
    tax_totals=facts("cac:TaxTotal"),
    invoice_type_codes=texts(".//cbc:InvoiceTypeCode"),
    credit_note_type_codes=texts(".//cbc:CreditNoteTypeCode"),
    **ADDRESSES,
)
TAX_TOTAL = PATTERN.context(
    "cac:TaxTotal",
    tax_amount_text=text("cbc:TaxAmount"),
    currency_code=text("cbc:TaxAmount/@currencyID"),
    has_subtotals=there("cac:TaxSubtotal"),
)
PROJECTS = Pattern("peppol project references", Syntax.UBL)
CREDIT_NOTE = PROJECTS.context("/cn:CreditNote", additional_type_codes=texts("cac:AdditionalDocumentReference/cbc:DocumentTypeCode"))


@rule("PEPPOL-EN16931-R001", DOCUMENT, at="process")
def names_its_process(document: Fact) -> object:
    """A document names its business process (BT-23)."""
    return exists(document.process)


@rule("PEPPOL-EN16931-R002", DOCUMENT, at="cbc:Note")
def at_most_one_note(document: Fact) -> object:
    """A document has one note (BT-22) at most, unless seller and buyer are both in Germany."""
    return document.note_count <= 1 or between_germans(document)


@rule("PEPPOL-EN16931-R003", DOCUMENT, at="cbc:BuyerReference")
def has_a_reference_of_the_buyer(document: Fact) -> object:
    """A document has the buyer's reference (BT-10) or the number of the purchase order (BT-13)."""
    return document.buyer_reference_there or document.order_reference_there


@rule("PEPPOL-EN16931-R005", DOCUMENT, at="vat_accounting_currency_code")
def accounting_currency_is_another(document: Fact) -> object:
    """The currency of VAT accounting (BT-6) is named only where it differs from the invoice's currency (BT-5)."""
    if document.vat_accounting_currency_code is MISSING:
        return True
    return normal(text_node(document.vat_accounting_currency_code)) != normal(text_node(document.currency_code))


@rule("PEPPOL-EN16931-R053", DOCUMENT, at="cac:TaxTotal")
def one_tax_total_has_a_breakdown(document: Fact) -> object:
    """Exactly one VAT total (BT-110) comes with a breakdown by rate (BG-23)."""
    return sum(total.has_subtotals for total in document.tax_totals) == 1


@rule("PEPPOL-EN16931-R054", DOCUMENT, at="cac:TaxTotal")
def second_tax_total_goes_with_its_currency(document: Fact) -> object:
    """A VAT total without breakdown (BT-111) stands once where the currency of VAT accounting (BT-6) is named, else nowhere."""
    return sum(not total.has_subtotals for total in document.tax_totals) == exists(document.vat_accounting_currency_code)


@rule("PEPPOL-EN16931-R055", DOCUMENT, at="cac:TaxTotal/cbc:TaxAmount")
def tax_totals_have_one_sign(document: Fact) -> object:
    """The VAT total in the accounting currency (BT-111) and that in the invoice's currency (BT-110) are both positive or both negative."""
    if document.vat_accounting_currency_code is MISSING:
        return True
    accounting = _tax_amounts(document, normal(document.vat_accounting_currency_code))
    own = _tax_amounts(document, normal(document.currency_code))
    return (accounting <= 0 and own <= 0) or (accounting >= 0 and own >= 0)


def _tax_amounts(document: Fact, currency: str) -> Any:
    return uncast(one(total.tax_amount_text for total in document.tax_totals if total.currency_code == currency))


@rule("PEPPOL-EN16931-R080", CREDIT_NOTE, at="cac:AdditionalDocumentReference")
def one_project_reference(document: Fact) -> object:
    """A credit note names one project (BT-11) at most."""
    return sum(code == "50" for code in document.additional_type_codes) <= 1
