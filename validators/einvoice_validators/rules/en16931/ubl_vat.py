"""The rules of the nine VAT categories, ten for each, made of one template and a table that says in what the categories differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from einvoice_validators.rules.en16931 import ubl_vat_amounts as amounts
from einvoice_validators.rules.en16931 import ubl_vat_use_tests as needs
from einvoice_validators.rules.en16931.ubl_model import CATEGORIES, INVOICE
from einvoice_validators.ruleset import Context, Rule


class Category(NamedTuple):
    """A VAT category: the letters of its rules, its code, its name, and in what its rules differ."""

    letters: str
    code: str
    name: str
    by_rate: bool  # one part of the breakdown for each rate, with a tax; else one part, without tax
    exempt: bool  # the breakdown gives a reason for the exemption; else it must not
    seller: str = "a VAT identifier (BT-31), a tax registration identifier (BT-32) or a tax representative (BT-63)"
    buyer: str = ""


_SELLER_VAT = "a VAT identifier (BT-31) or a tax representative (BT-63)"
ALL = (
    Category("S", "S", "Standard rate", True, False),
    Category("Z", "Z", "Zero rated", False, False),
    Category("E", "E", "Exempt", False, True),
    Category("AE", "AE", "Reverse charge", False, True, buyer="a VAT identifier (BT-48) or a legal registration identifier (BT-47)"),
    Category("IC", "K", "Intra-community supply", False, True, _SELLER_VAT, "a VAT identifier (BT-48)"),
    Category("G", "G", "Export", False, True, _SELLER_VAT),
    Category("O", "O", "Not subject to VAT", False, True, ""),
    Category("AF", "L", "Canary Islands tax (IGIC)", True, False),
    Category("AG", "M", "Tax of Ceuta and Melilla (IPSI)", True, False),
)

RATES: dict[str, tuple[needs.Test, str]] = {
    "S": (amounts.rate_is_positive, "above 0"),
    "L": (amounts.rate_is_not_negative, "0 or more"),
    "M": (amounts.rate_is_not_negative, "0 or more"),
    "O": (amounts.rate_is_absent, "left out"),
}


def _named_parties(category: Category) -> str:
    if not category.seller:
        return "neither seller (BT-31), tax representative (BT-63) nor buyer (BT-48) has a VAT identifier"
    return f"the seller has {category.seller}" + (f", and the buyer {category.buyer}" if category.buyer else "")


def _standing(category: Category) -> needs.Test:
    if category.code == "S":
        return needs.standard_rate_stands
    return needs.stands_where_used(category.code) if category.by_rate else needs.stands_once(category.code)


def _used(category: Category) -> Iterator[Rule]:
    """Rules 01 to 04: what the document needs where the category is used."""
    code, begin = category.code, f"BR-{category.letters}"
    once = "stands in the VAT breakdown (BT-118) just where" if category.by_rate else "stands once in the VAT breakdown (BT-118) where"
    parties, named = needs.PARTIES.get(code, needs.seller_is_registered), _named_parties(category)
    items = needs.standard_items_have_parties if code == "S" else needs.wants_parties(needs.used_on_items(code), parties)
    allowances = needs.wants_parties(needs.used_on_allowances(code), parties)
    charges = needs.wants_parties(needs.used_on_charges(code), parties)
    yield Rule(f"{begin}-01", (INVOICE,), _standing(category), f"{category.name} ({code}) {once} it is used.")
    yield Rule(f"{begin}-02", (INVOICE,), items, f"Where a line is {category.name} ({code}, BT-151), {named}.")
    yield Rule(f"{begin}-03", (INVOICE,), allowances, f"Where an allowance is {category.name} ({code}, BT-95), {named}.")
    yield Rule(f"{begin}-04", (INVOICE,), charges, f"Where a charge is {category.name} ({code}, BT-102), {named}.")


def _stated(category: Category) -> Iterator[Rule]:
    """Rules 05 to 10: what stands beside the category itself."""
    code, begin, contexts = category.code, f"BR-{category.letters}", CATEGORIES[category.code]
    rate, said = RATES.get(code, (amounts.rate_is_zero, "0"))
    places: tuple[tuple[str, Context, str], ...] = (
        ("05", contexts.item, "a line (BT-152)"),
        ("06", contexts.allowance, "an allowance (BT-96)"),
        ("07", contexts.charge, "a charge (BT-103)"),
    )
    for number, context, what in places:
        yield Rule(f"{begin}-{number}", (context,), rate, f"The VAT rate of {what} that is {category.name} ({code}) is {said}.", at="rate")
    for number, (holds, text) in zip(("08", "09", "10"), _of_breakdown(category), strict=True):
        yield Rule(f"{begin}-{number}", (contexts.breakdown,), holds, text)


def _of_breakdown(category: Category) -> tuple[tuple[needs.Test, str], ...]:
    code, named = category.code, f"{category.name} ({category.code})"
    taxable, tax = f"The taxable amount (BT-116) of {named} is", f"The tax (BT-117) of {named} is"
    reason = "reason for exemption in the VAT breakdown (BT-120, BT-121)"
    reasons: tuple[needs.Test, str] = (
        (amounts.has_reason, f"{named} has a {reason}.") if category.exempt else (amounts.has_no_reason, f"{named} has no {reason}.")
    )
    if not category.by_rate:
        exact = f"{taxable} the sum of its lines and charges less its allowances."
        return (amounts.sum_is_exact(code), exact), (amounts.tax_is_zero, f"{tax} 0."), reasons
    near = amounts.standard_sum_is_near if code == "S" else amounts.sum_is_near(code)
    within = f"{taxable} the sum of its lines and charges less its allowances at that rate, within one."
    return (near, within), (amounts.own_tax_is_near, f"{tax} the taxable amount times the rate, within one."), reasons


RULES = [rule for category in ALL for rule in (*_used(category), *_stated(category))]
