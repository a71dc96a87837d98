"""Places: for each path from the root that a document has, what rules want there. Made when a document first leads there.

A place is a dict from an element's tag to the place within, so that a walk over a document is one look-up an element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from einvoice.formats.location import short
from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import DEFAULTS, Fact, Keep, Read
from einvoice_validators.paths import Path, paths
from einvoice_validators.ruleset import Context, Leaf, Rule
from einvoice_validators.xpath import MISSING, Aborted

if TYPE_CHECKING:
    from einvoice_validators.walk_text import Step

MOST_PLACES = 20_000
MOST_TEXTS, LONGEST_TEXT = 20_000, 200
ROOT_NAMES = {"Invoice": "ubl:Invoice", "CreditNote": "cn:CreditNote"}

Chain = tuple[Context, ...]


class Broken(NamedTuple):
    """A rule that an element breaks without more being looked at, or that could not be computed there."""

    rule: Rule
    abort: str | None = None


class Wanted(NamedTuple):
    """A read of the elements of one context, under its name."""

    slot: str
    read: Read
    limits: tuple[tuple[int, Rule], ...] = ()


class Store(NamedTuple):
    """Where a value goes: how many facts down from the root, under which name, kept how."""

    level: int
    slot: str
    keep: Keep
    convert: Callable[[str], Any] | None
    attribute: str | None
    limits: dict[int, tuple[Broken, ...]] | None


class Place(dict[str, "Place"]):
    """One path from the root, and what rules want there.

    `opens` makes a fact of the element, `level` is how many facts are open within it, `buckets` the lists its fact goes to;
    `stores` say where its text goes, `attribute_stores` the same for attributes; `leaves` are the chains of leaf rules,
    which see `attributes`; `known` remembers their answers; `absent` are the rules that want no element there.
    """

    __slots__ = (
        "absent", "adopters", "attribute_stores", "attributes", "buckets", "busy", "known", "leaves", "level", "opens",
        "path", "plan", "stores", "up",
    )  # fmt: skip

    def __init__(self, plan: Plan, up: Place | None, name: str) -> None:
        self.plan, self.up = plan, up
        self.path: tuple[str, ...] = (*up.path, name) if up is not None else ()
        self.known: dict[Any, tuple[Broken, ...]] = {}
        self.opens: type[Fact] | None = None
        self.level: int = up.level if up is not None else -1
        self.buckets: tuple[int, ...] = ()
        self.stores: tuple[Store, ...] = ()
        self.attribute_stores: tuple[Store, ...] = ()
        self.adopters: tuple[Store, ...] = ()
        self.leaves: tuple[tuple[Leaf, ...], ...] = ()
        self.attributes: tuple[str, ...] = ()
        self.absent: tuple[Rule, ...] = ()
        self.busy = False

    def __missing__(self, tag: str) -> Place:
        name = short(tag)
        if not self.path:
            name = ROOT_NAMES.get(name, name)
        place = self.plan.place(self, name)
        if self.plan.count <= MOST_PLACES:
            self.plan.count += 1
            self[tag] = place
        return place

    def judge(self, text: str, values: tuple[Any, ...], *, remember: bool = True) -> tuple[Broken, ...]:
        """What the leaf rules say of a text and the values of `attributes`."""
        found = tuple(each for chain in self.leaves for each in self._judge(chain, text, dict(zip(self.attributes, values, strict=True))))
        if remember and len(self.known) < MOST_TEXTS and len(text) <= LONGEST_TEXT:
            self.known[(text, *values) if values else text] = found
        return found

    def _judge(self, chain: tuple[Leaf, ...], text: str, values: dict[str, Any]) -> list[Broken]:
        """The first leaf of a pattern that fits decides."""
        for leaf in chain:
            arguments = [values[name] for name in leaf.attributes]
            wanted = next(each.attributes for each in leaf.paths if each.fits(self.path))
            if any(values[name] is MISSING for name in wanted) or (leaf.where is not None and not leaf.where(text, *arguments)):
                continue
            return [broken for rule in self.plan.rules[leaf] if (broken := _tested(rule, text, arguments)) is not None]
        return []


def _tested(rule: Rule, text: str, arguments: list[Any]) -> Broken | None:
    assert rule.holds is not None
    try:
        return None if rule.holds(text, *arguments) else Broken(rule)
    except Exception as fault:  # what cannot be computed is never taken for held
        return Broken(rule, str(fault) if isinstance(fault, Aborted) else f"{type(fault).__name__}: {fault}")


class Plan:
    """Everything that a set of rules wants of documents in one syntax, found by the last name of a path."""

    def __init__(self, rules: Iterable[Rule], syntax: Syntax) -> None:
        self.rules: dict[Context | Leaf, list[Rule]] = {}
        self.chains: dict[Chain, int] = {}
        self.count = self.steps = 0
        self._last: dict[str, list[tuple[Path, Context | Leaf]]] = {}
        self._open: list[tuple[Path, Context | Leaf]] = []
        self._classes: dict[tuple[Context, ...], tuple[type[Fact], dict[Any, list[Wanted]]]] = {}
        for rule in rules:
            for context in rule.contexts:
                if context.syntax is syntax:
                    self.rules.setdefault(context, []).append(rule)
        self.tests = {context: [rule for rule in found if rule.holds is not None] for context, found in self.rules.items()}
        for pattern in dict.fromkeys(context.pattern for context in self.rules):
            for context in pattern.contexts:
                self.rules.setdefault(context, [])
                self.tests.setdefault(context, [])
                for path in context.paths:
                    self._index(path, context)
        self._wanted: dict[int, dict[Any, list[Wanted]]] = {}
        self.top = Place(self, None, "")
        self._gate: Step | None = None

    def _index(self, path: Path, context: Context | Leaf) -> None:
        last = path.steps[-1]
        if "*" in last:
            self._open.append((path, context))
        else:
            self._last.setdefault(last, []).append((path, context))

    def gate(self) -> Step:
        """Where a walk over a text begins; begun anew before memory grows."""
        from einvoice_validators.walk_text import MOST_STEPS, Step  # noqa: PLC0415 - they know each other

        if self._gate is None or self.steps >= MOST_STEPS:
            self._gate, self.steps = Step(self.top, None, (), {}, closed=False), 0
        return self._gate

    def place(self, up: Place, name: str) -> Place:
        """The place of an element of that name within another."""
        place = Place(self, up, name)
        fitting = [context for path, context in [*self._last.get(name, ()), *self._open] if path.fits(place.path)]
        fitting = sorted(dict.fromkeys(fitting), key=lambda context: context.order)
        contexts = [context for context in fitting if isinstance(context, Context)]
        leaves = [context for context in fitting if isinstance(context, Leaf)]
        self._relate(place)
        self._open_fact(place, contexts)
        place.leaves = tuple(_by_pattern(leaves).values())
        place.attributes = tuple(dict.fromkeys(name for chain in place.leaves for leaf in chain for name in leaf.attributes))
        place.busy = bool(
            place.opens or place.stores or place.attribute_stores or place.adopters or place.leaves or place.absent
        )
        return place

    def _open_fact(self, place: Place, contexts: list[Context]) -> None:
        """Makes a class of the facts at a place where contexts fit, or where an enclosing fact collects them."""
        if not contexts and not place.adopters:
            return
        chains = [_decided(chain) for chain in _by_pattern(contexts).values()]
        chains = [chain for chain in chains if any(self.tests[context] for context in chain)]
        place.buckets = tuple(self.chains.setdefault(chain, len(self.chains)) for chain in chains)
        key = tuple(contexts)
        if key not in self._classes:
            self._classes[key] = self._class(contexts)
        base, wanted = self._classes[key]
        self._wanted[id(place)] = wanted
        if not (place.buckets or place.adopters or any(_fills(wish) for wishes in wanted.values() for wish in wishes)):
            return  # rows that want nothing below need no fact
        place.level += 1
        place.opens = type(base.__name__, (base,), {"name": place.path[-1], "path": place.path})
        own = [(wish, attribute) for (steps, attribute), wishes in wanted.items() if steps == () for wish in wishes]
        place.stores += tuple(_store(place.level, wish, None) for wish, attribute in own if attribute is None)
        place.attribute_stores += tuple(_store(place.level, wish, attribute) for wish, attribute in own if attribute is not None)

    def _class(self, contexts: list[Context]) -> tuple[type[Fact], dict[Any, list[Wanted]]]:
        """The class of facts with every value that the contexts read, and those reads by path."""
        slots: dict[str, Read] = {}
        wanted: dict[Any, list[Wanted]] = {}
        for context in contexts:
            for slot, read in context.reads.items():
                if slots.setdefault(slot, read) != read:
                    raise ValueError(f"{slot!r} of {context.path} reads {read.path} here and {slots[slot].path} elsewhere: rename one")
        for context in _met(contexts):
            for rule in self.rules[context]:
                for expression in rule.absent:
                    _want(wanted, Wanted("", Read(expression, Keep.COUNT), ((rule.most, rule),)))
        for slot, read in slots.items():
            _want(wanted, Wanted(slot, read))
        defaults = {slot: DEFAULTS[read.keep] for slot, read in slots.items()}
        return type("_".join(contexts[0].path.split("|")[0].split("/")[-1].split(":")) if contexts else "Fact", (Fact,), defaults), wanted

    def _relate(self, place: Place) -> None:
        """What the facts that enclose a place want of it."""
        stores: list[Store] = []
        attributes: list[Store] = []
        adopters: list[Store] = []
        above = place.up
        while above is not None and above.path:
            wanted = self._wanted.get(id(above))
            if wanted:
                steps = place.path[len(above.path) :]
                for wish, attribute in _matching(wanted, steps):
                    store = _store(above.level, wish, attribute)
                    if wish.limits and wish.limits[0][0] == 0:
                        place.absent += tuple(rule for _, rule in wish.limits)
                    elif store.keep is Keep.FACTS:
                        adopters.append(store)
                    else:
                        (stores if attribute is None else attributes).append(store)
            above = above.up
        place.stores, place.attribute_stores, place.adopters = tuple(stores), tuple(attributes), tuple(adopters)


def _fills(wish: Wanted) -> bool:
    """Whether a read keeps something in a fact: all but a row that wants no element at all."""
    return not wish.limits or wish.limits[0][0] > 0


def _by_pattern(contexts: list[Any]) -> dict[Any, tuple[Any, ...]]:
    found: dict[Any, tuple[Any, ...]] = {}
    for context in contexts:
        found[context.pattern] = (*found.get(context.pattern, ()), context)
    return found


def _decided(chain: Chain) -> Chain:
    """The contexts that may be met: none after one that fits unconditionally."""
    for position, context in enumerate(chain):
        if not context.conditional:
            return chain[: position + 1]
    return chain


def _met(contexts: list[Context]) -> list[Context]:
    """The contexts that are met wherever they fit, which alone may have rows: nothing asks their condition, or that of one before."""
    chains = [_decided(chain) for chain in _by_pattern(contexts).values()]
    return [chain[0] for chain in chains if not chain[0].conditional]


def _want(wanted: dict[Any, list[Wanted]], wish: Wanted) -> None:
    for each in wish.read.path.split("|"):
        path = each.strip()
        attribute = None
        steps = tuple(path.split("/"))
        if steps[-1].startswith("@"):
            steps, attribute = steps[:-1], steps[-1][1:]
        if steps == (".",):
            steps = ()
        wanted.setdefault((steps, attribute), []).append(wish)


def _matching(wanted: dict[Any, list[Wanted]], steps: tuple[str, ...]) -> Iterable[tuple[Wanted, str | None]]:
    """The reads that lead from a fact to the element that so many steps lead to."""
    for (path, attribute), wishes in wanted.items():
        if path == steps or (path and _leads(path, steps)):
            for wish in wishes:
                yield wish, attribute


def _leads(path: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    if path[0] == "." and path[1:2] == ("",):  # .//a/b
        return any(each.fits(steps) for each in paths("/".join(path[2:])))
    return any("*" in step for step in path) and any(each.fits(steps) for each in paths("/" + "/".join(path)))


def _store(level: int, wish: Wanted, attribute: str | None) -> Store:
    limits: dict[int, tuple[Broken, ...]] = {}
    for most, rule in wish.limits:
        limits[most + 1] = (*limits.get(most + 1, ()), Broken(rule))
    slot = wish.slot or f"count:{wish.read.path}:{wish.limits[0][1].id}"
    return Store(level, slot, wish.read.keep, wish.read.convert, attribute, limits or None)
