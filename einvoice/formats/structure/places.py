"""Where else an element may stand, and which name was meant: the mends of a message."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from lxml import etree

from einvoice.formats.structure.content import mentioned
from einvoice.formats.structure.table import Table, Type
from einvoice.formats.structure.where import Where, at

LONGEST_NAME = 200  # a longer tag is no slip of the pen, and comparing it would take long


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


@lru_cache(4096)
def same_name(made: Type, name: str) -> str | None:
    """The child of a type that has this local name, in whatever namespace."""
    return next((tag for tag, type_name in made.leaves if type_name and local(tag) == name), None)


@lru_cache(4096)
def close_name(made: Type, name: str) -> str | None:
    """The child of a type that was probably meant by a local name."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    by_name = {local(tag): tag for tag, type_name in made.leaves if type_name}
    return next((by_name[found] for found in get_close_matches(name, by_name, 1, 0.75)), None)


@lru_cache(8)
def homes(table: Table) -> dict[str, frozenset[str]]:
    """Every element of the table's documents, and the elements that take it as a child."""
    takes: dict[str, set[str]] = defaultdict(set)  # type to its children
    bears: dict[str, set[str]] = defaultdict(set)  # type to the elements of that type
    for root in table.roots.values():
        bears[table.type_of(root)].add(root)
    for name in table.parts[0]["types"]:
        for child, declared in mentioned(table.model(name)[0]):
            takes[name].add(child)
            bears[table.type_of(child, declared)].add(child)
    found: dict[str, set[str]] = defaultdict(set)
    for name, children in takes.items():
        for child in children:
            found[child] |= bears[name]
    return {child: frozenset(parents) for child, parents in found.items()}


def belongs(where: Where, child: etree._Element, made: Type) -> str | None:
    """A hint where a child belongs that its parent, of type `made`, does not take; None where it stands nowhere near."""
    table = where.table
    parents = homes(table).get(table.short(child.tag), frozenset())
    above = child.getparent()
    while above is not where.root:
        above = above.getparent()
        if table.short(above.tag) in parents:
            return f"it belongs in {where.name(above)}{at(above)}"
    inside = [table.short(tag) for tag, _ in made.leaves if table.short(tag) in parents]
    if inside:
        return f"it belongs inside {' or '.join(inside[:3])}"
    return None


def allowed(table: Table, child: etree._Element) -> str:
    """Which elements take a child, or that none does."""
    parents = sorted(homes(table).get(table.short(child.tag), ()))
    if not parents:
        return f"{table.version} has no such element"
    return f"it is allowed in {', '.join(parents[:4])}{' and others' if len(parents) > 4 else ''}"
