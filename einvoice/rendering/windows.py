"""Windows of envelopes: where the address of a letter stands by the standard of a country, from windows.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Area(NamedTuple):
    """An area of the sheet in millimetres from its left and upper edge."""

    left: float
    top: float
    width: float
    height: float


class Window(NamedTuple):
    """A letter's window: the field that shows, the areas of the sender's line and of the address, the marks at the edge.

    `source` and `confidence` say where the figures are from; the areas are None where there is no window.
    """

    name: str
    title: str
    window: Area | None
    sender: Area | None
    address: Area | None
    folds: tuple[float, ...]
    punch: float | None
    source: str
    confidence: str


def names() -> tuple[str, ...]:
    """The names that a house style may give."""
    return tuple(_file())


@cache
def window(name: str) -> Window:
    """A window by its name.

    Raises KeyError where none has it.
    """
    row = _file()[name]
    areas = {part: Area(**row[part]) if row[part] else None for part in ("window", "sender", "address")}
    return Window(
        name, row["title"], **areas, folds=tuple(row["folds"]), punch=row["punch"], source=row["source"], confidence=row["confidence"]
    )


@cache
def _file() -> dict[str, Any]:
    rows: dict[str, Any] = json.loads(Path(__file__).with_name("windows.json").read_bytes())["windows"]
    return rows
