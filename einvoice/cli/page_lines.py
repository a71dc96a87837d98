"""The lines of an invoice as a table, with what belongs to each below it; allowances and charges as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einvoice.cli.labels import Labels, money, number, text
from einvoice.cli.layout import Column, indented, pairs, table, wrapped
from einvoice.model import AllowanceCharge, Classification, DocumentAllowanceCharge, Line

INDENT = 2


def line_table(lines: Sequence[Line], labels: Labels, width: int) -> list[str]:
    """A heading, and for each line its figures and its details; lines within a line are indented below it."""
    flat = [*_flat(lines, 0)]
    if not flat:
        return []
    word = labels.word
    columns = [Column("#"), Column(word("item")), *(Column(word(name), number=True) for name in ("quantity", "price", "vat", "net"))]
    head, *rows = table(columns, [_cells(line, depth, labels) for line, depth in flat], width, flexible=1)
    start = head[0].index(word("item"))
    made = [*head]
    for (line, depth), row in zip(flat, rows, strict=True):
        made += [*row, *indented(_details(line, labels, width - start - INDENT * (depth + 1)), start + INDENT * (depth + 1))]
    return made


def _flat(lines: Sequence[Line], depth: int) -> Iterator[tuple[Line, int]]:
    """Each line with how deep it lies, those within it after it."""
    for line in lines:
        yield line, depth
        yield from _flat(line.lines, depth + 1)


def _cells(line: Line, depth: int, labels: Labels) -> list[str]:
    price, vat = line.price, line.vat
    base = labels.quantity(price.base_quantity, price.base_quantity_unit_code) if price and price.base_quantity not in (None, 1) else ""
    rate = f"{vat.category_code or ''} {number(vat.rate)}{'%' if vat.rate is not None else ''}".strip() if vat else ""
    name = "\u00a0\u00a0" * depth + (line.item.name or "" if line.item else "")
    return [
        line.identifier or "",
        name,
        labels.quantity(line.quantity, line.unit_code),
        (money(price.net) if price else "") + (f" / {base}" if base else ""),
        rate,
        money(line.net_amount),
    ]


def _details(line: Line, labels: Labels, width: int) -> list[str]:
    """Everything of a line that its row has no place for."""
    item, price = line.item, line.price
    lines = [part for words in (item and item.description, line.note) if words for part in wrapped(words, width)]
    rows = labels.facts(line, "identifier", "note", "quantity", "unit_code", "net_amount")
    if line.period:
        rows.append((labels.term("BG-26"), f"{text(line.period.start_date or '')} – {text(line.period.end_date or '')}"))
    if price and price.gross is not None and (price.gross != price.net or price.discount):
        rows += [(labels.term("BT-148"), money(price.gross)), (labels.term("BT-147"), money(price.discount))]
    if item:
        rows += labels.facts(item, "name", "description")
        rows += [(labels.term("BT-158"), _classified(row)) for row in item.classifications]
        rows += [(text(row.name or ""), text(row.value or "")) for row in item.attributes]
    changes = [*allowances(line.allowances, "−", labels, width), *allowances(line.charges, "+", labels, width)]
    return [*lines, *changes, *pairs(rows, width)]


def _classified(row: Classification) -> str:
    return " ".join(part for part in (row.code, row.scheme and f"({row.scheme})", row.version) if part)


def allowances(rows: Sequence[AllowanceCharge], sign: str, labels: Labels, width: int) -> list[str]:
    """Allowances (−) or charges (+), one a row: the amount, what it is part of, why, and its VAT."""
    column = max((len(money(row.amount)) for row in rows), default=0)
    made = []
    for row in rows:
        amount = f"{sign} {money(row.amount):>{column}}  "
        first, *rest = wrapped(_reason(row, labels), width - len(amount)) or [""]
        made += [(amount + first).rstrip(), *indented(rest, len(amount))]
    return made


def _reason(row: AllowanceCharge, labels: Labels) -> str:
    """Why, of what, at which VAT."""
    code = f"({row.reason_code})" if row.reason_code else ""
    share = f"{number(row.percentage)} %" if row.percentage is not None else ""
    base = f"{labels.word('of')} {money(row.base_amount)}" if row.base_amount is not None else ""
    parts = [" ".join(part for part in (row.reason, code) if part), " ".join(part for part in (share, base) if part)]
    if isinstance(row, DocumentAllowanceCharge) and row.vat_category_code:
        rate = f" {number(row.vat_rate)} %" if row.vat_rate is not None else ""
        parts.append(f"{labels.word('vat')} {row.vat_category_code}{rate}")
    return ", ".join(part for part in parts if part)
