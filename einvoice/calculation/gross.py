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
from einvoice.calculation.lines import Extras
from einvoice.calculation.sheet import ZERO, Sheet
from einvoice.calculation.vat import Bearing
from einvoice.errors import CalculationError
from einvoice.model import AllowanceCharge, DocumentAllowanceCharge, Invoice, Line, VATBreakdown

A = TypeVar("A", bound=AllowanceCharge)
RULE = "prices include VAT"


class Share:
    """What one line has of the promise (`gross`), and of the taxable amount: `exact` is the quotient, `net` its rounding.

    `product` is quantity × price with VAT, `extras` charges less allowances without it.
    """

    __slots__ = ("exact", "extras", "gross", "line", "net", "net_extras", "path", "price", "product", "vat")

    def __init__(self, line: Line, borne: Bearing, path: str, sheet: Sheet) -> None:
        """Reads a line; its allowances and charges become net each by itself."""
        self.vat, self.path = borne, path
        self.price = lines.unit_price(line.price, path, sheet)
        allowances = amounts.settled(line.allowances, LINE_ALLOWANCES, f"{path}.", sheet)
        charges = amounts.settled(line.charges, LINE_CHARGES, f"{path}.", sheet)
        assert line.price is not None
        self.product = lines.quantity_of(line, path) * self.price / lines.base_quantity(line.price, path)
        self.gross = sheet.round(self.product - amounts.total(allowances) + amounts.total(charges))
        self.line = line
        self.net_extras = _reduced(allowances, charges, borne, f"{path}.", sheet)
        self.extras = amounts.total(self.net_extras["charges"]) - amounts.total(self.net_extras["allowances"])
        self.exact = self.gross / borne.factor if self.product else self.extras
        self.net = sheet.round(self.exact)

    def can_take(self, cent: Decimal) -> bool:
        """True where the net amount may be rounded the other way, and a price can follow it there that is not negative (BR-27)."""
        return bool(self.product) and (self.exact - self.net) * cent > 0 and (self.net + cent - self.extras) * self.product >= 0

    def finished(self, sheet: Sheet) -> dict[str, Any]:
        """The line's price, allowances and charges without VAT."""
        price, factor = self.line.price, self.vat.factor
        if factor == 1 or price is None:
            return self.net_extras
        net = unit.fitting(self.price, factor, self.line, self.extras, self.net, sheet)
        sheet.step("BT-146", f"{self.path}.price.net", f"{self.price:f} ÷ {factor:f}", net, RULE)
        return {**self.net_extras, "price": unit.written(price, net, factor, sheet)}


class Group:
    """The shares of one VAT rate; `fixed` is the net sum of document allowances and charges."""

    __slots__ = ("fixed", "gross", "shares")

    def __init__(self) -> None:
        self.gross = self.fixed = ZERO
        self.shares: list[Share] = []

    def add(self, share: Share) -> None:
        """Takes a line in."""
        self.shares.append(share)
        self.gross += share.gross

    def level(self, factor: Decimal, sheet: Sheet) -> None:
        """Rounds some shares the other way, those nearest to it first, so that the sum is the promise without VAT."""
        missing = sheet.round(self.gross / factor) - self.fixed - sum((share.net for share in self.shares), ZERO)
        if not missing:
            return
        cent = sheet.cent.copy_sign(missing)
        able = [share for share in self.shares if share.can_take(cent)]
        able.sort(key=lambda share: abs(share.exact - share.net), reverse=True)
        for share in able[: int(missing / cent)]:
            share.net += cent


class WithoutVAT(NamedTuple):
    """What a draft says without VAT: prices, allowances and charges of its lines by path, those of the document, and the promise."""

    lines: dict[str, dict[str, Any]]
    allowances: tuple[DocumentAllowanceCharge, ...]
    charges: tuple[DocumentAllowanceCharge, ...]
    promise: Promise


def without_vat(draft: Invoice, sheet: Sheet) -> WithoutVAT:
    """Takes the VAT out of a draft.

    Raises CalculationError where a price or quantity is missing, or where a line within a line bears another VAT than the line.
    """
    groups: dict[Bearing, Group] = {}
    known: dict[str, dict[str, Any]] = {}
    shares = [share for number, line in enumerate(draft.lines) for share in _shares(line, None, f"lines[{number}]", sheet, known)]
    for share in shares:
        groups.setdefault(share.vat, Group()).add(share)
    allowances = tuple(_document_level(draft.allowances, ALLOWANCES, groups, sheet))
    charges = tuple(_document_level(draft.charges, CHARGES, groups, sheet))
    for borne, group in groups.items():
        group.level(borne.factor, sheet)
    known |= {share.path: share.finished(sheet) for share in shares}
    return WithoutVAT(known, allowances, charges, {borne: group.gross for borne, group in groups.items()})


def left_over(promise: Promise, rows: Iterable[VATBreakdown]) -> Decimal:
    """What the promise is above the taxable amounts and the VAT: nothing, unless the tolerance of BR-CO-17 did not suffice."""
    return sum(promise.values(), ZERO) - sum(((row.taxable_amount or ZERO) + (row.tax_amount or ZERO) for row in rows), ZERO)


def _shares(line: Line, outer: Bearing | None, path: str, sheet: Sheet, known: dict[str, dict[str, Any]]) -> Iterator[Share]:
    """The line's share, or those of the lines within it, which bear the VAT of the outermost line and decide its amount."""
    borne = vat.of_line(line, path)
    if outer is not None and borne != outer:
        text = f"{path}.vat (BG-30) bears {borne}, the line around it {outer}; where prices include VAT, state the same VAT in both"
        raise CalculationError(text, term="BG-30", path=f"{path}.vat")
    if not line.lines:
        yield Share(line, borne, path, sheet)
        return
    allowances = amounts.settled(line.allowances, LINE_ALLOWANCES, f"{path}.", sheet)
    charges = amounts.settled(line.charges, LINE_CHARGES, f"{path}.", sheet)
    known[path] = {**_reduced(allowances, charges, borne, f"{path}.", sheet), "price": unit.divided(line.price, borne.factor, sheet)}
    for number, inner in enumerate(line.lines):
        yield from _shares(inner, borne, f"{path}.lines[{number}]", sheet, known)


def _document_level(
    items: tuple[DocumentAllowanceCharge, ...], kind: Kind, groups: dict[Bearing, Group], sheet: Sheet
) -> Iterator[DocumentAllowanceCharge]:
    """Document allowances or charges without VAT, each added to the group whose VAT it bears."""
    for number, item in enumerate(amounts.settled(items, kind, "", sheet)):
        path = f"{kind.field}[{number}]"
        borne = vat.bearing(item.vat_category_code, item.vat_rate, path, kind.vat)
        net = _net(item, kind, borne, path, sheet) if borne.rate else item
        group = groups.setdefault(borne, Group())
        group.gross += kind.sign * (item.amount or ZERO)
        group.fixed += kind.sign * (net.amount or ZERO)
        yield net


def _reduced(allowances: Extras, charges: Extras, borne: Bearing, path: str, sheet: Sheet) -> dict[str, Extras]:
    """A line's allowances and charges without VAT; `path` is the line's."""
    if not borne.rate or not (allowances or charges):
        return {"allowances": allowances, "charges": charges}
    both = ((LINE_ALLOWANCES, allowances), (LINE_CHARGES, charges))
    return {
        kind.field: tuple(_net(item, kind, borne, f"{path}{kind.field}[{number}]", sheet) for number, item in enumerate(items))
        for kind, items in both
    }


def _net(item: A, kind: Kind, borne: Bearing, path: str, sheet: Sheet) -> A:
    assert item.amount is not None
    amount = sheet.step(kind.amount, f"{path}.amount", f"{item.amount:f} ÷ {borne.factor:f}", sheet.round(item.amount / borne.factor), RULE)
    base = None if item.base_amount is None else sheet.round(item.base_amount / borne.factor)
    return item.model_copy(update={"amount": amount, "base_amount": base})
