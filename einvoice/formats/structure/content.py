"""Content models: which children an element takes, in which order and how often, as an automaton."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Joint = tuple[bool, list[int], list[int]]  # can it be empty, where it may begin, where it may end
WORD = re.compile(r"\(|\)[?*+]?|\||[^ |()?*+]+[?*+]?")


class Particle(NamedTuple):
    """An element or wildcard (`name`; `type` where it is not the usual one), or a group of particles (`items`).

    `occurs` is "" for once, "?", "*" or "+", as in a DTD. Without name and items it is nothing.
    """

    name: str = ""
    type: str | None = None
    occurs: str = ""
    items: tuple[Particle, ...] = ()
    choice: bool = False

    @property
    def optional(self) -> bool:
        return self.occurs in ("?", "*")

    @property
    def repeats(self) -> bool:
        return self.occurs in ("+", "*")

    def elements(self, required: bool = True) -> Iterator[tuple[Particle, bool]]:
        """The elements below, in order and without wildcards, each with whether a valid parent must have it."""
        required = required and not self.optional
        if self.name and self.name[0] != "#":
            yield self, required
        for item in self.items:
            yield from item.elements(required and not self.choice)


def mentioned(model: str) -> Iterator[tuple[str, str | None]]:
    """The elements that a content model names, with their type where it is not the usual one; without parsing it."""
    for word in WORD.findall(model) if model[0] != "=" else ():
        if word[0] not in "()|#":
            name, _, type_name = word.rstrip("?*+").partition("=")
            yield name, type_name or None


def parse(model: str) -> Particle:
    """The particle that a content model of a structure table stands for."""
    open_groups: list[list[Particle | None]] = [[]]
    for word in WORD.findall(model):
        if word == "(":
            open_groups.append([])
        elif word == "|":
            open_groups[-1].append(None)
        elif word[0] == ")":
            items = open_groups.pop()
            open_groups[-1].append(group(items, word[1:]))
        else:
            open_groups[-1].append(leaf(word))
    return group(open_groups.pop(), "")


def group(items: list[Particle | None], occurs: str) -> Particle:
    """A sequence, or a choice where a None stands between the items."""
    return Particle(occurs=occurs, items=tuple(item for item in items if item), choice=None in items)


def leaf(word: str) -> Particle:
    """One element or wildcard: `name`, `name=type`, with its occurrence."""
    name = word.rstrip("?*+")
    name, _, type_name = name.partition("=")
    return Particle(name, type_name or None, word[len(word.rstrip("?*+")) :])


class State:
    """A point between two children: what may come next.

    `position` is the leaf just passed (-1 at the start); `accepts`: the element may end here; `follow`: the positions that
    may come next, in order, among them `moves` by tag and `wildcards`.
    """

    __slots__ = ("accepts", "follow", "moves", "position", "wildcards")

    def __init__(self, position: int, accepts: bool = False, follow: dict[int, None] | None = None) -> None:
        self.position, self.accepts = position, accepts
        self.follow: dict[int, None] = {} if follow is None else follow
        self.moves: dict[str, int] = {}
        self.wildcards: list[int] = []


def states(model: Particle) -> tuple[list[Particle], list[State]]:
    """The leaves of a model in document order, and the state after each of them; the start is the last state (index -1).

    The construction is Glushkov's: one state a leaf. XSD demands deterministic models, so a state never offers a tag twice.
    """
    leaves: list[Particle] = []
    made: list[State] = []
    nullable, first, last = _connect(model, leaves, made)
    made.append(State(-1, nullable, dict.fromkeys(first)))
    for position in last:
        made[position].accepts = True
    return leaves, made


def _connect(particle: Particle, leaves: list[Particle], made: list[State]) -> Joint:
    """Number the leaves below a particle and join them: can it be empty, where it may begin, where it may end."""
    if particle.items:
        parts = [_connect(item, leaves, made) for item in particle.items]
        nullable, first, last = _choice(parts) if particle.choice else _sequence(parts, made)
    elif not particle.name:
        return True, [], []
    else:
        first = last = [len(leaves)]
        nullable = False
        leaves.append(particle)
        made.append(State(len(made)))
    if particle.repeats:
        _join(last, first, made)
    return nullable or particle.optional, first, last


def _choice(parts: list[Joint]) -> Joint:
    return any(part[0] for part in parts), [p for part in parts for p in part[1]], [p for part in parts for p in part[2]]


def _sequence(parts: list[Joint], made: list[State]) -> Joint:
    nullable, first, last = True, list[int](), list[int]()
    for part_nullable, part_first, part_last in parts:
        _join(last, part_first, made)
        first = first + part_first if nullable else first
        last = last + part_last if part_nullable else part_last
        nullable = nullable and part_nullable
    return nullable, first, last


def _join(ends: list[int], starts: list[int], made: list[State]) -> None:
    """Whatever ends at one of `ends` may be followed by one of `starts`."""
    following = dict.fromkeys(starts)
    for end in ends:
        made[end].follow.update(following)
