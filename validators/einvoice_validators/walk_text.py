"""The same walk over the text of a document, as lxml writes it: a third of the time, because no element is asked anything.

As text, a document is tags and the text after each of them. A `Step` is a tag met within another: which place it leads to, and
what each text found in it has meant before. Where the text is not plain (comments, CDATA, an odd declaration) it raises Doubt,
and the walk over the tree decides; both leave the same, which a test holds.
"""

from __future__ import annotations

import re
from typing import Any

from einvoice.formats.structure.fast import Doubt, pieces, read_tag
from einvoice_validators.facts import Keep
from einvoice_validators.judging import LONGEST_TEXT, MOST_TEXTS, NAME, Broken
from einvoice_validators.places import Place, Plan
from einvoice_validators.walk import Gathered, keep_value
from einvoice_validators.xpath import MISSING

MOST_STEPS, LONGEST_TAG = 50_000, 1_000
Scope = tuple[tuple[str, str], ...]
Stored = tuple[int, str, Keep, Any]
_reference = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9A-Fa-f]+);")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
COUNTING = (Keep.FLAG, Keep.COUNT)


class Step(dict[str, "Step"]):
    """A start tag as it is written, within another step; maps what follows to the next step, an end tag to the one around it.

    `eager` says that something is done when the tag is met, `reading` that its text matters; `closed` that it is an empty element.
    """

    __slots__ = (
        "absent", "blank", "closed", "counts", "eager", "effects", "flags", "judge", "place", "reading", "scope", "stored", "text_free",
        "texts", "up",
    )  # fmt: skip

    def __init__(self, place: Place, up: Step | None, scope: Scope, attributes: dict[str, str], closed: bool) -> None:
        self.place, self.up, self.scope, self.closed = place, up, scope, closed
        self.effects: dict[str, tuple[tuple[Stored, ...], tuple[Broken, ...]]] = {}
        self.flags = tuple((store.level, store.slot) for store in place.stores if store.keep is Keep.FLAG)
        self.counts = tuple((store.level, store.slot, store.limits or {}) for store in place.stores if store.keep is Keep.COUNT)
        self.text_free = len(self.counts) + len(self.flags) == len(place.stores)
        self.stored: tuple[Stored, ...] = tuple(
            (store.level, store.slot, store.keep, text if store.convert is None else store.convert(text))
            for store in place.attribute_stores
            if (text := attributes.get(store.attribute or "")) is not None
        )
        self.absent = place.absent + tuple(rule for name in attributes for rule in place.unwanted.get(name, ()))
        self.eager = bool(place.opens or self.absent or self.flags or self.counts or self.stored or place.adopters)
        self.reading = bool(place.leaves) or not self.text_free
        self.blank = bool(place.blanks)
        self.texts = tuple(store for store in place.stores if store.keep not in COUNTING)
        self.judge = place.judge(tuple(attributes.get(name, MISSING) for name in place.attributes)) if self.blank or place.leaves else None

    def __missing__(self, tag: str) -> Step:
        if tag[0] == "/" and self.up is not None:
            self[tag] = self.up
            return self.up
        if tag[0] in "!?/":
            raise Doubt
        name, attributes, scope = read_tag(tag.removesuffix("/"), self.scope)
        said = {NAME: re.split("[ /]", tag, maxsplit=1)[0]} | {key: _plain(value) for key, value in attributes}
        made = Step(self.place[name], self, scope, said, tag[-1] == "/")
        plan = self.place.plan
        if plan.steps < MOST_STEPS and len(tag) <= LONGEST_TAG:
            plan.steps += 1
            self[tag] = made
        return made

    def effect(self, text: str) -> tuple[tuple[Stored, ...], tuple[Broken, ...]]:
        """What a text means here: the values it leaves and the rules it breaks."""
        plain = _plain(text)
        stores = tuple(
            [(level, slot, keep, plain if convert is None else convert(plain)) for level, slot, keep, convert, _, _ in self.texts]
        )
        found = stores, self.judge.of(plain) if self.judge is not None else ()
        if len(self.effects) < MOST_TEXTS and len(text) <= LONGEST_TEXT:
            self.effects[text] = found
        return found


def _plain(text: str) -> str:
    return _reference.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    """What a reference stands for; lxml writes no other kinds."""
    name = reference[0][1:-1]
    if name[0] != "#":
        return NAMED[name]
    return chr(int(f"0{name[1:]}", 16) if name[1] == "x" else int(name[1:]))


def gather_text(plan: Plan, text: str) -> Gathered:  # noqa: C901, PLR0912 - the one hot loop
    """Walks over the text of an invoice's own element. Raises Doubt where the walk over the tree has to."""
    found = Gathered()
    chain, broken = found.chain, found.broken
    step = plan.gate()
    held: list[tuple[Step, list[str]]] = []  # elements with elements inside whose text is wanted all the same, and its pieces
    index, fresh, content = -1, False, ""  # `fresh`: the last tag opened an element, whose text is `content` if it is closed next
    for piece in pieces(text):
        words = iter(piece.replace("<", ">").split(">"))
        next(words)
        for tag, after in zip(words, words, strict=True):
            following = step[tag]
            if following is step.up:
                if fresh and (step.reading or (step.blank and (not content or content.isspace() or content[0] == "&"))):
                    stores, faults = step.effects.get(content) or step.effect(content)
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
            if fresh and not step.text_free:
                held.append((step, [content]))
            if held:
                for _, parts in held:
                    parts.append(after)
            index += 1
            if following.eager:
                _enter(found, following, index)
            if following.closed:
                _empty(found, following, index)
                fresh = False
            else:
                step, content, fresh = following, after, True
    return found


def _closed(found: Gathered, held: list[tuple[Step, list[str]]], step: Step, after: str) -> None:
    """What an end tag means where texts are held: that of its own element is whole, those around it go on."""
    if held[-1][0] is step:
        text = _plain("".join(held.pop()[1]))
        for level, slot, keep, convert, _, _ in step.texts:
            keep_value(found.chain[level], slot, keep, text if convert is None else convert(text))
    for _, parts in held:
        parts.append(after)


def _enter(found: Gathered, step: Step, index: int) -> None:
    """What is done at a start tag: a fact is opened, what counts is counted, attributes are kept."""
    chain = found.chain
    if step.place.opens is not None:
        found.open(step.place, index)
    if step.absent:
        found.absent(step.absent, index)
    for level, slot in step.flags:
        setattr(chain[level], slot, True)
    for level, slot, limits in step.counts:
        many = getattr(chain[level], slot) + 1
        setattr(chain[level], slot, many)
        if many in limits:
            found.broken.extend([(each, index) for each in limits[many]])
    for level, slot, keep, value in step.stored:
        if not keep and getattr(chain[level], slot) is MISSING:
            setattr(chain[level], slot, value)
        else:
            keep_value(chain[level], slot, keep, value)


def _empty(found: Gathered, step: Step, index: int) -> None:
    """What an element without text leaves."""
    if step.reading or step.blank:
        stores, faults = step.effects.get("") or step.effect("")
        for level, slot, keep, value in stores:
            keep_value(found.chain[level], slot, keep, value)
        found.broken.extend([(fault, index) for fault in faults])
