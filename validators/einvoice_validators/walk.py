"""One walk over a document: it makes the facts that rules look at, and finds at once what breaks a rule by itself.

This is the walk over the tree, for documents with comments or CDATA; `walk_text` does the same in a third of the time for the others.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from einvoice_validators.facts import Fact, Keep
from einvoice_validators.judging import NAME, Broken
from einvoice_validators.places import Place, Plan
from einvoice_validators.ruleset import Rule
from einvoice_validators.xpath import MISSING, SPACE, Pieces, Several

DEEPEST = 256  # facts within facts; the guard bounds the depth of a document far below


class Gathered:
    """What a walk leaves: the root's fact, the facts of each place, and what is broken already, with the index of its element."""

    __slots__ = ("broken", "chain", "document", "groups", "seen")

    def __init__(self) -> None:
        self.document: Fact = Fact()
        self.groups: dict[int, tuple[Place, list[Fact]]] = {}
        self.broken: list[tuple[Broken, int]] = []
        self.seen: set[int] = set()
        self.chain: list[Any] = [None] * DEEPEST

    def open(self, here: Place, index: int) -> None:
        """Makes the fact of an element, within those that are open."""
        assert here.opens is not None
        fact = here.opens()
        fact.index = index
        if level := here.level:
            fact.parent, fact.document = self.chain[level - 1], self.chain[0]
        else:
            fact.document = self.document = fact
        self.chain[level] = fact
        if (group := self.groups.get(here.number)) is None:
            self.groups[here.number] = here, [fact]
        else:
            group[1].append(fact)
        for level, slot, *_ in here.adopters:
            if known := getattr(self.chain[level], slot):
                known.append(fact)
            else:
                setattr(self.chain[level], slot, [fact])

    def release(self) -> None:
        """Lets the facts go: without their ways up they are freed at once, and need no garbage collector."""
        for place, facts in self.groups.values():
            for fact in facts:
                del fact.document
                if place.level:
                    del fact.parent

    def absent(self, rules: tuple[Rule, ...], index: int) -> None:
        """An element, or an attribute of it, that rules want nowhere; each rule speaks once a document."""
        for rule in rules:
            if id(rule) not in self.seen:
                self.seen.add(id(rule))
                self.broken.append((Broken(rule), index))


def gather(plan: Plan, root: etree._Element) -> Gathered:
    """Walks over a document that is valid against its schema; an element costs one look-up, and more where rules want it."""
    found = Gathered()
    above: list[tuple[int, Place]] = []
    left, place = 1, plan.top
    for index, element in enumerate(root.iter()):
        while not left:
            left, place = above.pop()
        left -= 1
        if element.tag.__class__ is not str:  # a comment or a processing instruction
            continue
        here = place[element.tag]
        if here.busy:
            _visit(found, here, element, index)
        if len(element):
            above.append((left, place))
            left, place = len(element), here
    return found


def _visit(found: Gathered, here: Place, element: etree._Element, index: int) -> None:
    if here.opens is not None:
        found.open(here, index)
    if here.absent:
        found.absent(here.absent, index)
    for name in element.attrib if here.unwanted else ():
        found.absent(here.unwanted.get(name, ()), index)
    childless = not any(child.tag.__class__ is str for child in element)
    if here.stores or (childless and (here.leaves or here.blanks)):
        _read(found, here, element, index, childless=childless)
    for store in here.attribute_stores:
        if (value := element.get(store.attribute)) is not None:
            keep_value(found.chain[store.level], store.slot, store.keep, value if store.convert is None else store.convert(value))


def _read(found: Gathered, here: Place, element: etree._Element, index: int, *, childless: bool) -> None:
    """Keeps the element's text where it is wanted, and judges it where it stands alone."""
    text = _string(element) if len(element) else element.text or ""
    for level, slot, keep, convert, _, limits in here.stores:
        if limits is None:
            keep_value(found.chain[level], slot, keep, text if convert is None else convert(text))
        else:
            found.broken.extend([(each, index) for each in count_value(found.chain[level], slot, limits)])
    if childless and (here.leaves or not text.strip(SPACE)):
        values = tuple([element.get(name, MISSING) if name != NAME else _name(element) for name in here.attributes])
        found.broken.extend([(fault, index) for fault in here.judge(values).of(text)])


def _name(element: etree._Element) -> str:
    """The name as it is written."""
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local


def keep_value(fact: Fact, slot: str, keep: Keep, value: Any) -> None:
    """Keeps one value as its read says."""
    if keep is Keep.ONE:
        old = getattr(fact, slot)
        setattr(fact, slot, value if old is MISSING else _with(old, value))
    elif keep is Keep.FLAG:
        setattr(fact, slot, True)
    elif keep is Keep.COUNT:
        setattr(fact, slot, getattr(fact, slot) + 1)
    elif keep is Keep.SET:
        if old := getattr(fact, slot):
            old.add(value)
        else:
            setattr(fact, slot, {value})
    elif old := getattr(fact, slot):
        old.append(value)
    else:
        setattr(fact, slot, [value])


def count_value(fact: Fact, slot: str, limits: dict[int, tuple[Broken, ...]]) -> tuple[Broken, ...]:
    """Counts one more; the rules that this is one too many for."""
    many: int = getattr(fact, slot) + 1
    setattr(fact, slot, many)
    return limits.get(many, ())


def _with(old: Any, value: Any) -> Several:
    return Several((*old, value)) if isinstance(old, Several) else Several((old, value))


def _string(element: etree._Element) -> str:
    """The string value: all text within, across comments; Pieces where a comment or processing instruction cuts it."""
    whole = "".join(element.itertext(etree.Element))
    nodes = element.xpath("text()")
    return Pieces.of(whole, nodes) if len(nodes) > 1 else whole
