"""Prices that include VAT: the draft becomes one without VAT that adds up to the same promise, cent by cent.

Per VAT rate the promise (what the customer was told, VAT included) is divided by 1 + rate and rounded: that is the taxable amount,
and the VAT is what is left of the promise. Each line's share of the taxable amount is its own quotient, rounded up or down so that
the shares add up; `unit` then finds the net price whose product with the quantity rounds to that share.
Where rate × taxable amount rounds to the VAT that is left, the formulas of the norm hold exactly; where it cannot (at 19 % no
taxable amount leads to 0.03), the VAT is a cent off the formula, which BR-CO-17 allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from einvoice.calculation import amounts, lines, unit, vat
from einvoice.calculation.amounts import ALLOWANCES, CHARGES, LINE_ALLOWANCES, LINE_CHARGES, Kind
from einvoice.calculation.breakdown import Promise
from einvoice.calculation.sheet import ZERO, Sheet
from einvoice.calculation.vat import Bearing
from einvoice.errors import CalculationError
from einvoice.model import AllowanceCharge, DocumentAllowanceCharge, Invoice, Line, VATBreakdown

A = TypeVar("A", bound=AllowanceCharge)
Parts = dict[str, Any]
RULE = "prices include VAT"
NOTHING: Parts = {}


class Group:
    """What bears one VAT rate: the promise, the shares that lines have of it, and the net sum of document allowances and charges."""

    __slots__ = ("factor", "fixed", "promise", "shares")

    def __init__(self, borne: Bearing) -> None:
        self.factor = borne.factor
        self.promise = self.fixed = ZERO
        self.shares: list[Share] = []

    def level(self, sheet: Sheet) -> None:
        """Rounds some shares the other way, those nearest to it first, so that the sum is the promise without VAT."""
        missing = sheet.round(self.promise / self.factor) - self.fixed - sum((share.net for share in self.shares), ZERO)
        if not missing:
            return
        cent = sheet.cent.copy_sign(missing)
        able = [share for share in self.shares if share.can_take(cent)]
        able.sort(key=lambda share: abs(share.exact - share.net), reverse=True)
        for share in able[: int(missing / cent)]:
            share.net += cent


class Share:
    """What one line has of the promise and of the taxable amount: `exact` is the quotient, `net` its rounding.

    `price` and `product`, quantity × price, are with VAT; `extras`, charges less allowances, and `reduced`, these themselves, without.
    """

    __slots__ = ("exact", "extras", "factor", "line", "net", "path", "price", "product", "reduced")

    def __init__(self, line: Line, group: Group, path: str, sheet: Sheet) -> None:
        """Reads a line and adds its part to the promise; its allowances and charges become net each by itself."""
        self.line, self.path, self.factor = line, path, group.factor
        self.price = lines.unit_price(line.price, path, sheet)
        assert line.price is not None
        self.product = lines.quantity_of(line, path) * self.price / lines.base_quantity(line.price, path)
        self.reduced, extras, self.extras = _reduced(line, group.factor, path, sheet)
        gross = sheet.round(self.product + extras)
        self.exact = gross / group.factor if self.product else self.extras
        self.net = sheet.round(self.exact)
        group.promise += gross
        group.shares.append(self)

    def can_take(self, cent: Decimal) -> bool:
        """True where the net amount may be rounded the other way, and a price can follow it there that is not negative (BR-27)."""
        return bool(self.product) and (self.exact - self.net) * cent > 0 and (self.net + cent - self.extras) * self.product >= 0

    def finished(self, sheet: Sheet) -> Parts:
        """The line's price, allowances and charges without VAT."""
        price = self.line.price
        if self.factor == 1 or price is None:
            return self.reduced
        net = unit.fitting(self.price, self.factor, self.line, self.extras, self.net, sheet)
        sheet.step("BT-146", f"{self.path}.price.net", f"{self.price:f} ÷ {self.factor:f}", net, RULE)
        return self.reduced | {"price": unit.written(price, net, self.factor, sheet)}


class WithoutVAT(NamedTuple):
    """What a draft says without VAT: prices, allowances and charges of its lines by path, those of the document, and the promise."""

    lines: dict[str, Parts]
    allowances: tuple[DocumentAllowanceCharge, ...]
    charges: tuple[DocumentAllowanceCharge, ...]
    promise: Promise


def without_vat(draft: Invoice, sheet: Sheet) -> WithoutVAT:
    """Takes the VAT out of a draft.

    Raises CalculationError where a price or quantity is missing, or where a line within a line bears another VAT than the line.
    """
    groups: dict[Bearing, Group] = {}
    outer: dict[str, Parts] = {}
    shares = [share for number, line in enumerate(draft.lines) for share in _shares(line, None, f"lines[{number}]", sheet, groups, outer)]
    allowances = tuple(_document_level(draft.allowances, ALLOWANCES, groups, sheet))
    charges = tuple(_document_level(draft.charges, CHARGES, groups, sheet))
    for group in groups.values():
        group.level(sheet)
    known = outer | {share.path: share.finished(sheet) for share in shares}
    return WithoutVAT(known, allowances, charges, {borne: group.promise for borne, group in groups.items()})


def left_over(promise: Promise, rows: Iterable[VATBreakdown]) -> Decimal:
    """What the promise is above the taxable amounts and the VAT: nothing, unless the tolerance of BR-CO-17 did not suffice."""
    return sum(promise.values(), ZERO) - sum(((row.taxable_amount or ZERO) + (row.tax_amount or ZERO) for row in rows), ZERO)


def _shares(
    line: Line, around: Bearing | None, path: str, sheet: Sheet, groups: dict[Bearing, Group], outer: dict[str, Parts]
) -> Iterator[Share]:
    """The line's share, or those of the lines within it, which bear the VAT of the line around them and decide its amount."""
    borne = vat.of_line(line, path)
    if around is not None and borne != around:
        text = f"{path}.vat (BG-30) bears {borne}, the line around it {around}; where prices include VAT, state the same VAT in both"
        raise CalculationError(text, term="BG-30", path=f"{path}.vat")
    group = groups.get(borne) or groups.setdefault(borne, Group(borne))
    if not line.lines:
        yield Share(line, group, path, sheet)
        return
    outer[path] = _reduced(line, group.factor, path, sheet)[0] | {"price": unit.divided(line.price, group.factor, sheet)}
    for number, inner in enumerate(line.lines):
        yield from _shares(inner, borne, f"{path}.lines[{number}]", sheet, groups, outer)


def _document_level(
    items: tuple[DocumentAllowanceCharge, ...], kind: Kind, groups: dict[Bearing, Group], sheet: Sheet
) -> Iterator[DocumentAllowanceCharge]:
    """Document allowances or charges without VAT, each added to the group whose VAT it bears."""
    for number, item in enumerate(amounts.settled(items, kind, "", sheet)):
        path = f"{kind.field}[{number}]"
        borne = vat.bearing(item.vat_category_code, item.vat_rate, path, kind.vat)
        group = groups.get(borne) or groups.setdefault(borne, Group(borne))
        net = _net(item, kind, group.factor, path, sheet)
        group.promise += kind.sign * (item.amount or ZERO)
        group.fixed += kind.sign * (net.amount or ZERO)
        yield net


def _reduced(line: Line, factor: Decimal, path: str, sheet: Sheet) -> tuple[Parts, Decimal, Decimal]:
    """A line's allowances and charges without VAT, and charges less allowances with and without it."""
    if not (line.allowances or line.charges):
        return NOTHING, ZERO, ZERO
    parts: Parts = {}
    with_vat = without = ZERO
    for kind, stated in ((LINE_ALLOWANCES, line.allowances), (LINE_CHARGES, line.charges)):
        items = amounts.settled(stated, kind, f"{path}.", sheet)
        bare = tuple(_net(item, kind, factor, f"{path}.{kind.field}[{number}]", sheet) for number, item in enumerate(items))
        parts[kind.field] = bare
        with_vat += kind.sign * amounts.total(items)
        without += kind.sign * amounts.total(bare)
    return parts, with_vat, without


def _net(item: A, kind: Kind, factor: Decimal, path: str, sheet: Sheet) -> A:
    """An allowance or charge without VAT."""
    if factor == 1:
        return item
    assert item.amount is not None
    amount = sheet.step(kind.amount, f"{path}.amount", f"{item.amount:f} ÷ {factor:f}", sheet.round(item.amount / factor), RULE)
    base = None if item.base_amount is None else sheet.round(item.base_amount / factor)
    return item.model_copy(update={"amount": amount, "base_amount": base})
