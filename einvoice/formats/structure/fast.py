"""The fast pass: one loop over the text of a document that says "valid", or nothing.

As text, a document is tags and the text after each of them, in turn. A `Place` is a point in it: where in which element,
below which parents. From a place every tag leads to the next one; a step is worked out when it is met first and
remembered after, so that equal stretches of any document cost one look-up a tag. Whatever is not plainly valid raises
Doubt, and the walk has to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from einvoice.formats.structure.content import Particle, State, states
from einvoice.formats.structure.lexical import BLANK, Lexical
from einvoice.formats.structure.table import LOCATIONS, XSI, Kind, Table, Type
from einvoice.formats.syntax import Document

PIECE = 1 << 20  # characters looked at together, so that the list of tags stays small
MOST_STEPS = 20_000  # remembered between documents
MOST_VALUES = 4_096  # remembered a simple type
LONGEST_TAG = 1_000
LONGEST_VALUE = 64

REMARK = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;|#)")
ATTRIBUTE = re.compile(r' ([^ =]+)="([^"]*)"')


RARE = (Kind.MIXED, Kind.EMPTY)  # left to the walk


class Doubt(Exception):
    """The fast pass cannot say that the document is valid."""


class Remark(Doubt):
    """A comment, a processing instruction or a CDATA section stands in the way."""


class Known(set[str]):
    """Texts that are known to be values of a simple type; `admit` takes in another one, or raises Doubt."""

    __slots__ = ("value",)

    def __init__(self, value: Lexical) -> None:
        super().__init__()
        self.value = value

    def admit(self, text: str) -> None:
        if "&" in text or not self.value.holds or not self.value.holds(text) or self.value.padded(text):
            raise Doubt
        if len(text) <= LONGEST_VALUE and len(self) < MOST_VALUES:
            self.add(text)


class Place(dict[str, tuple["Place", Known | None]]):
    """A point in a document: after which child (`state`) of an element of which type, within which place (`up`).

    Maps a tag to the place it leads to and what the text after it must be among (None: any text). `scope` is the prefixes.
    """

    __slots__ = ("fast", "scope", "state", "type", "up")
    fast: Fast
    up: Place | None
    type: Type
    state: State
    scope: Scope

    def __missing__(self, tag: str) -> tuple[Place, Known | None]:
        return self.fast.step(self, tag)


Scope = tuple[tuple[str, str], ...]  # prefix and namespace, sorted; the default namespace has the prefix ""


class Fast:
    """The fast pass for one document type; it keeps what it learns, within bounds."""

    def __init__(self, table: Table, document: Document) -> None:
        self.table = table
        self.document = document
        self.known: dict[Lexical, Known] = {}
        self.blank = Known(Lexical("white space", lambda text: not text.strip(BLANK)))
        self.forget()

    def forget(self) -> None:
        """Start anew, before memory grows."""
        self.places: dict[tuple[int, str, int, Scope], Place] = {}
        self.gates: dict[str, Place] = {}
        self.steps = 0

    def valid(self, element: etree._Element, made: Type, text: str | None = None) -> bool:
        """Whether an element of that type is surely valid, with all below it; False means that the walk must decide.

        `text` is the element as `written` gives it, where the caller has it already.
        """
        text = written(element) if text is None else text
        try:
            return self._follow(self.begin(element, made, text), text)
        except Doubt:
            return False

    def begin(self, element: etree._Element, made: Type, text: str) -> Place:
        """Where a pass over the text of an element of that type begins. Raises Doubt where it has no use."""
        if "&" in text and ENTITY.search(text):
            raise Doubt
        if self.steps > MOST_STEPS:
            self.forget()
        return self._gate(element.tag, made)

    def _follow(self, gate: Place, text: str) -> bool:
        """`follow`, without comments and processing instructions and with CDATA as plain text, if there are any."""
        try:
            return follow(gate, text)
        except Remark:
            return follow(gate, REMARK.sub(plain, text))

    def _gate(self, tag: str, made: Type) -> Place:
        """The place before an element of that type."""
        if tag + made.name not in self.gates:
            leaves = [(tag, made.name)]
            gate = Type("", Kind.CHILDREN, self.blank.value, leaves=leaves, states=states(Particle("#"))[1])
            gate.start.moves = {tag: 0}
            self.gates[tag + made.name] = self._make(None, gate, -1, ())
        return self.gates[tag + made.name]

    def step(self, place: Place, tag: str) -> tuple[Place, Known | None]:
        """Where a tag leads; remembered where there is room."""
        if tag[0] in "!?":
            raise Remark
        after = self._close(place) if tag[0] == "/" else self._open(place, tag)
        step = after, self._text(after.type)
        if self.steps <= MOST_STEPS and len(tag) <= LONGEST_TAG:
            self.steps += 1
            place[tag] = step
        return step

    def _close(self, place: Place) -> Place:
        if place.up is None or not place.state.accepts:
            raise Doubt
        return place.up

    def _open(self, place: Place, tag: str) -> Place:
        """The place within a new element, or after it where the tag is empty."""
        name, attributes, scope = read_tag(tag.removesuffix("/"), place.scope)
        found = self.table.step(place.type, place.state, name, self.document)
        if found is None or found[1].kind in RARE or not attributes_hold(found[1], attributes):
            raise Doubt
        state, made = found
        after = self._place(place.up, place.type, state.position, place.scope)
        if tag[-1] != "/":
            return self._place(after, made, -1, scope)
        if not made.start.accepts or (made.kind is Kind.VALUE and made.value.holds and not made.value.holds("")):
            raise Doubt
        return after

    def _text(self, made: Type) -> Known | None:
        """What text inside an element of that type must be among."""
        if made.kind is not Kind.VALUE:
            return None if made.kind is Kind.ANYTHING else self.blank
        if made.value.holds is None:
            return None
        return self.known.setdefault(made.value, Known(made.value))

    def _place(self, up: Place | None, made: Type, position: int, scope: Scope) -> Place:
        """The one place there is for that point."""
        key = id(up), made.name, position, scope
        found = self.places.get(key)
        if found is None:
            found = self._make(up, made, position, scope)
            if self.steps <= MOST_STEPS:
                self.places[key] = found
        return found

    def _make(self, up: Place | None, made: Type, position: int, scope: Scope) -> Place:
        place = Place()
        place.fast, place.up, place.type, place.state, place.scope = self, up, made, made.states[position], scope
        return place


def written(element: etree._Element) -> str:
    """An element as text, which is what a walk over text reads."""
    text: str = etree.tostring(element, encoding="unicode", with_tail=False)
    return text


def follow(place: Place, text: str) -> bool:
    """Go through a document's text from a place; whether it ends where it began. Raises Doubt."""
    for piece in pieces(text):
        words = iter(piece.replace("<", ">").split(">"))
        next(words)
        for tag, after in zip(words, words, strict=True):
            place, known = place[tag]
            if known is not None and after not in known:
                known.admit(after)
    return place.up is None and place.state.accepts


def plain(remark: re.Match[str]) -> str:
    """A CDATA section as escaped text; nothing for a comment or processing instruction."""
    return (remark[1] or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pieces(text: str) -> Iterator[str]:
    """The text in parts that each begin with a tag."""
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > PIECE:
            end = text.rfind("<", start + 1, start + PIECE)
            end = end if end > 0 else text.find("<", start + PIECE)
            end = end if end > 0 else len(text)
        yield text[start:end]
        start = end


def read_tag(tag: str, scope: Scope) -> tuple[str, list[tuple[str, str]], Scope]:
    """A start tag as {namespace}name, its attributes likewise, and the prefixes that hold within. Raises Doubt."""
    name, blank, rest = tag.partition(" ")
    rest = blank + rest
    if "&#" in rest or ATTRIBUTE.sub("", rest):
        raise Doubt
    found = [(key, unescape(value)) for key, value in ATTRIBUTE.findall(rest)]
    new = {key[6:]: value for key, value in found if key.partition(":")[0] == "xmlns"}
    if new:
        scope = tuple(sorted((dict(scope) | new).items()))
    names = {"xml": "http://www.w3.org/XML/1998/namespace", **dict(scope)}
    attributes = [(full(key, names) if ":" in key else key, value) for key, value in found if key.partition(":")[0] != "xmlns"]
    return full(name, names), attributes, scope


def full(name: str, names: dict[str, str]) -> str:
    """A name as it is written, as {namespace}name."""
    prefix, _, local = name.rpartition(":")
    uri = names.get(prefix, "")
    return f"{{{uri}}}{local}" if uri else local


def unescape(value: str) -> str:
    """An attribute's value as it is meant."""
    if "&" not in value:
        return value
    return value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def attributes_hold(made: Type, attributes: list[tuple[str, str]]) -> bool:
    """Whether the attributes are surely those the type wants."""
    for name, text in attributes:
        declared = made.attributes.get(name)
        if declared is None:
            if name not in LOCATIONS and (name.startswith(XSI) or not made.any_attribute):
                return False
        elif declared.wrong(text) or declared.value.unique or declared.value.padded(text):
            return False
    return all(name in dict(attributes) for name in made.required)
