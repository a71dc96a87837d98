"""Rules on the totals: that they are there, add up, and have two decimals at most."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from einvoice_validators.facts import Fact, derived
from einvoice_validators.rules.en16931.ubl_model import (
    BREAKDOWN,
    INVOICE,
    MODEL,
    TAX_TOTAL,
    TOTALS,
    at_document_level,
    has_vat_scheme,
    is_allowance,
    is_charge,
    vat_category,
)
from einvoice_validators.rules.en16931.ubl_vat_bases import bases
from einvoice_validators.ruleset import Rule, rule
from einvoice_validators.xpath import EXACT, MISSING, cents, exists, fraction_digits, rounded, total

MOST_DECIMALS = 2
NOT_SUBJECT_TO_VAT = "O"


@rule("BR-12", TOTALS)
def sum_of_line_amounts_is_given(totals: Fact) -> object:
    """The totals give the sum of the line net amounts (BT-106)."""
    return exists(totals.sum_of_line_net_amounts)


@rule("BR-13", TOTALS)
def total_without_vat_is_given(totals: Fact) -> object:
    """The totals give the total without VAT (BT-109)."""
    return exists(totals.total_without_vat)


@rule("BR-14", TOTALS)
def total_with_vat_is_given(totals: Fact) -> object:
    """The totals give the total with VAT (BT-112)."""
    return exists(totals.total_with_vat)


@rule("BR-CO-10", TOTALS, at="sum_of_line_net_amounts")
def line_amounts_add_up(totals: Fact) -> object:
    """The sum of the line net amounts (BT-106) is what the lines add up to (BT-131)."""
    return totals.sum_of_line_net_amounts == cents(bases(totals.document).line_total)


@derived
def _document_allowances(document: Fact) -> list[Any]:
    return [each.amount for each in document.allowance_charges if at_document_level(each) and is_allowance(each)]


@derived
def _document_charges(document: Fact) -> list[Any]:
    return [each.amount for each in document.allowance_charges if at_document_level(each) and is_charge(each)]


@rule("BR-CO-11", TOTALS, at="sum_of_allowances")
def allowances_add_up(totals: Fact) -> object:
    """The sum of allowances (BT-107) is what the allowances of the document add up to (BT-92)."""
    return _adds_up(totals.sum_of_allowances, _document_allowances(totals.document))


@rule("BR-CO-12", TOTALS, at="sum_of_charges")
def charges_add_up(totals: Fact) -> object:
    """The sum of charges (BT-108) is what the charges of the document add up to (BT-99)."""
    return _adds_up(totals.sum_of_charges, _document_charges(totals.document))


def _adds_up(stated: Any, amounts: list[Any]) -> bool:
    return bool(stated == cents(total(amounts))) or (not exists(stated) and not amounts)


@rule("BR-CO-13", TOTALS, at="total_without_vat")
def total_without_vat_adds_up(totals: Fact) -> object:
    """The total without VAT (BT-109) is the sum of the lines (BT-106), less allowances (BT-107), plus charges (BT-108)."""
    lines, charges, allowances = totals.sum_of_line_net_amounts, totals.sum_of_charges, totals.sum_of_allowances
    if not exists(charges) and not exists(allowances):
        return totals.total_without_vat == lines
    return totals.total_without_vat == cents(lines + _or_nothing(charges) - _or_nothing(allowances))


def _or_nothing(amount: Any) -> Any:
    return amount if exists(amount) else Decimal(0)


@rule("BR-CO-14", TAX_TOTAL, at="tax_amount")
def vat_adds_up(tax_total: Fact) -> object:
    """The VAT total (BT-110) is what the VAT breakdown adds up to (BT-117)."""
    return not tax_total.breakdown_tax_amounts or tax_total.tax_amount == cents(total(tax_total.breakdown_tax_amounts))


@rule("BR-CO-15", INVOICE, at="total_with_vat")
def total_with_vat_adds_up(invoice: Fact) -> object:
    """The total with VAT (BT-112) is the total without VAT (BT-109) plus the one VAT total in the currency of the invoice (BT-110)."""
    if not exists(invoice.currency_code):
        return True
    taxes = [each.tax_amount for each in invoice.tax_totals if each.currency_code == invoice.currency_code]
    return len(taxes) == 1 and invoice.total_with_vat == cents(invoice.total_without_vat + taxes[0])


@rule("BR-CO-16", TOTALS, at="amount_due")
def amount_due_adds_up(totals: Fact) -> object:
    """The amount due (BT-115) is the total with VAT (BT-112), less what is paid (BT-113), plus what is rounded (BT-114)."""
    paid, rounding = totals.paid_amount, totals.rounding_amount
    expected = cents(totals.total_with_vat - paid) if exists(paid) else totals.total_with_vat
    return (cents(totals.amount_due - rounding) if exists(rounding) else totals.amount_due) == expected


@rule("BR-CO-17", BREAKDOWN, at="tax_amount")
def vat_of_a_category_follows_from_its_rate(breakdown: Fact) -> object:
    """The VAT of a category (BT-117) is its taxable amount (BT-116) times its rate (BT-119), within one unit of the currency."""
    rate = next((each.rate for each in breakdown.vat_categories if has_vat_scheme(each)), MISSING)
    if not exists(rate) or rounded(rate) == 0:
        return rounded(breakdown.tax_amount) == 0
    return tax_is_near(breakdown, rate)


def tax_is_near(breakdown: Fact, rate: Any) -> bool:
    """Whether the tax of a part of the VAT breakdown is less than one from what its taxable amount gives at a rate."""
    if not exists(rate) or not exists(breakdown.taxable_amount):
        return False
    tax, expected = abs(breakdown.tax_amount), cents(abs(breakdown.taxable_amount) * EXACT.scaleb(rate, -2))
    return bool(tax - 1 < expected < tax + 1)


@rule("BR-45", BREAKDOWN)
def taxable_amount_is_given(breakdown: Fact) -> object:
    """Each part of the VAT breakdown has a taxable amount (BT-116)."""
    return exists(breakdown.taxable_amount)


@rule("BR-47", BREAKDOWN)
def breakdown_names_its_category(breakdown: Fact) -> object:
    """Each part of the VAT breakdown has a VAT category (BT-118)."""
    return any(exists(category.category_code) and has_vat_scheme(category) for category in breakdown.vat_categories)


@rule("BR-48", BREAKDOWN)
def breakdown_has_a_rate(breakdown: Fact) -> object:
    """Each part of the VAT breakdown has a rate (BT-119), unless it is not subject to VAT."""
    categories = [category for category in breakdown.vat_categories if has_vat_scheme(category)]
    return any(exists(category.rate) or vat_category(category) == NOT_SUBJECT_TO_VAT for category in categories)


def has_two_decimals(amount: str) -> bool:
    """Two decimals at most, white space counted."""
    return fraction_digits(amount) <= MOST_DECIMALS


_TOTAL, _PART = "cac:LegalMonetaryTotal/cbc:", "cac:TaxTotal/cac:TaxSubtotal/cbc:"
DECIMALS = {
    "BR-DEC-09": (f"{_TOTAL}LineExtensionAmount", "The sum of the line net amounts (BT-106)"),
    "BR-DEC-10": (f"{_TOTAL}AllowanceTotalAmount", "The sum of allowances (BT-107)"),
    "BR-DEC-11": (f"{_TOTAL}ChargeTotalAmount", "The sum of charges (BT-108)"),
    "BR-DEC-12": (f"{_TOTAL}TaxExclusiveAmount", "The total without VAT (BT-109)"),
    "BR-DEC-14": (f"{_TOTAL}TaxInclusiveAmount", "The total with VAT (BT-112)"),
    "BR-DEC-16": (f"{_TOTAL}PrepaidAmount", "The amount paid (BT-113)"),
    "BR-DEC-17": (f"{_TOTAL}PayableRoundingAmount", "The rounding amount (BT-114)"),
    "BR-DEC-18": (f"{_TOTAL}PayableAmount", "The amount due (BT-115)"),
    "BR-DEC-19": (f"{_PART}TaxableAmount", "The taxable amount of a VAT category (BT-116)"),
    "BR-DEC-20": (f"{_PART}TaxAmount", "The tax of a VAT category (BT-117)"),
}
RULES = [Rule(name, (MODEL.leaf(path),), has_two_decimals, f"{what} has two decimals at most.") for name, (path, what) in DECIMALS.items()]
