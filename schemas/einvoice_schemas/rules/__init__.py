"""Rules that are rows: which elements a specification does not use, or only so often, by official id.

Each table is a JSON file beside this one, written by the script `derive` from the official Schematron that its user supplies.
A row is an id, a severity, a context, the paths from there and how often they may lead to an element: facts, without a text.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One rule: from an element at `context`, each path of `absent` leads to `most` elements at most, or to no attribute."""

    id: str
    severity: str
    context: str
    absent: tuple[str, ...]
    most: int = 0


@cache
def rows(name: str) -> tuple[Row, ...]:
    """The rows of a table, such as `en16931-ubl`."""
    table = json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))
    return tuple(
        Row(identity, group["severity"], group["context"], tuple(paths if isinstance(paths, list) else [paths]), group["most"])
        for group in table["groups"]
        for identity, paths in group["rows"].items()
    )
