"""Rules of every VAT breakdown, whatever its category, and what they share with those of the categories: sums by category."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any, TypeAlias

from einvoice_validators.facts import Fact, derived
from einvoice_validators.rules.en16931.cii_model import BREAKDOWN, is_charge
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import cents, decimal, divide, exists, fraction_digits, normal, rounded

Key: TypeAlias = tuple[str, Decimal | None]  # a category, with a rate or whatever the rate


@rule("BR-45", BREAKDOWN, at="taxable_amount")
def taxable_amount_is_there(tax: Fact) -> object:
    """A VAT breakdown (BG-23) has a taxable amount (BT-116)."""
    return exists(tax.taxable_amount)


@rule("BR-46", BREAKDOWN, at="tax_amount")
def tax_amount_is_there(tax: Fact) -> object:
    """A VAT breakdown (BG-23) has a tax amount (BT-117)."""
    return exists(tax.tax_amount)


@rule("BR-47", BREAKDOWN, at="category_code")
def category_is_there(tax: Fact) -> object:
    """A VAT breakdown (BG-23) has a VAT category code (BT-118)."""
    return tax.tax_type == "VAT" and exists(tax.category_code)


@rule("BR-48", BREAKDOWN, at="rate")
def rate_is_there(tax: Fact) -> object:
    """A VAT breakdown (BG-23) has a rate (BT-119), unless it is not subject to VAT."""
    return tax.tax_type == "VAT" and (exists(tax.rate) or tax.category_code == "O")


@rule("BR-CO-03", BREAKDOWN)
def tax_point_is_a_date_or_a_code(tax: Fact) -> object:
    """The date when VAT becomes due is given as a date (BT-7) or as a code (BT-8), not as both."""
    return not (tax.document.has_tax_point_date and tax.document.has_tax_point_date_code)


@rule("BR-CO-17", BREAKDOWN, at="tax_amount")
def tax_amount_is_that_of_the_rate(tax: Fact) -> object:
    """The tax amount (BT-117) is the taxable amount (BT-116) times the rate (BT-119), give or take one."""
    rate = tax.rate if normal(tax.tax_type) == "VAT" and exists(tax.rate) else None
    amount = decimal(tax.tax_amount)
    if rate is None or rounded(rate) == 0:
        return rounded(amount) == 0
    due = cents(abs(decimal(tax.taxable_amount)) * divide(rate, Decimal(100)))
    return abs(amount) - 1 <= due <= abs(amount) + 1


@rule("BR-DEC-19", BREAKDOWN, at="taxable_amount_text")
def taxable_amount_has_cents_at_most(tax: Fact) -> object:
    """The taxable amount of a VAT breakdown (BT-116) has two decimals at most."""
    return fraction_digits(tax.taxable_amount_text) <= 2


@rule("BR-DEC-20", BREAKDOWN, at="tax_amount_text")
def tax_amount_has_cents_at_most(tax: Fact) -> object:
    """The tax amount of a VAT breakdown (BT-117) has two decimals at most."""
    return fraction_digits(tax.tax_amount_text) <= 2


class Counts:
    """How often each category stands in breakdowns, lines, and allowances and charges."""

    def __init__(self, document: Fact) -> None:
        self.breakdowns = Counter(document.breakdown_categories)
        self.lines = Counter(tax.category_code for line in document.lines for tax in line.taxes)
        self.allowances_and_charges = Counter(document.allowance_charge_categories)


counts = derived(Counts)


@derived
def _sums(document: Fact) -> tuple[dict[Key, Decimal], dict[Key, Decimal], dict[Key, Decimal]]:
    """What lines, charges and allowances add up to, by category, and by category and rate."""
    lines: dict[Key, Decimal] = defaultdict(Decimal)
    charges: dict[Key, Decimal] = defaultdict(Decimal)
    allowances: dict[Key, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        _add(lines, line.taxes, decimal(line.net_amount_text))
    for each in document.allowances_and_charges:
        if (charge := is_charge(each)) is not None and each.amounts:
            _add(charges if charge else allowances, each.taxes, decimal(each.amounts[0]))
    return lines, charges, allowances


def _add(sums: dict[Key, Decimal], taxes: Any, amount: Any) -> None:
    """Adds an amount under each category of its taxes, and under each of these with each rate of them."""
    if not exists(amount):
        return
    rates = {None, *(tax.rate for tax in taxes if exists(tax.rate))}
    for category in {tax.category_code for tax in taxes if exists(tax.category_code)}:
        for rate in rates:
            sums[category, rate] += amount


def taxed(document: Fact, category: str, rate: Decimal | None = None) -> Decimal:
    """The lines of a category, and of a rate where one is named, plus charges less allowances, each sum rounded to cents."""
    lines, charges, allowances = (cents(sums.get((category, rate), Decimal(0))) for sums in _sums(document))
    found: Decimal = lines + charges - allowances
    return found
