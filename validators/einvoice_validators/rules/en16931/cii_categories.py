"""Rules of the VAT categories: nine families of about ten rules, made from a table of how the categories differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from einvoice_validators.facts import Fact, derived
from einvoice_validators.rules.en16931.cii_model import (
    ALLOWANCE_TAX_OF,
    BREAKDOWN_OF,
    CHARGE_TAX_OF,
    DOCUMENT,
    LINE_TAX_OF,
)
from einvoice_validators.rules.en16931.cii_vat import counts, taxed
from einvoice_validators.ruleset import Context, Rule, rule
from einvoice_validators.xpath import Aborted, decimal, exists, rounded, uncast

Holds = Callable[[Fact], object]


# Who must be registered for VAT


def _seller_is_registered(tax: Fact) -> object:
    return _seller_has_a_vat_identifier(tax) or "FC" in tax.document.seller_tax_schemes


def _seller_has_a_vat_identifier(tax: Fact) -> object:
    return "VA" in tax.document.seller_tax_schemes or "VA" in tax.document.representative_tax_schemes


def _both_are_registered(tax: Fact) -> object:
    document = tax.document
    return _seller_is_registered(tax) and ("VA" in document.buyer_tax_schemes or document.buyer_has_legal_registration)


def _both_have_vat_identifiers(tax: Fact) -> object:
    return _seller_has_a_vat_identifier(tax) and "VA" in tax.document.buyer_tax_schemes


def _nobody_has_a_vat_identifier(tax: Fact) -> object:
    return not _seller_has_a_vat_identifier(tax) and "VA" not in tax.document.buyer_tax_schemes


# What the rate must be


def _rate_is_zero(tax: Fact) -> object:
    return tax.uncast_rate == 0


def _rate_is_positive(tax: Fact) -> object:
    return tax.uncast_rate > 0


def _rate_is_not_negative(tax: Fact) -> object:
    return tax.uncast_rate >= 0


def _has_no_rate(tax: Fact) -> object:
    return not exists(tax.rate)


# What the breakdown must say of exemption, and of the tax amount


def _has_a_reason(tax: Fact) -> object:
    return tax.exemption_reason or tax.exemption_reason_code


def _has_no_reason(tax: Fact) -> object:
    return not tax.exemption_reason and not tax.exemption_reason_code


def _tax_amount_is_zero(tax: Fact) -> object:
    return uncast(tax.tax_amount_text) == 0


def _tax_amount_is_that_of_the_rate(tax: Fact) -> object:
    """In doubles, as the official rule does not cast the rate."""
    amount, rate = abs(decimal(tax.tax_amount)), tax.rate
    if not exists(rate) or not exists(amount) or not exists(tax.taxable_amount):
        return False
    due = rounded(float(abs(decimal(tax.taxable_amount))) * float(rate)) / 100
    return float(amount - 1) < due < float(amount + 1)


# What the taxable amount must be


def _equals_what_is_taxed(code: str) -> Holds:
    return lambda tax: _is(tax, taxed(tax.document, code))


def _equals_what_is_taxed_at_the_rate(code: str) -> Holds:
    return lambda tax: not exists(tax.rate) or _is(tax, taxed(tax.document, code, tax.rate))


def _is(tax: Fact, amount: Decimal) -> object:
    return uncast(tax.taxable_amount_text) == amount


def _is_about_what_is_taxed(code: str) -> Holds:
    """Less than one away, in doubles."""

    def holds(tax: Fact) -> object:
        amount = decimal(tax.taxable_amount)
        due = float(taxed(tax.document, code))
        return exists(amount) and float(amount) - 1 < due < float(amount) + 1

    return holds


@derived
def _without_indicator(document: Fact) -> set[str]:
    """The categories of allowances and charges that do not say which of both they are."""
    return {tax.category_code for each in document.allowances_and_charges if not exists(each.indicator) for tax in each.taxes}


def _with_known_indicators(inner: Callable[[str], Holds]) -> Callable[[str], Holds]:
    """The same where the official rule casts the indicator of each allowance and charge of the category, so that none may lack it."""

    def made(code: str) -> Holds:
        holds = inner(code)

        def checked(tax: Fact) -> object:
            if code in _without_indicator(tax.document):
                raise Aborted("an allowance or charge has no indicator")
            return holds(tax)

        return checked

    return made


# How often a category may stand in breakdowns


def _is_broken_down(code: str) -> Holds:
    def holds(document: Fact) -> object:
        found = counts(document)
        breakdowns, lines, others = found.breakdowns[code], found.lines[code], found.allowances_and_charges[code]
        return (not lines or lines + breakdowns >= 2) and (not others or others + breakdowns >= 2)

    return holds


def _is_broken_down_once(code: str) -> Holds:
    def holds(document: Fact) -> object:
        found = counts(document)
        used = found.lines[code] or found.allowances_and_charges[code]
        return found.breakdowns[code] == 1 if used else not found.breakdowns[code]

    return holds


def _is_broken_down_once_if_at_all(code: str) -> Holds:
    return lambda document: not counts(document).breakdowns[code] or _is_broken_down_once(code)(document)


class Category(NamedTuple):
    """How a category differs: each member makes the rules that its number names, with what they say."""

    code: str
    ids: str
    name: str
    parties: Holds  # 02, 03, 04
    says_parties: str
    rate: Holds  # 05, 06, 07
    says_rate: str
    reason: Holds  # 10
    once: Callable[[str], Holds] = _is_broken_down_once  # 01
    says_once: str = "exactly one"
    taxable: Callable[[str], Holds] | None = _is_about_what_is_taxed  # 08
    tax: Holds | None = _tax_amount_is_zero  # 09


BUYER_REGISTERED = "the buyer a VAT identifier (BT-48) or legal registration (BT-47)"
REGISTERED = "the seller has a VAT identifier (BT-31) or tax registration (BT-32), or a tax representative with a VAT identifier (BT-63)"
IDENTIFIED = "the seller (BT-31) or its tax representative (BT-63) has a VAT identifier"
BUYER_TOO = "so has the buyer (BT-48)"
ZERO, POSITIVE = "is 0", "is more than 0"

TABLE = (
    Category(
        "S", "S", "standard rate", _seller_is_registered, REGISTERED, _rate_is_positive, POSITIVE, _has_no_reason,
        _is_broken_down, "at least one", _equals_what_is_taxed_at_the_rate, _tax_amount_is_that_of_the_rate,
    ),
    Category(
        "Z", "Z", "zero rate", _seller_is_registered, REGISTERED, _rate_is_zero, ZERO, _has_no_reason,
        taxable=_with_known_indicators(_is_about_what_is_taxed),
    ),
    Category("E", "E", "exempt", _seller_is_registered, REGISTERED, _rate_is_zero, ZERO, _has_a_reason),
    Category(
        "AE", "AE", "reverse charge", _both_are_registered, f"{REGISTERED}, and {BUYER_REGISTERED}",
        _rate_is_zero, ZERO, _has_a_reason,
    ),
    Category(
        "K", "IC", "intra-community supply", _both_have_vat_identifiers, f"{IDENTIFIED}, and {BUYER_TOO}",
        _rate_is_zero, ZERO, _has_a_reason,
    ),
    Category("G", "G", "export outside the EU", _seller_has_a_vat_identifier, IDENTIFIED, _rate_is_zero, ZERO, _has_a_reason),
    Category(
        "O", "O", "not subject to VAT", _nobody_has_a_vat_identifier,
        "neither seller (BT-31), tax representative (BT-63) nor buyer (BT-48) has a VAT identifier",
        _has_no_rate, "is not there", _has_a_reason, _is_broken_down_once_if_at_all, "at most one",
        _with_known_indicators(_equals_what_is_taxed),
    ),
    Category(
        "L", "AF", "IGIC, Canary Islands", _seller_is_registered, REGISTERED, _rate_is_positive, POSITIVE, _has_no_reason,
        _is_broken_down, "at least one", None, None,
    ),
    Category(
        "M", "AG", "IPSI, Ceuta and Melilla", _seller_is_registered, REGISTERED, _rate_is_not_negative, "is not negative", _has_no_reason,
        _is_broken_down, "at least one", None, None,
    ),
)  # fmt: skip


def _rules(of: Category) -> Iterator[Rule]:
    named = f"VAT category {of.code} ({of.name})"
    text = f"Where {named} is used, {of.says_once} VAT breakdown (BG-23) is of it."
    yield Rule(f"BR-{of.ids}-01", (DOCUMENT,), of.once(of.code), text, at="category_codes")
    wheres: tuple[tuple[Context, str, str], ...] = (
        (LINE_TAX_OF[of.code], "a line", "BT-152"),
        (ALLOWANCE_TAX_OF[of.code], "an allowance", "BT-96"),
        (CHARGE_TAX_OF[of.code], "a charge", "BT-103"),
    )
    for number, (context, where, rate) in enumerate(wheres, 2):
        yield Rule(f"BR-{of.ids}-{number:02}", (context,), of.parties, f"With {named} in {where}, {of.says_parties}.")
        text = f"With {named} in {where}, the VAT rate ({rate}) {of.says_rate}."
        yield Rule(f"BR-{of.ids}-{number + 3:02}", (context,), of.rate, text, at="rate")
    yield from _breakdown_rules(of, named)


def _breakdown_rules(of: Category, named: str) -> Iterator[Rule]:
    at = (BREAKDOWN_OF[of.code],)
    if of.taxable is not None:
        text = f"With {named}, the taxable amount (BT-116) is what lines and charges less allowances of it add up to."
        yield Rule(f"BR-{of.ids}-08", at, of.taxable(of.code), text, at="taxable_amount")
    if of.tax is not None:
        what = ZERO if of.tax is _tax_amount_is_zero else "is the taxable amount (BT-116) times the rate (BT-119), less than one away"
        yield Rule(f"BR-{of.ids}-09", at, of.tax, f"With {named}, the tax amount (BT-117) {what}.", at="tax_amount")
    what = "there is a reason for exemption" if of.reason is _has_a_reason else "there is no reason for exemption"
    yield Rule(f"BR-{of.ids}-10", at, of.reason, f"With {named}, {what} (BT-120, BT-121).", at="exemption_reason")


FAMILIES = tuple(made for category in TABLE for made in _rules(category))


@rule("BR-IC-11", BREAKDOWN_OF["K"])
def intra_community_supply_has_a_date(tax: Fact) -> object:
    """An intra-community supply has a delivery date (BT-72) or an invoicing period (BG-14)."""
    return tax.document.has_delivery_date or tax.document.has_period_date


@rule("BR-IC-12", BREAKDOWN_OF["K"])
def intra_community_supply_has_a_country(tax: Fact) -> object:
    """An intra-community supply names the country of delivery (BT-80)."""
    return tax.document.has_delivery_country


def _other_breakdowns_or_lines(tax: Fact) -> object:
    return not tax.document.tax_category_codes - {"O"}


def _other_allowances_or_charges(tax: Fact) -> object:
    return all(code == "O" for code in tax.document.allowance_charge_categories)


NOT_SUBJECT = tuple(
    Rule(f"BR-O-{number}", (BREAKDOWN_OF["O"],), holds, f"Where an invoice is not subject to VAT (category O), {what} of another category.")
    for number, holds, what in (
        (11, _other_breakdowns_or_lines, "no VAT breakdown (BG-23) is"),
        (12, _other_breakdowns_or_lines, "no line (BG-25) is"),
        (13, _other_allowances_or_charges, "no allowance (BG-20) is"),
        (14, _other_allowances_or_charges, "no charge (BG-21) is"),
    )
)
