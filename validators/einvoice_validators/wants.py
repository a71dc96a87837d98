"""What the contexts of an element read below it, found by the steps that lead there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from einvoice_validators.facts import Keep, Read
from einvoice_validators.judging import Broken
from einvoice_validators.paths import Path
from einvoice_validators.ruleset import Rule


class Wanted(NamedTuple):
    """A read of the elements of one context, under its name; `limits` are rows: how many there may be, by which rule."""

    slot: str
    read: Read
    limits: tuple[tuple[int, Rule], ...] = ()

    @property
    def fills(self) -> bool:
        """Whether it keeps something in a fact: all but a row that wants no element at all."""
        return not self.limits or self.limits[0][0] > 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of its rows."""
        return tuple(rule for _, rule in self.limits)


Unwanted = dict[str, tuple[Rule, ...]]  # attributes, and the rules that do not want them
Wish = tuple[Wanted, "str | None"]  # a read, and the attribute it wants


class Store(NamedTuple):
    """Where a value goes: how many facts down from the root, under which name, kept how."""

    level: int
    slot: str
    keep: Keep
    convert: Callable[[str], Any] | None
    attribute: str | None
    limits: dict[int, tuple[Broken, ...]] | None


class Wants:
    """The reads of one element's contexts; `fills` where a fact keeps any of it, `anywhere` what no element below may have."""

    def __init__(self) -> None:
        self.exact: dict[tuple[str, ...], list[Wish]] = {}
        self.deep: dict[str, list[tuple[Path, Wish]]] = {}
        self.open: list[tuple[Path, Wish]] = []
        self.anywhere: Unwanted = {}
        self.fills = False

    def add(self, wanted: Wanted) -> None:
        """Takes in a read: each alternative of its path, with the attribute at its end."""
        self.fills = self.fills or wanted.fills
        for each in wanted.read.path.split("|"):
            steps = tuple(each.strip().split("/"))
            attribute = steps[-1][1:] if steps[-1].startswith("@") else None
            if attribute is not None and steps[:-1] == (".", "") and not wanted.fills:
                self.anywhere = joined(self.anywhere, {attribute: wanted.rules})
            else:
                self._add(steps if attribute is None else steps[:-1], (wanted, attribute), open_="*" in each)

    def _add(self, steps: tuple[str, ...], wish: Wish, *, open_: bool) -> None:
        deep = steps[:2] == (".", "")  # .//a/b
        if open_ or steps == (".", ""):
            path = Path(steps[2:] or ("*",), absolute=False) if deep else Path(steps, absolute=True)
            self.open.append((path, wish))
        elif deep:
            self.deep.setdefault(steps[-1], []).append((Path(steps[2:], absolute=False), wish))
        else:
            self.exact.setdefault(() if steps == (".",) else steps, []).append(wish)

    def at(self, steps: tuple[str, ...]) -> Iterator[Wish]:
        """The reads that lead to the element at the end of these steps, with the attribute of it that they want."""
        yield from self.exact.get(steps, ())
        for path, wish in (*self.deep.get(steps[-1], ()), *self.open):
            if path.fits(steps):
                yield wish


def joined(one: Unwanted, other: Unwanted) -> Unwanted:
    """What both do not want; one of them itself where the other wants anything."""
    if not (one and other):
        return one or other
    return one | {attribute: (*one.get(attribute, ()), *rules) for attribute, rules in other.items()}


def store(level: int, wanted: Wanted, attribute: str | None) -> Store:
    """Where a read's values go; a row counts under a name of its own."""
    limits: dict[int, tuple[Broken, ...]] = {}
    for most, rule in wanted.limits:
        limits[most + 1] = (*limits.get(most + 1, ()), Broken(rule))
    return Store(level, wanted.slot, wanted.read.keep, wanted.read.convert, attribute, limits or None)
