"""Leaf rules: what they say of a text and the attributes beside it, which is the same wherever these return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from einvoice_validators.ruleset import Leaf, Rule, Test
from einvoice_validators.xpath import MISSING, SPACE, Aborted

NAME = "name()"  # stands among attributes for the element's name as it is written


class Broken(NamedTuple):
    """A rule that an element breaks without more being looked at, or that could not be computed there."""

    rule: Rule
    abort: str | None = None


class Met(NamedTuple):
    """A leaf at one place: the attributes that must be there, and its rules."""

    leaf: Leaf
    wanted: tuple[str, ...]
    rules: Sequence[Rule]


class Asked(NamedTuple):
    """A leaf where the attributes are known: its condition, what it and the rules are given after the text, and the rules."""

    where: Test | None
    arguments: tuple[Any, ...]
    rules: Sequence[Rule]


MetChain = tuple[Met, ...]


class Judge:
    """The leaf rules of one place for one set of attributes."""

    __slots__ = ("blanks", "chains", "fixed")

    def __init__(self, leaves: tuple[MetChain, ...], blanks: tuple[MetChain, ...], attributes: dict[str, Any]) -> None:
        self.fixed: list[Broken] = []
        self.chains = [found for chain in leaves if (found := self._asked(chain, attributes))]
        self.blanks = [found for chain in blanks if (found := self._asked(chain, attributes))]

    def _asked(self, chain: MetChain, attributes: dict[str, Any]) -> list[Asked]:
        """The leaves of a chain that these attributes allow; what the attributes alone decide is decided at once."""
        asked: list[Asked] = []
        for leaf, wanted, rules in chain:
            if any(attributes[name] is MISSING for name in wanted):
                continue
            arguments = tuple(attributes[name] for name in leaf.attributes)
            if not asked and leaf.where is None:
                self.fixed += [broken for rule in rules if not rule.reads_text and (broken := _tested(rule, "", arguments)) is not None]
                rules = [rule for rule in rules if rule.reads_text]
            asked.append(Asked(leaf.where, arguments, rules))
            if leaf.where is None:
                break
        return asked if any(each.rules for each in asked) else []

    def of(self, text: str) -> tuple[Broken, ...]:
        """What the rules say of a text."""
        chains = self.chains if text.strip(SPACE) else self.chains + self.blanks
        return (*self.fixed, *(broken for chain in chains for broken in _judged(chain, text)))


def _judged(chain: list[Asked], text: str) -> list[Broken]:
    """The first leaf of a pattern that fits decides."""
    for where, arguments, rules in chain:
        if where is None or meets(where, text, *arguments):
            return [broken for rule in rules if (broken := _tested(rule, text, arguments)) is not None]
    return []


def _tested(rule: Rule, text: str, arguments: tuple[Any, ...]) -> Broken | None:
    assert rule.holds is not None
    try:
        return None if rule.holds(text, *arguments) else Broken(rule)
    except Exception as fault:  # what cannot be computed is never taken for held
        return Broken(rule, said(fault))


def meets(condition: Test, *arguments: Any) -> bool:
    """Whether a context's condition holds; one that aborts does not, as the official processor has it of patterns."""
    try:
        return bool(condition(*arguments))
    except Aborted:
        return False


def said(fault: Exception) -> str:
    """Why a rule could not be computed."""
    return str(fault) if isinstance(fault, Aborted) else f"{type(fault).__name__}: {fault}"
