"""Rules of the totals of a document: which there are, how they add up, and their decimals.

What the official rules leave uncast is added up in doubles, so that a cent may be lost exactly where it is lost there.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_model import DOCUMENT, TOTALS, VAT_TOTAL, is_charge
from einvoice_validators.ruleset import Rule, rule
from einvoice_validators.xpath import cents, decimal, double, double_sum, equal, exists, fraction_digits, rounded, uncast


@rule("BR-12", TOTALS, at="sum_of_line_net_amounts")
def sum_of_lines_is_there(totals: Fact) -> object:
    """The totals have the sum of the lines' net amounts (BT-106)."""
    return exists(totals.sum_of_line_net_amounts)


@rule("BR-13", TOTALS, at="total_without_vat")
def total_without_vat_is_there(totals: Fact) -> object:
    """The totals have the total amount without VAT (BT-109)."""
    return exists(totals.total_without_vat)


@rule("BR-14", TOTALS, at="total_with_vat")
def total_with_vat_is_there(totals: Fact) -> object:
    """The totals have the total amount with VAT (BT-112)."""
    return exists(totals.total_with_vat)


@rule("BR-15", TOTALS, at="amount_due")
def amount_due_is_there(totals: Fact) -> object:
    """The totals have the amount due for payment (BT-115)."""
    return exists(totals.amount_due)


@rule("BR-53", TOTALS, at="vat_totals")
def vat_is_there_in_the_accounting_currency(totals: Fact) -> object:
    """Where VAT is accounted for in another currency (BT-6), the total VAT is given in that currency too (BT-111)."""
    document = totals.document
    accounting = document.vat_accounting_currency_code
    if not exists(accounting):
        return True
    return any(each.currency == accounting for each in totals.vat_totals) and not equal(accounting, document.currency_code)


@rule("BR-CO-10", TOTALS, at="sum_of_line_net_amounts")
def sum_of_lines_adds_up(totals: Fact) -> object:
    """The sum of the lines' net amounts (BT-106) is what the lines (BT-131) add up to."""
    net_amounts = (line.net_amount_text for line in totals.document.lines)
    return decimal(totals.sum_of_line_net_amounts) == cents(Decimal(double_sum(each for each in net_amounts if exists(each))))


@rule("BR-CO-11", TOTALS, at="sum_of_allowances")
def sum_of_allowances_adds_up(totals: Fact) -> object:
    """The sum of the document's allowances (BT-107) is what they (BT-92) add up to."""
    return _adds_up(totals.sum_of_allowances_text, totals.document, charges=False)


@rule("BR-CO-12", TOTALS, at="sum_of_charges")
def sum_of_charges_adds_up(totals: Fact) -> object:
    """The sum of the document's charges (BT-108) is what they (BT-99) add up to."""
    return _adds_up(totals.sum_of_charges_text, totals.document, charges=True)


def _adds_up(total: Any, document: Fact, *, charges: bool) -> object:
    each = [found for found in document.allowances_and_charges if is_charge(found) is charges]
    if not each and not exists(total):
        return True
    return uncast(total) == _sum([found.amounts[0] for found in each if found.amounts])


def _sum(amounts: Sequence[Any]) -> Any:
    """The sum of uncast amounts, rounded to cents; an integer where there is none."""
    return cents(double_sum(amounts)) if amounts else 0


@rule("BR-CO-13", TOTALS, at="total_without_vat")
def total_without_vat_adds_up(totals: Fact) -> object:
    """The total without VAT (BT-109) is the sum of the lines (BT-106) less allowances (BT-107) plus charges (BT-108)."""
    allowances, charges = _or_zero(totals.sum_of_allowances), _or_zero(totals.sum_of_charges)
    return decimal(totals.total_without_vat) == cents(decimal(totals.sum_of_line_net_amounts) - allowances + charges)


@rule("BR-CO-14", VAT_TOTAL)
def vat_total_adds_up(total: Fact) -> object:
    """The total VAT (BT-110) is the sum of the VAT of each category (BT-117)."""
    return uncast(total.amount) == _sum(total.document.tax_amounts)


@rule("BR-CO-15", DOCUMENT)
def total_with_vat_adds_up(document: Fact) -> object:
    """The total with VAT (BT-112) is the total without VAT (BT-109) plus the VAT in the invoice's currency (BT-110)."""
    if not exists(document.currency_code):
        return True
    for totals in document.monetary_summation:
        with_vat, without_vat = decimal(totals.total_with_vat), decimal(totals.total_without_vat)
        vat = [each.amount for each in totals.vat_totals if each.currency == document.currency_code]
        return (len(vat) == 1 and with_vat == cents(without_vat + decimal(vat[0]))) or with_vat == without_vat
    return False


@rule("BR-CO-16", TOTALS, at="amount_due")
def amount_due_adds_up(totals: Fact) -> object:
    """The amount due (BT-115) is the total with VAT (BT-112) less what is paid (BT-113) plus rounding (BT-114)."""
    paid, rounding = _or_zero(totals.paid_amount), _or_zero(totals.rounding_amount)
    return decimal(totals.amount_due) == decimal(totals.total_with_vat) - paid + rounding


def _or_zero(amount: Any) -> Any:
    return decimal(amount) if exists(amount) else Decimal(0)


@rule("BR-DEC-13", TOTALS, at="vat_totals")
def vat_total_has_cents_at_most(totals: Fact) -> object:
    """The total VAT (BT-110) has two decimals at most."""
    currency = totals.document.currency_code
    return not totals.vat_totals or any(not equal(each.currency, currency) or _in_cents(each.amount) for each in totals.vat_totals)


@rule("BR-DEC-15", TOTALS, at="vat_totals")
def vat_total_in_accounting_currency_has_cents_at_most(totals: Fact) -> object:
    """The total VAT in accounting currency (BT-111) has two decimals at most."""
    accounting = totals.document.vat_accounting_currency_code
    if not totals.vat_totals or not exists(accounting):
        return True
    return any(each.currency == accounting and _in_cents(each.amount) for each in totals.vat_totals)


def _in_cents(amount: str) -> bool:
    return bool(uncast(amount) == rounded(double(amount) * 100) / 100)


def _decimals(number: str, slot: str, named: str) -> Rule:
    def has_cents_at_most(totals: Fact) -> object:
        return fraction_digits(getattr(totals, slot)) <= 2

    return Rule(f"BR-DEC-{number}", (TOTALS,), has_cents_at_most, f"The {named} has two decimals at most.", at=slot)


DECIMALS = (
    _decimals("09", "sum_of_line_net_amounts_text", "sum of the lines' net amounts (BT-106)"),
    _decimals("10", "sum_of_allowances_text", "sum of allowances (BT-107)"),
    _decimals("11", "sum_of_charges_text", "sum of charges (BT-108)"),
    _decimals("12", "total_without_vat_text", "total without VAT (BT-109)"),
    _decimals("14", "total_with_vat_text", "total with VAT (BT-112)"),
    _decimals("16", "paid_amount_text", "amount paid (BT-113)"),
    _decimals("17", "rounding_amount_text", "rounding amount (BT-114)"),
    _decimals("18", "amount_due_text", "amount due (BT-115)"),
)
