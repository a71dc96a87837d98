"""The lines of an invoice as a table, with what belongs to each below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

from einvoice.model import AllowanceCharge, Classification, Line
from einvoice.rendering.compose_pen import Pen
from einvoice.rendering.sheet import Column, Fact, Row, Table
from einvoice.rendering.values import MINUS, clean

REASONS = {"BG-27": "allowance", "BG-28": "charge"}
"""Which reason codes have their names in which list."""
FIGURES = {"quantity": "BT-129", "price": "BT-146", "vat": "BT-151", "net": "BT-131"}
"""The columns of figures, and what stands in them."""


def lines(given: Sequence[Line], pen: Pen) -> Table | None:
    """Every line with the lines within it; None where there is none."""
    if not given:
        return None
    word = pen.labels.word
    figures = (Column(word(name), number=True, term=term) for name, term in FIGURES.items())
    columns = (Column("#", term="BT-126"), Column(word("item"), term="BT-153"), *figures)
    sums = carried([line.net_amount for line in given])
    rows = [row for line, total in zip(given, sums, strict=True) for row in _rows(line, 0, pen.money(total), pen)]
    return Table(word("lines"), "BG-25", columns, tuple(rows), flexible=1)


def carried(amounts: Sequence[Decimal | None]) -> list[Decimal | None]:
    """What the amounts add up to so far, beside each; None everywhere where one is not stated."""
    if any(amount is None for amount in amounts):
        return [None] * len(amounts)
    return [*accumulate(amount for amount in amounts if amount is not None)]


def _rows(line: Line, depth: int, total: str, pen: Pen) -> Iterator[Row]:
    item = line.item
    texts = tuple(clean(text) for text in (item and item.description, line.note) if text)
    yield Row(_cells(line, pen), depth, texts, tuple(_details(line, pen)), total)
    for within in line.lines:
        yield from _rows(within, depth + 1, "", pen)


def _cells(line: Line, pen: Pen) -> tuple[str, ...]:
    vat = line.vat
    return (
        clean(line.identifier or ""),
        clean(line.item.name or "") if line.item else "",
        pen.quantity(line.quantity, line.unit_code),
        _price(line, pen),
        pen.vat(vat.category_code, vat.rate) if vat else "",
        pen.money(line.net_amount),
    )


def _price(line: Line, pen: Pen) -> str:
    """The net price, and what it is for where that is not one unit of the quantity."""
    price = line.price
    if price is None:
        return ""
    unit = price.base_quantity_unit_code
    for_one = price.base_quantity in {None, Decimal(1)} and unit in {None, line.unit_code}
    base = "" if for_one else pen.quantity(price.base_quantity, unit)
    return " / ".join(part for part in (pen.money(price.net), base) if part)


def _details(line: Line, pen: Pen) -> Iterator[Fact]:
    """Everything of a line that its row has no place for."""
    item, price = line.item, line.price
    for term, sign, changes in (("BG-27", MINUS, line.allowances), ("BG-28", "+", line.charges)):
        yield from (pen.fact(term, f"{sign} {pen.money(change.amount)} {reason(change, term, pen)}".rstrip()) for change in changes)
    yield from pen.facts(line, "identifier", "note", "quantity", "unit_code", "net_amount")
    if line.period:
        yield pen.fact("BG-26", pen.period(line.period))
    if price and price.gross is not None and (price.gross != price.net or price.discount):
        yield pen.fact("BT-148", pen.money(price.gross))
    if price and price.discount:
        yield pen.fact("BT-147", pen.money(price.discount))
    if item:
        yield from pen.facts(item, "name", "description")
        yield from (pen.fact("BT-158", _classified(row)) for row in item.classifications)
        yield from (Fact(clean(row.name or pen.labels.term("BG-32")), clean(row.value or ""), "BG-32") for row in item.attributes)


def _classified(row: Classification) -> str:
    return clean(" ".join(part for part in (row.code, row.scheme and f"({row.scheme})", row.version) if part))


def reason(change: AllowanceCharge, term: str, pen: Pen) -> str:
    """Why, and of what: `Volume discount (95), 5% of 255.00`."""
    share = "" if change.percentage is None else pen.values.percent(change.percentage)
    base = "" if change.base_amount is None else f"{pen.labels.word('of')} {pen.money(change.base_amount)}"
    parts = (why(change, REASONS[term], pen), " ".join(part for part in (share, base) if part))
    return ", ".join(part for part in parts if part)


def why(change: AllowanceCharge, codes: str, pen: Pen) -> str:
    """The reason of an allowance or charge with its code, or the code with its name."""
    if change.reason and change.reason_code:
        return clean(f"{change.reason} ({change.reason_code})")
    return clean(change.reason) if change.reason else pen.code(codes, change.reason_code)
