"""The columns of a table made ready for a page: figures taken apart by their decimals, and how wide everything is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from einvoice.rendering.metrics import Metrics

POINTS = {"en": "."}
"""The mark before decimals; a comma in all other languages."""
LONG = 80
"""How much of a text counts for the width of its column."""
TALL = 28
"""How many lines of large type a page has room for at least."""
MANY = 10**6
UNITS = 12
"""As many different words behind the figures of a column stand below each other; more than that follow their figures."""
DEEPER = 1.2
"""How far a line within another stands in."""
APART = 1.5
"""How far apart the facts below a row stand."""

_NUMBER = re.compile("[\u2212+-]?[0-9](?:[0-9.,\u202f]*[0-9])?")


def arranged(table: dict[str, Any], language: str, font: Metrics) -> dict[str, Any]:
    """The shape of a table that says how wide everything is, in units of the size of its type.

    A figure is a text, or {written, gap, tail, rest, below} where something has to stand after it so that figures are below each other:
    `gap` is the room that its missing decimals leave, `tail` what stands behind it, such as a unit, `rest` the room that a wider tail
    would take, `below` what it is for (`/ 100 pcs`). A column gets `wide`, and `head` for its heading. A row gets `line` and `details`,
    how wide its longest text and its longest line below are, very wide where that is more than a line; `two`, whether a figure has a
    text below; `tall`, whether it may need more than a page.
    """
    columns, cells = [], []
    for at, column in enumerate(table["columns"]):
        given = [row["cells"][at] for row in table["rows"]]
        bold = table["term"] == "BG-25" and at == table["flexible"]  # the names of the lines
        wide, made = _figures(given, POINTS.get(language, ","), font) if column["number"] else (_widest(given, font, bold=bold), given)
        columns.append({**column, "wide": wide, "head": font.width(column["heading"], bold=True)})
        cells.append(made)
    rows = [_row(row, made, font) for row, made in zip(table["rows"], zip(*cells, strict=True), strict=True)]
    return {**table, "columns": columns, "rows": rows}


def _row(row: dict[str, Any], cells: Sequence[str | dict[str, Any]], font: Metrics) -> dict[str, Any]:
    two = any(cell["below"] for cell in cells if isinstance(cell, dict))
    texts = [cell for cell in cells if isinstance(cell, str)]
    line = max((_line(text, font) for text in texts), default=0) + DEEPER * row["depth"]
    facts = [_line(f"{fact['label']} {fact['value']}", font) for fact in row["facts"]]
    below = max((_line(text, font) for text in row["texts"]), default=0)
    details = max(below, sum(facts) + APART * (len(facts) - 1)) + DEEPER * row["depth"]
    return {**row, "cells": list(cells), "line": line, "two": two, "details": details, "tall": _lines(row) > TALL}


def _line(text: str, font: Metrics) -> float:
    """How wide a text is where it is one line, very wide where it is not."""
    wide = font.width(text, bold=True)
    return wide if font.level(text) else MANY


def _widest(texts: Sequence[str], font: Metrics, *, bold: bool) -> float:
    return max((font.width(line, bold=bold) for text in texts for line in text[:LONG].split("\n")), default=0)


def _lines(row: dict[str, Any]) -> float:
    """How many lines a row takes with what is below it, rather too many."""
    facts = "    ".join(f"{fact['label']} {fact['value']}" for fact in row["facts"])
    return sum(_height(cell, 20) for cell in row["cells"]) + sum(_height(text, 80) for text in (*row["texts"], facts))


def _height(text: str, line: int) -> float:
    return len(text) / line + text.count("\n")


class _Figure(NamedTuple):
    """What stands before the point, after it, behind the number, and below it."""

    head: str
    part: str = ""
    tail: str = ""
    below: str = ""


def _figures(cells: Sequence[str], point: str, font: Metrics) -> tuple[float, list[str | dict[str, Any]]]:
    """How wide a column of figures is, and its figures."""
    parts = [_parts(cell, point) for cell in cells]
    places = max((len(each.part) for each in parts), default=0)
    digit = font.width("0")
    decimals = font.width(point) + places * digit if places else 0.0
    tails = {each.tail: font.width(each.tail) for each in parts if each.head or each.tail}
    most = max(tails.values()) if 1 < len(tails) <= UNITS else None
    made: list[str | dict[str, Any]] = []
    wide = 0.0
    for each in parts:
        if not (each.head or each.tail):
            made.append("")
            continue
        gap = (places - len(each.part)) * digit if each.part else decimals
        tail = tails.get(each.tail, 0.0)
        rest = 0.0 if most is None else most - tail
        wide = max(wide, font.width(each.head) + decimals + tail + rest, 0.9 * font.width(each.below))
        made.append(_figure(each, point, gap, rest))
    return wide, made


def _figure(each: _Figure, point: str, gap: float, rest: float) -> str | dict[str, Any]:
    """The figure as a text where nothing has to stand after it."""
    written = f"{each.head}{point}{each.part}" if each.part else each.head
    if not (gap or rest or each.below):
        return written + each.tail
    return {"written": written, "gap": gap, "tail": each.tail, "rest": rest, "below": each.below}


def _parts(cell: str, point: str) -> _Figure:
    found = _NUMBER.search(cell)
    if not found:
        return _Figure(cell)
    whole, _, part = found.group().partition(point)
    rest = cell[found.end() :]
    base = rest.startswith(" / ")
    return _Figure(cell[: found.start()] + whole, part, "" if base else rest, rest.strip() if base else "")
