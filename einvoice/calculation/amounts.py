"""Allowances and charges: an amount that is stated, or a percentage of a base (BG-20, BG-21, BG-27, BG-28)."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, TypeVar

from einvoice.calculation import vat
from einvoice.calculation.sheet import ZERO, Sheet, missing
from einvoice.calculation.vat import Bearing, VATTerms
from einvoice.model import AllowanceCharge, DocumentAllowanceCharge

A = TypeVar("A", bound=AllowanceCharge)
RULE = "PEPPOL-EN16931-R040"


class Kind(NamedTuple):
    """One of the four places of allowances and charges: its field, its terms, and what it does to a sum."""

    field: str
    amount: str
    base: str
    percentage: str
    sign: int
    vat: VATTerms


LINE_ALLOWANCES = Kind("allowances", "BT-136", "BT-137", "BT-138", -1, vat.LINE)
LINE_CHARGES = Kind("charges", "BT-141", "BT-142", "BT-143", 1, vat.LINE)
ALLOWANCES = Kind("allowances", "BT-92", "BT-93", "BT-94", -1, vat.ALLOWANCE)
CHARGES = Kind("charges", "BT-99", "BT-100", "BT-101", 1, vat.CHARGE)


def settled(items: tuple[A, ...], kind: Kind, path: str, sheet: Sheet) -> tuple[A, ...]:
    """The allowances or charges with their amounts."""
    return tuple(_settled(item, kind, f"{path}{kind.field}[{number}]", sheet) for number, item in enumerate(items))


def _settled(item: A, kind: Kind, path: str, sheet: Sheet) -> A:
    amount = _amount(item, kind, path, sheet)
    base = None if item.base_amount is None else sheet.stated(item.base_amount, kind.base, f"{path}.base_amount")
    if amount is item.amount and base is item.base_amount:
        return item
    return item.model_copy(update={"amount": amount, "base_amount": base})


def _amount(item: AllowanceCharge, kind: Kind, path: str, sheet: Sheet) -> Decimal:
    """The stated amount, verified against base × percentage where both are known; else that product."""
    base, percentage = item.base_amount, item.percentage
    place = f"{path}.amount"
    if base is not None and percentage is not None:
        exact = base * percentage / 100
        formula = f"{base:f} × {percentage:f} %"
        return sheet.settle(kind.amount, place, item.amount, exact, formula, RULE, slack=sheet.rounding.allowance)
    if item.amount is not None:
        return sheet.stated(item.amount, kind.amount, place)
    if percentage is not None:
        raise missing(f"{path}.base_amount", kind.base, "state what the percentage is taken of, or the amount itself")
    raise missing(place, kind.amount, "state the amount, or a base amount and a percentage")


Items = tuple[DocumentAllowanceCharge, ...]


def taxed(items: Items, kind: Kind, sheet: Sheet) -> tuple[Items, list[Bearing]]:
    """Document allowances or charges with amounts and rates, and the VAT that each of them bears."""
    bearings: list[Bearing] = []
    finished: list[DocumentAllowanceCharge] = []
    for number, item in enumerate(settled(items, kind, "", sheet)):
        path = f"{kind.field}[{number}]"
        borne = vat.bearing(item.vat_category_code, item.vat_rate, path, kind.vat)
        rate = vat.written_rate(borne, item.vat_rate, path, kind.vat, sheet)
        bearings.append(borne)
        finished.append(item if rate is item.vat_rate else item.model_copy(update={"vat_rate": rate}))
    return tuple(finished), bearings


def total(items: tuple[A, ...]) -> Decimal:
    """The sum of the amounts."""
    return sum((item.amount for item in items if item.amount is not None), ZERO)
