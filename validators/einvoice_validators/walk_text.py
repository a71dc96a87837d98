"""The same walk over the text of a document, as lxml writes it: a third of the time, because no element is asked anything.

As text, a document is tags and the text after each of them. A `Step` is a tag met within another, at a point where the structure
check's quick pass is too: which place it leads to, and what each text found in it has meant before. So one pass says that the
structure is valid and leaves the facts. Where the text is not plain (comments, CDATA, an odd declaration), or the structure not
surely valid, it raises Doubt: the structure check and the walk over the tree decide. Both walks leave the same, which a test holds.
"""

from __future__ import annotations

import re
from typing import Any

from einvoice.formats.structure.fast import Doubt, Known, pieces, read_tag
from einvoice.formats.structure.fast import Place as Point
from einvoice_validators.facts import Keep
from einvoice_validators.judging import NAME, Broken
from einvoice_validators.places import Place, Plan
from einvoice_validators.walk import Gathered, keep_value
from einvoice_validators.xpath import MISSING

MOST_STEPS, LONGEST_TAG, LONGEST_TEXT = 50_000, 1_000, 100  # remembered from one document to the next
Scope = tuple[tuple[str, str], ...]
Stored = tuple[int, str, Keep, Any]
Effect = tuple[tuple[Stored, ...], tuple[Broken, ...]]
_reference = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9A-Fa-f]+);")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
COUNTING = (Keep.FLAG, Keep.COUNT)


class Meaning:
    """What a start tag means at a place, whatever stood before it: its attributes are known, its text is not.

    `eager` says that something is done when the tag is met, `reading` that its text matters, `blank` that it does where it is blank.
    """

    __slots__ = (
        "absent",
        "blank",
        "counts",
        "eager",
        "effects",
        "flags",
        "judge",
        "place",
        "reading",
        "scope",
        "stored",
        "text_free",
        "texts",
    )

    def __init__(self, place: Place, scope: Scope, attributes: dict[str, str]) -> None:
        self.place, self.scope = place, scope
        self.effects: dict[str, Effect] = {}
        self.flags = tuple((store.level, store.slot) for store in place.stores if store.keep is Keep.FLAG)
        self.counts = tuple((store.level, store.slot, store.limits or {}) for store in place.stores if store.keep is Keep.COUNT)
        self.texts = tuple(store for store in place.stores if store.keep not in COUNTING)
        self.text_free = not self.texts
        self.stored: tuple[Stored, ...] = tuple(
            (store.level, store.slot, store.keep, text if store.convert is None else store.convert(text))
            for store in place.attribute_stores
            if (text := attributes.get(store.attribute or "")) is not None
        )
        self.absent = place.absent + tuple(rule for name in attributes for rule in place.unwanted.get(name, ()))
        self.eager = bool(place.opens or self.absent or self.flags or self.counts or self.stored or place.adopters)
        self.reading = bool(place.leaves) or not self.text_free
        self.blank = bool(place.blanks)
        self.judge = place.judge(tuple(attributes.get(name, MISSING) for name in place.attributes)) if self.blank or place.leaves else None

    def effect(self, text: str) -> Effect:
        """What a text means here: the values it leaves and the rules it breaks."""
        plain = _plain(text)
        stores = tuple(
            [(level, slot, keep, plain if convert is None else convert(plain)) for level, slot, keep, convert, _, _ in self.texts]
        )
        found = stores, self.judge.of(plain) if self.judge is not None else ()
        if len(text) <= LONGEST_TEXT and self.place.plan.remembers_text():
            self.effects[text] = found
        return found


class Step(dict[str, "Step"]):
    """A start tag as it is written, met within another at a point of the structure; maps each tag that may follow to its step.

    An end tag leads to `up`: the step around this one, at the point after it. `known` is what the text after the tag must be among,
    `closed` says that the element is empty; `others` are the same tag at other points, after other elements within it.
    """

    __slots__ = ("blank", "closed", "eager", "effects", "known", "meaning", "others", "point", "reading", "text_free", "up")

    def __init__(self, meaning: Meaning, point: Point, known: Known | None, up: Step | None, *, closed: bool = False) -> None:
        self.meaning, self.point, self.known, self.up, self.closed = meaning, point, known, up, closed
        self.eager, self.reading, self.blank, self.text_free = meaning.eager, meaning.reading, meaning.blank, meaning.text_free
        self.effects = meaning.effects
        self.others: dict[int, Step] = {id(point): self}

    def __missing__(self, tag: str) -> Step:
        point, known = self.point[tag]
        if tag[0] == "/":
            if self.up is None:
                raise Doubt
            self[tag] = self.up
            return self.up
        closed = tag[-1] == "/"
        around = self.at(point if closed else point.up)
        made = Step(self._meaning(tag), point, known, around, closed=closed)
        plan = self.meaning.place.plan
        if plan.steps < MOST_STEPS and len(tag) <= LONGEST_TAG:
            plan.steps += 1
            self[tag] = made
        return made

    def at(self, point: Point | None) -> Step:
        """The same element at another point, after one more element within it."""
        if point is None:
            raise Doubt
        found = self.others.get(id(point))
        if found is None:
            found = Step(self.meaning, point, self.known, self.up)
            found.others = self.others
            self.others[id(point)] = found
        return found

    def _meaning(self, tag: str) -> Meaning:
        """What a start tag means within this one; it is the same at every point."""
        inside: dict[tuple[str, Scope], Meaning] = self.meaning.place.meanings
        key = tag, self.meaning.scope
        if key not in inside:
            name, attributes, scope = read_tag(tag.removesuffix("/"), self.meaning.scope)
            said = {NAME: tag.rstrip("/").partition(" ")[0]} | {key: _plain(value) for key, value in attributes}
            made = Meaning(self.meaning.place[name], scope, said)
            if len(tag) > LONGEST_TAG or not self.meaning.place.plan.remembers():
                return made
            inside[key] = made
        return inside[key]


def _plain(text: str) -> str:
    return _reference.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    """What a reference stands for; lxml writes no other kinds."""
    name = reference[0][1:-1]
    if name[0] != "#":
        return NAMED[name]
    return chr(int(f"0{name[1:]}", 16) if name[1] == "x" else int(name[1:]))


def _gate(plan: Plan, begin: Point) -> Step:
    """Where a walk begins, for a structure that begins at that point; begun anew before memory grows."""
    if plan.steps >= MOST_STEPS:
        plan.gates, plan.steps = {}, 0
    found: Step | None = plan.gates.get(id(begin))
    if found is None or found.point is not begin:
        found = plan.gates[id(begin)] = Step(Meaning(plan.top, (), {}), begin, None, None)
    return found


def gather_text(plan: Plan, text: str, begin: Point) -> Gathered:  # noqa: C901, PLR0912 - the one hot loop
    """Walks over an invoice's text, whose structure begins at that point. Raises Doubt where it is not surely valid."""
    found = Gathered()
    chain, broken = found.chain, found.broken
    step = _gate(plan, begin)
    held: list[tuple[Step, list[str]]] = []  # elements with elements inside whose text is wanted all the same, and its pieces
    index, fresh, content = -1, False, ""  # `fresh`: the last tag opened an element, whose text is `content` if it is closed next
    for piece in pieces(text):
        words = iter(piece.replace("<", ">").split(">"))
        next(words)
        for tag, after in zip(words, words, strict=True):
            following = step[tag]
            if (known := following.known) is not None and after not in known:
                known.admit(after)
            if following is step.up:
                if fresh and (step.reading or (step.blank and (not content or content.isspace() or content[0] == "&"))):
                    stores, faults = step.effects.get(content) or step.meaning.effect(content)
                    for level, slot, keep, value in stores:
                        if not keep and getattr(chain[level], slot) is MISSING:  # Keep.ONE, the usual case
                            setattr(chain[level], slot, value)
                        else:
                            keep_value(chain[level], slot, keep, value)
                    if faults:
                        broken.extend([(fault, index) for fault in faults])
                if held:
                    _closed(found, held, step, after)
                step, fresh = following, False
                continue
            index += 1
            if held or (fresh and not step.text_free):
                _hold(held, step, content, after, fresh=fresh)
            if following.eager:
                _enter(found, following.meaning, index)
            step, content, fresh = following, after, True
            if following.closed:
                step, fresh = _empty(found, following, index), False
    if step.point.up is None and step.point.state.accepts:
        return found
    raise Doubt


def _hold(held: list[tuple[Step, list[str]]], step: Step, content: str, after: str, *, fresh: bool) -> None:
    """Holds the texts of an element in which another begins, if they are wanted, and of those around it."""
    if fresh and not step.text_free:
        held.append((step, [content]))
    for _, parts in held:
        parts.append(after)


def _closed(found: Gathered, held: list[tuple[Step, list[str]]], step: Step, after: str) -> None:
    """What an end tag means where texts are held: that of its own element is whole, those around it go on."""
    if held[-1][0].others is step.others:
        text = _plain("".join(held.pop()[1]))
        for level, slot, keep, convert, _, _ in step.meaning.texts:
            keep_value(found.chain[level], slot, keep, text if convert is None else convert(text))
    for _, parts in held:
        parts.append(after)


def _enter(found: Gathered, meaning: Meaning, index: int) -> None:
    """What is done at a start tag: a fact is opened, what counts is counted, attributes are kept."""
    chain = found.chain
    if meaning.place.opens is not None:
        found.open(meaning.place, index)
    if meaning.absent:
        found.absent(meaning.absent, index)
    for level, slot in meaning.flags:
        setattr(chain[level], slot, True)
    for level, slot, limits in meaning.counts:
        many = getattr(chain[level], slot) + 1
        setattr(chain[level], slot, many)
        if many in limits:
            found.broken.extend([(each, index) for each in limits[many]])
    for level, slot, keep, value in meaning.stored:
        if not keep and getattr(chain[level], slot) is MISSING:
            setattr(chain[level], slot, value)
        else:
            keep_value(chain[level], slot, keep, value)


def _empty(found: Gathered, step: Step, index: int) -> Step:
    """What an element without text leaves; the walk goes on around it."""
    meaning = step.meaning
    assert step.up is not None
    if meaning.reading or meaning.blank:
        stores, faults = meaning.effects.get("") or meaning.effect("")
        for level, slot, keep, value in stores:
            keep_value(found.chain[level], slot, keep, value)
        found.broken.extend([(fault, index) for fault in faults])
    return step.up
