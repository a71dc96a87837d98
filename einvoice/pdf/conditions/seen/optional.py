"""Optional content (ISO 32000-1, 8.11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen.interaction import Once
from einvoice.pdf.conditions.seen.values import Object, array, dictionaries, dictionary, identity, string


class Configuration(NamedTuple):
    """A configuration, its name, whether an earlier one has it too, and how many groups its order leaves out or cannot name."""

    dictionary: Object
    name: bytes | None
    repeated: bool
    left_out: int
    place: str


def configurations(root: Object) -> Iterator[Configuration]:
    """The default configuration and the others."""
    stated = dictionary(root.get("/OCProperties"))
    if stated is None:
        return
    groups = {identity(each): string(each.get("/Name")) for each in dictionaries(stated.get("/OCGs"))}
    first = dictionary(stated.get("/D"))
    met: set[bytes] = set()
    for number, each in enumerate([first, *dictionaries(stated.get("/Configs"))]):
        if each is None:
            continue
        name = string(each.get("/Name"))
        place = f"optional content, configuration {number or 'D'}"
        yield Configuration(each, name, name in met, _left_out(each, groups), place)
        met |= set() if name is None else {name}


def _left_out(configuration: Object, groups: dict[object, bytes | None]) -> int:
    """How many groups the order does not list, or lists without a name; none where there is no order."""
    order = configuration.get("/Order")
    if not isinstance(order, pikepdf.Array):
        return 0
    found, waiting, once = set(), [order], Once()
    while waiting:
        for each in array(waiting.pop()):
            if isinstance(each, pikepdf.Array) and once.is_new(each):
                waiting.append(each)
            elif isinstance(each, pikepdf.Dictionary):
                found.add(identity(each))
    return sum(group not in found or name is None for group, name in groups.items())
