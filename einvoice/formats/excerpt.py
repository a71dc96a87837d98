"""The levels of Factur-X / ZUGFeRD: the binding of CII less what a level does not have, and the values that are lost to it.

What a level has is in `einvoice_schemas.structure.facturx`, path by path. An element or attribute that is not there is cut out of
the binding, and so is what the model keeps beyond the terms of the norm, such as a department beside a contact point. A value is lost
where nothing of the binding that is left says it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any, TypeGuard

from einvoice import paths
from einvoice.errors import Loss
from einvoice.formats import cii
from einvoice.formats.binding import TOKENS, Branch, Choice, Each, Leaf, Node, Table
from einvoice.formats.mapping import of_table, path_of, term_at, within
from einvoice_schemas.profiles import profile as named
from einvoice_schemas.structure.facturx import Child, Shape, level

LONGEST = 200
"""Characters of a value that a loss shows."""


def is_level(profile: str | None) -> TypeGuard[str]:
    """Whether a profile is a level of Factur-X, with a table of its own."""
    return profile is not None and level(profile) is not None


@cache
def table(profile: str) -> Table:
    """What of the CII binding the level of that profile has.

    Raises KeyError for a profile that is no level.
    """
    shape = level(profile)
    if shape is None:
        raise KeyError(profile)
    made = _Cut().table(cii.table(repeats=True), shape)
    said = _slots(made)
    unknown = frozenset(token for token, slot in TOKENS.items() if slot not in said)
    return _Cut(unknown).table(made, shape) if unknown else made


@cache
def children(profile: str, path: tuple[str, ...]) -> list[tuple[str, bool]]:
    """What the element at `path` below the root may hold at a level, in order: its name, and whether it is required.

    Raises KeyError for a path that the level does not have, and for a profile that is no level.
    """
    shape = level(profile)
    if shape is None:
        raise KeyError(profile)
    for name in path:
        shape = shape.children[name].shape
    return [(name, child.least > 0) for name, child in shape.children.items()]


def lost(stated: Iterable[tuple[str, paths.Value]], profile: str) -> list[Loss]:
    """Every value of those that an invoice states (`paths.patterned`) that the level of that profile does not have.

    A member of a repeating group of which nothing is left is one loss, with its values in one text: a line in a level without lines.
    """
    kept = _kept(profile)
    title = named(profile).title
    gone = [value for pattern, value in stated if pattern not in kept]
    return [_loss(place, [*values], title) for place, values in groupby(gone, lambda value: _place(value.path, _around(profile)))]


def has(profile: str, pattern: str) -> bool:
    """Whether a level has the term at a path, or something of the group there; positions are left out, as in `lines[].item.name`.

    Raises KeyError for a profile that is no level.
    """
    return any(kept == pattern or (kept.startswith(pattern) and kept[len(pattern)] in ".[") for kept in _kept(profile))


def _loss(place: paths.Steps, values: list[paths.Value], title: str) -> Loss:
    said = " ".join(text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in (str(value.value) for value in values))
    if values[0].path == place:
        return Loss(term_at(_pattern(place)), paths.text(place), said, f"{title} does not have this term")
    return Loss(paths.term_of(place), paths.text(place), said, f"{title} does not have this group")


def _place(path: paths.Steps, around: frozenset[str]) -> tuple[str | int, ...]:
    """The outermost member of a repeating group of which the level has nothing; else the value itself."""
    for position, step in enumerate(path):
        if isinstance(step, int) and _pattern(path[: position + 1]) not in around:
            return tuple(path[: position + 1])
    return tuple(path)


def _pattern(path: paths.Steps) -> str:
    """A path with its positions left out: `lines[].price.net`."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path)[1:]


@cache
def _kept(profile: str) -> frozenset[str]:
    """The patterns of the values that a level has."""
    return _slots(table(profile))


@cache
def _around(profile: str) -> frozenset[str]:
    """The patterns of the repeating groups of which a level has something."""
    kept = _kept(profile)
    return frozenset(pattern[: end + 2] for pattern in kept for end in range(len(pattern)) if pattern.startswith("[]", end))


def _slots(made: Table) -> frozenset[str]:
    return frozenset(place.model for place in of_table(made))


class _Cut:
    """Cuts tables down to a shape: to the elements and attributes that it has, and to what is a term of the norm.

    `unknown` are the attributes that nothing in the level explains: a total in accounting currency where that currency is not said.
    """

    def __init__(self, unknown: frozenset[str] = frozenset()) -> None:
        self.unknown = unknown

    def table(self, whole: Table, shape: Shape, group: str = "") -> Table:
        left = ((name, self.node(node, shape.children[name], group)) for name, node in whole.items() if name in shape.children)
        return {name: node for name, node in left if node is not None}

    def node(self, node: Node, child: Child, group: str) -> Node | None:
        if isinstance(node, Leaf):
            return self.leaf(node, child.shape, group)
        if isinstance(node, Each):
            leaf = self.leaf(node.leaf, child.shape, f"{group}{node.slot}[].")
            return None if leaf is None else replace(node, leaf=leaf)
        if isinstance(node, Choice):
            cases = {key: left for key, case in node.cases.items() if (left := self.node(case, child, group)) is not None}
            return replace(node, cases=cases) if cases else None
        inner = self.table(node.children, child.shape, within(node, group))
        if child.least or _says(inner) or not _says(node.children):
            return replace(node, children=inner)
        return None

    def leaf(self, leaf: Leaf, shape: Shape, group: str) -> Leaf | None:
        no_term = leaf.slot is not None and term_at(path_of(group, leaf.slot)) is None
        if no_term or self.unknown.intersection(leaf.attributes.values()):
            return None
        return replace(leaf, attributes={name: slot for name, slot in leaf.attributes.items() if name in shape.attributes})


def _says(made: Table) -> bool:
    """Whether a term stands somewhere in a table, and not only what is always the same."""
    return any(_says_something(node) for node in made.values())


def _says_something(node: Any) -> bool:
    if isinstance(node, Leaf):
        return node.slot is not None
    if isinstance(node, Choice):
        return any(map(_says_something, node.cases.values()))
    return not isinstance(node, Branch) or _says(node.children)
