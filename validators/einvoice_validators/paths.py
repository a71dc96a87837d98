"""Where rules look: a small part of XPath, enough for the contexts of the official rules.

`/*/cac:TaxTotal` is a path from the root, `cac:Party/cbc:EndpointID` fits at any depth, `a | b` is either; a step is a name with
its usual prefix, `*`, or a name whose beginning is left open (`ram:*Amount`). Attributes stand at the end: `cbc:ID[@schemeID]`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_attribute = re.compile(r"\[@(\w+)\]$")


class Path(NamedTuple):
    """One alternative: its steps, whether they begin at the root, and the attributes that must be there."""

    steps: tuple[str, ...]
    absolute: bool
    attributes: tuple[str, ...] = ()

    def fits(self, place: tuple[str, ...]) -> bool:
        """Whether an element at that place, named from the root down, is one."""
        steps = self.steps
        surplus = len(place) - len(steps)
        if surplus < 0 or (self.absolute and surplus):
            return False
        ours = place[surplus:]
        return ours == steps or all(map(_fits, steps, ours))


def _fits(step: str, name: str) -> bool:
    if "*" not in step:
        return step == name
    begin, _, end = step.partition("*")
    return name.startswith(begin) and name.endswith(end)


@cache
def paths(expression: str) -> tuple[Path, ...]:
    """The alternatives of an expression."""
    return tuple(_path(each.strip()) for each in expression.split("|"))


def _path(text: str) -> Path:
    attributes: list[str] = []
    while found := _attribute.search(text):
        attributes.insert(0, found[1])
        text = text[: found.start()]
    absolute = text.startswith("/") and not text.startswith("//")
    return Path(tuple(text.lstrip("/").split("/")), absolute, tuple(attributes))
