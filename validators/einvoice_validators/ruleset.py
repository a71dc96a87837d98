"""Rules and rule sets: how a rule is written, and how sets of them are combined.

    @rule("BR-27", LINE, at="price")
    def net_price_is_not_negative(line: Fact) -> object:
        '''The net price of an item is not negative (BT-146).'''
        return line.price >= 0

The function says whether the rule holds. Of the contexts of one pattern only the first that fits an element is looked at, as in
Schematron. A rule set is a value: `(EN16931 | XRECHNUNG).without("BR-21").weighing({"BR-27": Severity.WARNING})`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple, TypeAlias

from einvoice.formats.syntax import Syntax
from einvoice.report import Severity
from einvoice_schemas._unknown import unknown
from einvoice_validators.facts import Fact, Read
from einvoice_validators.paths import Path, paths

FATAL, WARNING, INFORMATION = Severity.FATAL, Severity.WARNING, Severity.INFORMATION
_order = count()

Test: TypeAlias = Callable[..., object]


class Pattern:
    """Rules that belong together: of its contexts, in the order they are made, an element meets the first that fits."""

    def __init__(self, name: str, syntax: Syntax) -> None:
        self.name, self.syntax = name, syntax
        self.contexts: list[Context | Leaf] = []

    def context(
        self,
        path: str,
        *,
        where: Callable[[Fact], object] | None = None,
        when: Callable[[Fact], object] | None = None,
        **reads: Read,
    ) -> Context:
        """An element that rules look at. `where` narrows it by its fact, `when` by the document's, asked once."""
        self.contexts.append(made := Context(self, path, where, when, reads))
        return made

    def leaf(self, path: str, *attributes: str, where: Callable[..., object] | None = None, blank: bool = False) -> Leaf:
        """An element without elements inside, whose rules look at its text and attributes alone; `where` likewise.

        `blank`: only where the text is nothing but white space, which costs nothing elsewhere.
        """
        self.contexts.append(made := Leaf(self, path, attributes, where, blank=blank))
        return made

    def at(self, path: str) -> Context:
        """The unconditional context of that path; it is made where there is none yet."""
        for context in self.contexts:
            if isinstance(context, Context) and context.path == path and not context.conditional:
                return context
        return self.context(path)


class Context:
    """An element, what to read of it, and which of a pattern's rules it meets."""

    def __init__(
        self,
        pattern: Pattern,
        path: str,
        where: Callable[[Fact], object] | None,
        when: Callable[[Fact], object] | None,
        reads: Mapping[str, Read],
    ) -> None:
        self.pattern, self.path, self.where, self.when, self.reads = pattern, path, where, when, dict(reads)
        self.order = next(_order)

    @property
    def syntax(self) -> Syntax:
        """The syntax it belongs to."""
        return self.pattern.syntax

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where such elements stand."""
        return paths(self.path)

    @property
    def conditional(self) -> bool:
        """Whether an element that stands there may still be none."""
        return self.where is not None or self.when is not None


class Leaf:
    """An element whose rules look at nothing but its text and its attributes, so that an answer holds wherever they return.

    Tests and `where` get the text, then the attributes in the order named (MISSING where one is absent); the attribute `name()`
    is the element's name with the prefix that the document gives it.
    """

    when = None

    def __init__(
        self, pattern: Pattern, path: str, attributes: tuple[str, ...], where: Callable[..., object] | None, *, blank: bool
    ) -> None:
        self.pattern, self.path, self.where, self.blank = pattern, path, where, blank
        named = dict.fromkeys(name for each in paths(path) for name in each.attributes)
        self.attributes = tuple(dict.fromkeys([*attributes, *named]))
        self.order = next(_order)

    @property
    def syntax(self) -> Syntax:
        """The syntax it belongs to."""
        return self.pattern.syntax

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where such elements stand."""
        return paths(self.path)


class Rule:
    """One test under its official id.

    `holds` takes a fact (in a Context) or a text and attributes (in a Leaf); None where the rows below decide alone.
    `absent` are paths from the context that must lead nowhere; `most` is how many of them there may be (0 unless told).
    `at` is the read, or the path, that a finding points at; `says` is what the rule wants, in English, or what words it when asked.
    A leaf rule that does not look at the text, but at attributes alone, says so with `reads_text`.
    """

    __slots__ = ("absent", "at", "contexts", "holds", "id", "most", "reads_text", "says", "severity")

    def __init__(
        self,
        id: str,  # noqa: A002 - it is the id
        contexts: tuple[Context | Leaf, ...],
        holds: Test | None,
        says: str | Callable[[], str],
        severity: Severity = FATAL,
        at: str = "",
        absent: tuple[str, ...] = (),
        most: int = 0,
        *,
        reads_text: bool = True,
    ) -> None:
        self.id, self.contexts, self.holds, self.says, self.severity = id, contexts, holds, says, severity
        self.at, self.absent, self.most, self.reads_text = at, absent, most, reads_text

    def __repr__(self) -> str:
        return f"Rule({self.id!r})"

    @property
    def text(self) -> str:
        """What the rule wants, in English."""
        return self.says if isinstance(self.says, str) else self.says()

    def __call__(self, *arguments: Any) -> object:
        """Whether it holds, so that a rule can be called like the function it was made of."""
        assert self.holds is not None
        return self.holds(*arguments)


def rule(id: str, *contexts: Context | Leaf, at: str = "", severity: Severity = FATAL) -> Callable[[Test], Rule]:  # noqa: A002 - it is the id
    """Makes a rule of a function; its docstring is the rule's sentence."""

    def make(holds: Test) -> Rule:
        return Rule(id, contexts, holds, " ".join((holds.__doc__ or "").split()), severity, at)

    return make


class RuleSet(NamedTuple):
    """The rules of one layer: a value with a name, a version and a period of validity; every change gives a new one."""

    name: str
    version: str
    rules: tuple[Rule, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    weights: Mapping[str, Severity] = MappingProxyType({})

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its rules."""
        return frozenset(rule.id for rule in self.rules)

    def __hash__(self) -> int:
        return hash((self.name, self.version, len(self.rules), tuple(sorted(self.weights.items()))))

    def __or__(self, other: RuleSet) -> RuleSet:
        """Both sets as one layer, under the name of the second."""
        return other._replace(rules=self.rules + other.rules, weights={**self.weights, **other.weights})

    def without(self, *ids: str) -> RuleSet:
        """The same set less the rules named.

        Raises KeyError where it has no rule of that id.
        """
        self._known(ids)
        return self._replace(rules=tuple(rule for rule in self.rules if rule.id not in ids))

    def weighing(self, severities: Mapping[str, Severity]) -> RuleSet:
        """The same set with other severities for the rules named.

        Raises KeyError where it has no rule of that id.
        """
        self._known(severities)
        return self._replace(weights={**self.weights, **severities})

    def severity(self, rule: Rule) -> Severity:
        """How much a rule weighs in this set."""
        return self.weights.get(rule.id, rule.severity)

    def _known(self, ids: Iterable[str]) -> None:
        for each in ids:
            if each not in self.ids:
                raise unknown(f"rule of {self.name}", each, self.ids)


def rules_in(*modules: ModuleType) -> tuple[Rule, ...]:
    """The rules that modules define, in their order; a list or tuple of rules counts too."""
    return tuple(dict.fromkeys(found for module in modules for value in vars(module).values() for found in _rules(value)))


def _rules(value: object) -> Iterator[Rule]:
    if isinstance(value, Rule):
        yield value
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Rule):
        yield from value
