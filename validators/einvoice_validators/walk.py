"""One walk over a document: it makes the facts that rules look at, and finds at once what breaks a rule by itself."""

from __future__ import annotations

from typing import Any

from lxml import etree

from einvoice_validators.facts import Fact, Keep
from einvoice_validators.judging import Broken
from einvoice_validators.places import Place, Plan
from einvoice_validators.ruleset import Rule
from einvoice_validators.xpath import MISSING, SPACE, Pieces, Several

DEEPEST = 256  # facts within facts; the guard bounds the depth of a document far below


class Gathered:
    """What a walk leaves: the root's fact, the facts of each place, and what is broken already, with the index of its element."""

    __slots__ = ("broken", "document", "groups", "seen")

    def __init__(self) -> None:
        self.document: Fact = Fact()
        self.groups: dict[int, tuple[Place, list[Fact]]] = {}
        self.broken: list[tuple[Broken, int]] = []
        self.seen: set[int] = set()


def gather(plan: Plan, root: etree._Element) -> Gathered:  # noqa: C901, PLR0912 - the one hot loop; a call for each element would double it
    """Walks over a document that is valid against its schema; an element costs one look-up, and more where rules want it."""
    found = Gathered()
    groups, broken = found.groups, found.broken
    chain: list[Any] = [None] * DEEPEST
    above: list[tuple[int, Place]] = []
    left, place = 1, plan.top
    for index, element in enumerate(root.iter()):
        while not left:
            left, place = above.pop()
        left -= 1
        tag = element.tag
        if tag.__class__ is not str:
            continue
        here = place[tag]
        count = len(element)
        if here.busy:
            if here.opens is not None:
                fact = here.opens()
                level = here.level
                fact.index = index
                if level:
                    fact.parent, fact.document = chain[level - 1], chain[0]
                else:
                    fact.document = found.document = fact
                chain[level] = fact
                if here.number in groups:
                    groups[here.number][1].append(fact)
                else:
                    groups[here.number] = here, [fact]
                for store in here.adopters:
                    keep_value(chain[store.level], store.slot, store.keep, fact)
            if here.absent:
                absent(found, here.absent, index)
            if here.unwanted:
                for name in element.keys():
                    if name in here.unwanted:
                        absent(found, here.unwanted[name], index)
            childless = not count or not any(child.tag.__class__ is str for child in element)
            if here.stores or (childless and (here.leaves or here.blanks)):
                text = _string(element) if count else element.text or ""
                for level, slot, keep, convert, _, limits in here.stores:
                    if limits is None:
                        keep_value(chain[level], slot, keep, text if convert is None else convert(text))
                    else:
                        broken.extend([(each, index) for each in count_value(chain[level], slot, limits)])
                if childless and (here.leaves or not text.strip(SPACE)):
                    faults = here.judge(tuple([element.get(name, MISSING) for name in here.attributes])).of(text)
                    broken.extend([(fault, index) for fault in faults])
            for store in here.attribute_stores:
                value = element.get(store.attribute)
                if value is not None:
                    keep_value(chain[store.level], store.slot, store.keep, value if store.convert is None else store.convert(value))
        if count:
            above.append((left, place))
            left, place = count, here
    return found


def absent(found: Gathered, rules: tuple[Rule, ...], index: int) -> None:
    """An element, or an attribute of it, that rules want nowhere; each rule speaks once a document."""
    for rule in rules:
        if id(rule) not in found.seen:
            found.seen.add(id(rule))
            found.broken.append((Broken(rule), index))


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
    many = fact.__dict__.get(slot, 0) + 1
    setattr(fact, slot, many)
    return limits.get(many, ())


def _with(old: Any, value: Any) -> Several:
    return Several((*old, value)) if isinstance(old, Several) else Several((old, value))


def _string(element: etree._Element) -> str:
    """The string value: all text within, across comments; Pieces where a comment or processing instruction cuts it."""
    whole = "".join(element.itertext(etree.Element))
    nodes = element.xpath("text()")
    return Pieces.of(whole, nodes) if len(nodes) > 1 else whole
