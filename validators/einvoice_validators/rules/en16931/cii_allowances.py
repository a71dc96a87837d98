"""Rules of allowances and charges, of the document and of lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_model import ALLOWANCE, CHARGE, LINE_ALLOWANCE, LINE_CHARGE
from einvoice_validators.ruleset import Context, Rule
from einvoice_validators.xpath import exists, fraction_digits


class Kind(NamedTuple):
    """What one kind of allowance or charge is called, and the numbers of its rules and business terms."""

    context: Context
    name: str
    group: str
    amount: str
    base_amount: str
    amount_rule: str
    category_rule: str
    reason_rules: tuple[str, str]
    amount_digits_rule: str
    base_digits_rule: str


KINDS = (
    Kind(ALLOWANCE, "An allowance", "BG-20", "BT-92", "BT-93", "BR-31", "BR-32", ("BR-33", "BR-CO-21"), "BR-DEC-01", "BR-DEC-02"),
    Kind(CHARGE, "A charge", "BG-21", "BT-99", "BT-100", "BR-36", "BR-37", ("BR-38", "BR-CO-22"), "BR-DEC-05", "BR-DEC-06"),
    Kind(LINE_ALLOWANCE, "A line's allowance", "BG-27", "BT-136", "BT-137", "BR-41", "", ("BR-42", "BR-CO-23"), "BR-DEC-24", "BR-DEC-25"),
    Kind(LINE_CHARGE, "A line's charge", "BG-28", "BT-141", "BT-142", "BR-43", "", ("BR-44", "BR-CO-24"), "BR-DEC-27", "BR-DEC-28"),
)


def has_an_amount(each: Fact) -> object:
    """It has an amount."""
    return each.amounts


def has_a_vat_category(each: Fact) -> object:
    """It has a VAT category code."""
    return any(tax.tax_type == "VAT" and exists(tax.category_code) for tax in each.taxes)


def has_a_reason(each: Fact) -> object:
    """It has a reason, or the code of one."""
    return each.reason or each.reason_code


def amount_has_cents_at_most(each: Fact) -> object:
    """Its amount has two decimals at most."""
    return not each.amounts or fraction_digits(each.amounts[0]) <= 2


def base_amount_has_cents_at_most(each: Fact) -> object:
    """Its base amount has two decimals at most."""
    return fraction_digits(each.base_amount_text) <= 2


def _rules() -> Iterator[Rule]:
    for kind in KINDS:
        at, named = (kind.context,), f"{kind.name} ({kind.group})"
        yield Rule(kind.amount_rule, at, has_an_amount, f"{named} has an amount ({kind.amount}).", at="amounts")
        if kind.category_rule:
            yield Rule(kind.category_rule, at, has_a_vat_category, f"{named} has a VAT category code.", at="taxes")
        for each in kind.reason_rules:
            yield Rule(each, at, has_a_reason, f"{named} has a reason or the code of one.", at="reason")
        sentence = f"The amount of {named[0].lower()}{named[1:]} has two decimals at most ({kind.amount})."
        yield Rule(kind.amount_digits_rule, at, amount_has_cents_at_most, sentence, at="amounts")
        sentence = f"The base amount of {named[0].lower()}{named[1:]} has two decimals at most ({kind.base_amount})."
        yield Rule(kind.base_digits_rule, at, base_amount_has_cents_at_most, sentence, at="base_amount_text")


RULES = tuple(_rules())
