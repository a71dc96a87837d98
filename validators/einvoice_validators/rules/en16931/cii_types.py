"""What EN 16931 wants of the types of CII: references, taxes, amounts, quantities and dates."""

from __future__ import annotations

import re

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_syntax import AMOUNT, DAY, DOCUMENT, REFERENCE, TAX
from einvoice_validators.ruleset import FATAL, WARNING, Rule, rule

ADDITIONAL = "ram:AdditionalReferencedDocument"
TENDER, INVOICED_OBJECT, SUPPORTING = "50", "130", "916"
_day = re.compile(r"[ \t\r\n]*\d{4}(?:1[0-2]|0[1-9])(?:3[01]|[12][0-9]|0[1-9])[ \t\r\n]*")

CURRENCIES = [
    Rule(identity, (AMOUNT,), None, text, FATAL, f"@{attribute}", (f"@{attribute}",))
    for identity, attribute, text in (
        ("CII-DT-031", "currencyID", "An amount other than the VAT total says no currency of its own."),
        ("CII-DT-032", "currencyCodeListVersionID", "An amount says no version of a currency list."),
    )
]


def _is(reference: Fact, *codes: str) -> bool:
    return reference.name == ADDITIONAL and reference.document_type_code in codes


@rule("CII-DT-015", REFERENCE, at="has_uri")
def only_a_supporting_document_has_an_address(reference: Fact) -> object:
    """Only a supporting document (BG-24, type 916) says where it is found (BT-124)."""
    return not reference.has_uri or _is(reference, SUPPORTING)


@rule("CII-DT-018", REFERENCE, at="has_document_type")
def reference_has_a_type_that_is_used(reference: Fact) -> object:
    """Only an additional document has a type: 50 is a tender (BT-17), 130 an invoiced object (BT-18), 916 a supporting document (BG-24)."""
    return not reference.has_document_type or _is(reference, TENDER, INVOICED_OBJECT, SUPPORTING)


@rule("CII-DT-021", REFERENCE, at="document_names")
def only_a_supporting_document_has_a_description(reference: Fact) -> object:
    """Only a supporting document (BG-24, type 916) has a description (BT-123)."""
    return not reference.document_names or _is(reference, SUPPORTING)


@rule("CII-DT-022", REFERENCE, at="attachments")
def only_a_supporting_document_has_an_attachment(reference: Fact) -> object:
    """Only a supporting document (BG-24, type 916) has an attachment (BT-125)."""
    return not reference.attachments or _is(reference, SUPPORTING)


@rule("CII-DT-024", REFERENCE, at="has_reference_type")
def only_an_invoiced_object_has_a_scheme(reference: Fact) -> object:
    """Only an invoiced object (BT-18, type 130) has a scheme."""
    return not reference.has_reference_type or _is(reference, INVOICED_OBJECT)


@rule("CII-DT-027", REFERENCE, at="has_reference_date")
def only_a_preceding_invoice_has_a_date(reference: Fact) -> object:
    """Only a reference to a preceding invoice (BG-3) has a date (BT-26)."""
    return not reference.has_reference_date or reference.name == "ram:InvoiceReferencedDocument"


@rule("CII-DT-033", DOCUMENT, at="some_quantity_has_a_unit")
def units_stand_with_the_quantities_invoiced(invoice: Fact) -> object:
    """A quantity has a unit only where a quantity invoiced (BT-129) has one (BT-130)."""
    return not invoice.some_quantity_has_a_unit or invoice.some_billed_quantity_has_a_unit


@rule("CII-DT-037", TAX, at="has_tax_type")
def tax_is_vat(tax: Fact) -> object:
    """A tax is VAT (BT-95, BT-102, BT-118, BT-151)."""
    return not tax.has_tax_type or tax.tax_type_code == "VAT"


def _in_header(tax: Fact) -> bool:
    return "ram:ApplicableHeaderTradeSettlement" in tax.path


def _in_breakdown(tax: Fact) -> bool:
    return tax.name == "ram:ApplicableTradeTax"


@rule("CII-DT-041", TAX, at="has_basis", severity=WARNING)
def taxable_amount_stands_in_the_header(tax: Fact) -> object:
    """A taxable amount (BT-116) stands in the header, not in a line."""
    return not tax.has_basis or _in_header(tax)


@rule("CII-DT-054", TAX, at="has_tax_point_date", severity=WARNING)
def tax_point_date_stands_in_the_header(tax: Fact) -> object:
    """The date when VAT becomes due (BT-7) stands in the header, not in a line."""
    return not tax.has_tax_point_date or _in_header(tax)


@rule("CII-DT-058", TAX, at="has_due_date_code", severity=WARNING)
def due_date_code_stands_in_the_header(tax: Fact) -> object:
    """The code of when VAT becomes due (BT-8) stands in the header, not in a line."""
    return not tax.has_due_date_code or _in_header(tax)


@rule("CII-DT-052", TAX, at="has_exemption_code", severity=WARNING)
def exemption_code_stands_in_a_breakdown(tax: Fact) -> object:
    """The code of an exemption from VAT (BT-121) stands in the VAT breakdown."""
    return not tax.has_exemption_code or _in_breakdown(tax)


@rule("CII-DT-098", TAX, at="has_exemption_reason", severity=WARNING)
def exemption_reason_stands_in_a_breakdown(tax: Fact) -> object:
    """The reason of an exemption from VAT (BT-120) stands in the VAT breakdown."""
    return not tax.has_exemption_reason or _in_breakdown(tax)


@rule("CII-DT-097", DAY)
def date_is_a_day(day: str, _: object) -> object:
    """A date in the format 102 is eight digits: year, month and day."""
    return _day.fullmatch(day) is not None
