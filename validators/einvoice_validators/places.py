"""Places: for each path from the root that a document has, what rules want there. Made when a document first leads there.

A place is a dict from an element's tag to the place within, so that a walk over a document is one look-up an element.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from einvoice.formats.location import short
from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import DEFAULTS, Fact, Keep, Read
from einvoice_validators.judging import Judge, Met, MetChain
from einvoice_validators.paths import Path
from einvoice_validators.ruleset import Context, Leaf, Rule, Test
from einvoice_validators.wants import Store, Unwanted, Wanted, Wants, joined, store

MOST_PLACES = 20_000
MOST_TEXTS, MOST_KEPT = 8_000, 12_000  # texts, and tags and sets of attributes with them, that a plan remembers between documents
ROOT_NAMES = {"Invoice": "ubl:Invoice", "CreditNote": "cn:CreditNote"}

Chain = tuple[Context, ...]
Tests = tuple[tuple[Rule, Test], ...]


class Place(dict[str, "Place"]):
    """One path from the root, and what rules want there.

    `opens` makes a fact of the element, `level` is how many facts are open within it; its fact is tested by the rules of `plain`,
    and by those of the first context it meets of each chain in `gates`, which are sorted by the condition that all of a chain has;
    `number` tells places apart. `stores` say where its text goes, `attribute_stores` the same for attributes, `adopters` for its
    fact. `leaves` are the chains of leaf rules, which see `attributes`; `blanks` are those that look at blank texts only, `judges`
    what they make of attributes. `absent` are the rules that want no element there, `unwanted` those that want no such attribute,
    `unwanted_below` those that want it in no element within (places share such a dict, so that none is ever changed);
    `meanings` is for the walk over texts: what the tags within mean.
    """

    __slots__ = (
        "absent", "adopters", "attribute_stores", "attributes", "blanks", "busy", "gates", "judges", "leaves", "level", "meanings",
        "number", "opens", "path", "plain", "plan", "stores", "unwanted", "unwanted_below", "up", "wants",
    )  # fmt: skip

    def __init__(self, plan: Plan, up: Place | None, name: str) -> None:
        self.plan, self.up = plan, up
        self.path: tuple[str, ...] = (*up.path, name) if up is not None else ()
        self.judges: dict[tuple[Any, ...], Judge] = {}
        self.meanings: dict[tuple[str, Any], Any] = {}
        self.opens: type[Fact] | None = None
        self.level: int = up.level if up is not None else -1
        self.plain: Tests = ()
        self.gates: dict[Test | None, tuple[Chain, ...]] = {}
        self.number = 0
        self.stores: tuple[Store, ...] = ()
        self.attribute_stores: tuple[Store, ...] = ()
        self.adopters: tuple[Store, ...] = ()
        self.leaves: tuple[MetChain, ...] = ()
        self.blanks: tuple[MetChain, ...] = ()
        self.attributes: tuple[str, ...] = ()
        self.absent: tuple[Rule, ...] = ()
        self.unwanted: Unwanted = up.unwanted_below if up is not None else {}
        self.unwanted_below: Unwanted = self.unwanted
        self.wants: Wants | None = None
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

    def judge(self, values: tuple[Any, ...]) -> Judge:
        """The leaf rules here, for the values of `attributes`."""
        found = self.judges.get(values)
        if found is None:
            found = Judge(self.leaves, self.blanks, dict(zip(self.attributes, values, strict=True)))
            if self.plan.remembers():
                self.judges[values] = found
        return found


class Plan:
    """Everything that a set of rules wants of documents in one syntax, found by the last name of a path."""

    def __init__(self, rules: Iterable[Rule], syntax: Syntax) -> None:
        self.rules: dict[Context | Leaf, list[Rule]] = {}
        self.count = self.steps = self.kept = 0
        self._numbers = count(1)  # one step, so that threads never share a number
        self._last: dict[str, list[tuple[Path, Context | Leaf]]] = {}
        self._open: list[tuple[Path, Context | Leaf]] = []
        self._roots: list[tuple[Path, Context | Leaf]] = []
        self._classes: dict[tuple[Context, ...], tuple[type[Fact], Wants]] = {}
        for rule in rules:
            for context in rule.contexts:
                if context.syntax is syntax:
                    self.rules.setdefault(context, []).append(rule)
        self.tests: dict[Context | Leaf, Tests] = {
            context: tuple((rule, rule.holds) for rule in found if rule.holds is not None) for context, found in self.rules.items()
        }
        for pattern in dict.fromkeys(context.pattern for context in self.rules):
            for context in pattern.contexts:
                self.rules.setdefault(context, [])
                self.tests.setdefault(context, ())
                for path in context.paths:
                    self._index(path, context)
        self.top = Place(self, None, "")
        self.gates: dict[int, Any] = {}  # where walks over texts begin, kept for them

    def remembers(self) -> bool:
        """Whether one more tag or set of attributes may be remembered: memory is bounded, whatever documents bring."""
        return self._room(MOST_KEPT)

    def remembers_text(self) -> bool:
        """The same for a text; some room is left for tags."""
        return self._room(MOST_TEXTS)

    def _room(self, most: int) -> bool:
        if self.kept >= most:
            return False
        self.kept += 1
        return True

    def _index(self, path: Path, context: Context | Leaf) -> None:
        last = path.steps[-1]
        if path.absolute and len(path.steps) == 1:
            self._roots.append((path, context))
        elif "*" in last:
            self._open.append((path, context))
        else:
            self._last.setdefault(last, []).append((path, context))

    def place(self, up: Place, name: str) -> Place:
        """The place of an element of that name within another."""
        place = Place(self, up, name)
        likely = [*self._last.get(name, ()), *self._open, *(() if up.path else self._roots)]
        fitting = [context for path, context in likely if path.fits(place.path)]
        fitting = sorted(dict.fromkeys(fitting), key=lambda context: context.order)
        contexts = [context for context in fitting if isinstance(context, Context)]
        leaves = [context for context in fitting if isinstance(context, Leaf)]
        self._relate(place)
        self._open_fact(place, contexts)
        chains = self._leaves(place, leaves)
        place.leaves = tuple(chain for chain in chains if not all(met.leaf.blank for met in chain))
        place.blanks = tuple(chain for chain in chains if all(met.leaf.blank for met in chain))
        place.attributes = tuple(dict.fromkeys(name for chain in chains for met in chain for name in met.leaf.attributes))
        place.busy = bool(
            place.opens
            or place.stores
            or place.attribute_stores
            or place.adopters
            or place.leaves
            or place.blanks
            or place.absent
            or place.unwanted
        )
        return place

    def _leaves(self, place: Place, leaves: list[Leaf]) -> tuple[MetChain, ...]:
        """The chains of leaves that may be met at a place: none after one that fits unconditionally, none without a rule."""
        chains = []
        for chain in _by_pattern(leaves).values():
            made: list[Met] = []
            for leaf in chain:
                made.append(Met(leaf, next(path.attributes for path in leaf.paths if path.fits(place.path)), self.rules[leaf]))
                if leaf.where is None and not made[-1].wanted and not leaf.blank:
                    break
            if any(met.rules for met in made):
                chains.append(tuple(made))
        return tuple(chains)

    def _open_fact(self, place: Place, contexts: list[Context]) -> None:
        """Makes a class of the facts at a place where contexts fit, or where an enclosing fact collects them."""
        if not contexts and not place.adopters:
            return
        chains = [_decided(chain) for chain in _by_pattern(contexts).values()]
        plain = [chain[0] for chain in chains if not chain[0].conditional]
        place.plain = tuple(test for context in plain for test in self.tests[context])
        for chain in chains:
            if chain[0].conditional and any(self.tests[context] for context in chain):
                gate = chain[0].when if len({context.when for context in chain}) == 1 else None
                place.gates[gate] = (*place.gates.get(gate, ()), chain)
        place.number = next(self._numbers)
        key = tuple(contexts)
        if key not in self._classes:
            self._classes[key] = self._class(contexts)
        base, wanted = self._classes[key]
        place.wants = wanted
        place.unwanted_below = joined(place.unwanted_below, wanted.anywhere)
        own = wanted.exact.get((), [])
        for wish, attribute in own:
            if attribute is not None and not wish.fills:
                _ban(place, attribute, wish)
        own = [(wish, attribute) for wish, attribute in own if wish.fills]
        if not (place.plain or place.gates or place.adopters or wanted.fills):
            return  # rows that want nothing below need no fact
        place.level += 1
        place.opens = type(base.__name__, (base,), {"name": place.path[-1], "path": place.path})
        place.stores += tuple(store(place.level, wish, None) for wish, attribute in own if attribute is None)
        place.attribute_stores += tuple(store(place.level, wish, attribute) for wish, attribute in own if attribute is not None)

    def _class(self, contexts: list[Context]) -> tuple[type[Fact], Wants]:
        """The class of facts with every value that the contexts read, and those reads by path."""
        slots: dict[str, Read] = {}
        wanted = Wants()
        for context in contexts:
            for slot, read in context.reads.items():
                if slots.setdefault(slot, read) != read:
                    raise ValueError(f"{slot!r} of {context.path} reads {read.path} here and {slots[slot].path} elsewhere: rename one")
        for slot, read in slots.items():
            wanted.add(Wanted(slot, read))
        for (expression, counted), limits in self._rows(contexts).items():
            wanted.add(Wanted(f"rows of {expression}", Read(expression, Keep.COUNT), limits))
            if counted:
                slots[f"rows of {expression}"] = Read(expression, Keep.COUNT)
        defaults = {slot: DEFAULTS[read.keep] for slot, read in slots.items()}
        return type("_".join(contexts[0].path.split("|")[0].split("/")[-1].split(":")) if contexts else "Fact", (Fact,), defaults), wanted

    def _rows(self, contexts: list[Context]) -> dict[tuple[str, bool], tuple[tuple[int, Rule], ...]]:
        """The rows by their path, and whether they count what is there: how many there may be, by which rule."""
        found: dict[tuple[str, bool], tuple[tuple[int, Rule], ...]] = {}
        for rule in (rule for context in _met(contexts) for rule in self.rules[context]):
            for expression in rule.absent:
                key = expression, rule.most > 0
                found[key] = (*found.get(key, ()), (rule.most, rule))
        return found

    def _relate(self, place: Place) -> None:
        """What the facts that enclose a place want of it."""
        stores: list[Store] = []
        attributes: list[Store] = []
        adopters: list[Store] = []
        above = place.up
        while above is not None and above.path:
            wanted = above.wants
            if wanted:
                steps = place.path[len(above.path) :]
                for wish, attribute in wanted.at(steps):
                    if not wish.fills and attribute is not None:
                        _ban(place, attribute, wish)
                    elif not wish.fills:
                        place.absent += tuple(rule for _, rule in wish.limits)
                    else:
                        whose = adopters if wish.read.keep is Keep.FACTS else stores if attribute is None else attributes
                        whose.append(store(above.level, wish, attribute))
            above = above.up
        place.stores, place.attribute_stores, place.adopters = tuple(stores), tuple(attributes), tuple(adopters)


def _ban(place: Place, attribute: str, wish: Wanted) -> None:
    place.unwanted = joined(place.unwanted, {attribute: wish.rules})


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
