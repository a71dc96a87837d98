"""What each level of Factur-X / ZUGFeRD has: the elements and attributes of a CII document, path by path.

`level("facturx-basic")` is the shape of its root element; `.children["rsm:ExchangedDocument"].shape` that of a child, and so on.
The table, facturx.json, is derived by `facturx_derive`: `levels` has the index of the root's shape by profile, `shapes` are texts
such as `@schemeID` or `ram:ID=3 ram:IncludedNote=5*`: attributes, then children in order, each with the index of its shape and how
often it may stand, in the notation of a DTD or as `{0,2}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

NAMES = ("facturx-minimum", "facturx-basicwl", "facturx-basic", "facturx-en16931", "facturx-extended")

_CHILD = re.compile(r"(?P<name>[\w:]+)=(?P<shape>\d+)(?P<occurs>[?*+]|\{\d+,\d+\}|)")
_OCCURS = {"": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}


class Shape(NamedTuple):
    """What an element may hold: its attributes by name, and its children by name in their order."""

    attributes: frozenset[str]
    children: Mapping[str, Child]


class Child(NamedTuple):
    """A child of an element: what it may hold, and how often it stands, `most` None where there is no limit."""

    shape: Shape
    least: int
    most: int | None


@cache
def level(profile: str) -> Shape | None:
    """The shape of the root element at a level, by the name of its profile; None for a profile that is no level."""
    table = _table()
    return _shape(table["levels"][profile]) if profile in table["levels"] else None


def version() -> str:
    """The release that the table is derived from, such as `Factur-X 1.09`."""
    return str(_table()["version"])


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name("facturx.json").read_bytes())
    return table


@cache
def _shape(index: int) -> Shape:
    words = _table()["shapes"][index].split()
    children = (_CHILD.fullmatch(word) for word in words if word[0] != "@")
    return Shape(
        frozenset(word[1:] for word in words if word[0] == "@"),
        {found["name"]: Child(_shape(int(found["shape"])), *_occurs(found["occurs"])) for found in children if found},
    )


def _occurs(text: str) -> tuple[int, int | None]:
    if text[:1] != "{":
        return _OCCURS[text]
    least, _, most = text.strip("{}").partition(",")
    return int(least), int(most)
