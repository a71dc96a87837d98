"""The columns of a table made ready for a page: figures taken apart by their decimals, and what has to be measured of each column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from einvoice.rendering.wrapping import width

POINTS = {"en": "."}
"""The mark before decimals; a comma in all other languages."""
SAMPLES = 3
"""How many of the widest texts of a column are measured: which of them is the widest depends on the font."""
TALL = 28
"""How many lines of large type a page has room for at least."""
MANY = 10**6
UNITS = 12
"""As many different words behind the figures of a column stand below each other; more than that follow their figures."""

_NUMBER = re.compile("[\u2212+-]?[0-9](?:[0-9.,\u202f]*[0-9])?")
_DIGIT = re.compile("[0-9]")


def arranged(table: dict[str, Any], language: str) -> dict[str, Any]:
    """The shape of a table in which every figure is {written, short, tail, below}.

    `short` is how many digits it has fewer than the longest after the point, one more where it has no point; `tail` what stands behind
    it, such as a unit, `below` what it is for (`/ 100 pcs`). A column gets `samples`, texts among which is its widest, and `tails`, what
    differs behind its figures and is no part of the samples. A row gets `line`, the length of its longest text, and `tall`, whether it may
    need more than a page.
    """
    columns, cells = [], []
    for at, column in enumerate(table["columns"]):
        given = [row["cells"][at] for row in table["rows"]]
        about, made = _figures(given, POINTS.get(language, ",")) if column["number"] else (_texts(given), given)
        columns.append({**column, **about})
        cells.append(made)
    rows = [
        {**row, "cells": list(made), "line": _line(made), "tall": _lines(row) > TALL}
        for row, made in zip(table["rows"], zip(*cells, strict=True), strict=True)
    ]
    return {**table, "columns": columns, "rows": rows}


def _line(cells: Sequence[str | dict[str, Any]]) -> int:
    """How many characters the longest text of a row has, very many where a cell has more than one line."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    several = any("\n" in text for text in texts) or any(cell["below"] for cell in cells if isinstance(cell, dict))
    return MANY if several else max(map(len, texts), default=0)


def _lines(row: dict[str, Any]) -> float:
    """How many lines a row takes with what is below it, rather too many."""
    facts = "    ".join(f"{fact['label']} {fact['value']}" for fact in row["facts"])
    return sum(_height(cell, 20) for cell in row["cells"]) + sum(_height(text, 80) for text in (*row["texts"], facts))


def _height(text: str, line: int) -> float:
    return len(text) / line + text.count("\n")


def _texts(cells: Sequence[str]) -> dict[str, Any]:
    return {"samples": _widest({cell[:80] for cell in cells}), "below": [], "tails": [], "places": 0}


def _figures(cells: Sequence[str], point: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is to be known of a column of figures, and its figures."""
    parts = [_parts(cell, point) for cell in cells]
    places = max(len(part) for _, part, _, _ in parts)
    tails = {tail for written, _, tail, _ in parts if written or tail}
    decimals = point + "0" * places if places else ""
    heads = _widest({_DIGIT.sub("0", head) for head, _, _, _ in parts})
    several = 1 < len(tails) <= UNITS
    behind = [""] if several else _widest(tails) or [""]
    about = {
        "samples": [f"{head}{decimals}{tail}" for head in heads for tail in behind],
        "below": _widest({below for _, _, _, below in parts if below}),
        "tails": sorted(tails) if several else [],
        "places": places,
    }
    made = [
        {
            "written": f"{head}{point}{part}" if part else head,
            "short": (places - len(part)) + (1 if places and not part else 0),
            "tail": tail,
            "below": below,
        }
        for head, part, tail, below in parts
    ]
    return about, made


def _parts(cell: str, point: str) -> tuple[str, str, str, str]:
    """What stands before the point, after it, behind the number, and below it."""
    found = _NUMBER.search(cell)
    if not found:
        return cell, "", "", ""
    whole, _, part = found.group().partition(point)
    rest = cell[found.end() :]
    base = rest.startswith(" / ")
    return cell[: found.start()] + whole, part, "" if base else rest, rest.strip() if base else ""


def _widest(texts: set[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-width(text), text))[:SAMPLES]
