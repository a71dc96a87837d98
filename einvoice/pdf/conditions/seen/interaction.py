"""What a reader can click on: annotations, their appearances, actions, fields of forms, outlines (ISO 32000-1, 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pikepdf

from einvoice.errors import UnsafePDF
from einvoice.pdf.conditions.seen.pages import Page
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionaries, dictionary, name, stream

MOST = 100_000
"""Annotations, fields, outline entries and actions that are looked at."""
_TRIGGERS = {
    "catalog": ("/WC", "/WS", "/DS", "/WP", "/DP"),
    "page": ("/O", "/C"),
    "annotation": ("/E", "/X", "/D", "/U", "/Fo", "/Bl", "/PO", "/PC", "/PV", "/PI"),
    "field": ("/K", "/F", "/V", "/C"),
}


class Annotation(NamedTuple):
    """An annotation; `appearances` are the streams of its appearance."""

    dictionary: Object
    place: str

    @property
    def kind(self) -> str | None:
        """Its subtype."""
        return name(self.dictionary.get("/Subtype"))

    @property
    def appearance(self) -> Object | None:
        """Its appearance dictionary."""
        found = self.dictionary.get("/AP")
        return found if isinstance(found, pikepdf.Dictionary) else None

    @property
    def field_type(self) -> str | None:
        """FT, its own or that of a field above."""
        node, steps = dictionary(self.dictionary), 0
        while node is not None and steps < 50:
            if "/FT" in node:
                return name(node.get("/FT"))
            node, steps = dictionary(node.get("/Parent")), steps + 1
        return None

    def appearances(self) -> Iterator[Object]:
        """Every stream that it may be drawn with."""
        for key in ("/N", "/D", "/R"):
            found = at(self.appearance, key)
            if stream(found) is not None:
                yield found
            elif isinstance(found, pikepdf.Dictionary):
                yield from (each for each in found.values() if stream(each) is not None)


class Action(NamedTuple):
    """An action."""

    dictionary: Object
    place: str


class Field(NamedTuple):
    """A field of a form."""

    dictionary: Object
    place: str


class Once:
    """Which objects were met, so that no loop is followed, and how many, so that it ends."""

    def __init__(self, most: int = MOST) -> None:
        self.met: set[tuple[int, int]] = set()
        self.left = most

    def is_new(self, node: Object) -> bool:
        """Whether a dictionary was not met before."""
        self.left -= 1
        if self.left < 0:
            raise UnsafePDF("the PDF has too many annotations, fields, actions or elements", mend="no invoice needs so many")
        if not node.is_indirect:
            return True
        new = node.objgen not in self.met
        self.met.add(node.objgen)
        return new


def annotated(page: Page) -> Iterator[Annotation]:
    """Those of a page."""
    for number, each in enumerate(dictionaries(page.dictionary.get("/Annots")), 1):
        yield Annotation(each, f"{page.place}, annotation {number} ({name(each.get('/Subtype'))})")


def fields(root: Object) -> Iterator[Field]:
    """The fields of the form, with those within fields."""
    once = Once()
    waiting = list(dictionaries(at(root, "/AcroForm", "/Fields")))
    while waiting:
        node = waiting.pop()
        if once.is_new(node):
            yield Field(node, f"field {_label(node)}")
            waiting += [each for each in dictionaries(node.get("/Kids")) if "/T" in each]


def _label(node: Object) -> str:
    stated = node.get("/T")
    return str(stated)[:60] if isinstance(stated, pikepdf.String) else "without a name"


def actions(root: Object, pages: Iterable[Page], notes: Iterable[Annotation], forms: Iterable[Field]) -> Iterator[Action]:
    """Every action, with those that follow it."""
    once = Once()
    for place, stated in _actions(root, pages, notes, forms, once):
        waiting = [stated]
        while waiting:
            node = dictionary(waiting.pop())
            if node is not None and once.is_new(node):
                yield Action(node, place)
                following = node.get("/Next")
                waiting += [following] if dictionary(following) is not None else list(array(following))


def _actions(
    root: Object, pages: Iterable[Page], notes: Iterable[Annotation], forms: Iterable[Field], once: Once
) -> Iterator[tuple[str, Object]]:
    yield "opening the document", root.get("/OpenAction")
    yield from _triggered(root, "catalog", "document catalog")
    for page in pages:
        yield from _triggered(page.dictionary, "page", page.place)
    for note in notes:
        yield note.place, note.dictionary.get("/A")
        yield from _triggered(note.dictionary, "annotation", note.place)
    for form in forms:
        yield from _triggered(form.dictionary, "field", form.place)
    for entry in _outlines(root, once):
        yield "outline", entry.get("/A")


def _triggered(node: Object, kind: str, place: str) -> Iterator[tuple[str, Object]]:
    found = dictionary(node.get("/AA"))
    if found is not None:
        yield from ((place, found.get(key)) for key in _TRIGGERS[kind])


def _outlines(root: Object, once: Once) -> Iterator[Object]:
    waiting = [at(root, "/Outlines", "/First")]
    while waiting:
        node = dictionary(waiting.pop())
        if node is not None and once.is_new(node):
            yield node
            waiting += [node.get("/Next"), node.get("/First")]
