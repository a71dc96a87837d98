"""The files within the PDF: file specifications, and what is associated with what (ISO 32000-1, 7.11; ISO 19005-3, annex E)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen.interaction import Annotation, Once
from einvoice.pdf.conditions.seen.objects import Held
from einvoice.pdf.conditions.seen.pages import Page
from einvoice.pdf.conditions.seen.painted import Painted
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionaries, dictionary, identity, name, stream

MOST_ELEMENTS = 2_000_000
"""Elements of the logical structure that are looked at."""
_EMBEDDED = ("/F", "/UF", "/DOS", "/Mac", "/Unix")


class Specification(NamedTuple):
    """A file specification; `listed` says that it stands in the name tree of embedded files."""

    dictionary: Object
    place: str
    listed: bool
    associated: bool


class Embedded(NamedTuple):
    """A stream that is a file."""

    dictionary: Object
    place: str


def listed(root: Object) -> Iterator[Object]:
    """The file specifications in the name tree of embedded files."""
    once, waiting = Once(), [at(root, "/Names", "/EmbeddedFiles")]
    while waiting:
        node = dictionary(waiting.pop())
        if node is None or not once.is_new(node):
            continue
        yield from (each for each in list(array(node.get("/Names")))[1::2] if dictionary(each) is not None)
        waiting += reversed(list(array(node.get("/Kids"))))


def specifications(root: Object, objects: Iterable[Held], associated: Iterable[set[object]]) -> Iterator[Specification]:
    """Those in the name tree, and every other dictionary of that type."""
    met: dict[object, tuple[Object, bool]] = {identity(each): (each, True) for each in listed(root)}
    for held in objects:
        if b"/Filespec" in held.text:  # most objects have no text of that
            for each in _typed(held):
                met.setdefault(identity(each), (each, False))
    linked: set[object] = set()
    for more in associated:
        linked |= more
        if linked.issuperset(met):
            break
    for key, (each, in_tree) in met.items():
        yield Specification(each, f"file {label(each)}", in_tree, key in linked)


def _typed(held: Held) -> Iterator[Object]:
    """The file specifications in an object, itself or within it."""
    waiting = [held.object]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Dictionary) and name(node.get("/Type")) == "Filespec":
            yield node
        if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
            waiting += [each for each in node.values() if _is_within(each)]
        elif isinstance(node, pikepdf.Array):
            waiting += [each for each in node if _is_within(each)]


def _is_within(value: Object) -> bool:
    """Whether it is an object that stands within another."""
    return not getattr(value, "is_indirect", True)


def label(specification: Object) -> str:
    """Its file name, for people."""
    found = next((each for key in ("/UF", "/F") if isinstance(each := specification.get(key), pikepdf.String)), None)
    return str(found)[:80] if found is not None else "without a name"


def embedded(specification: Specification) -> Iterator[Embedded]:
    """The streams of a file specification."""
    held = specification.dictionary.get("/EF")
    for key in _EMBEDDED:
        if (found := stream(at(held, key))) is not None:
            yield Embedded(found, specification.place)


def associated(root: Object, pages: Iterable[Page], notes: Iterable[Annotation], painted: Painted) -> set[object]:
    """What /AF of the document or of any of its parts names."""
    holders = [root, *(page.dictionary for page in pages), *(note.dictionary for note in notes)]
    holders += [part.dictionary for parts in (painted.forms, painted.images) for part in parts.values()]
    holders += structure(root)
    found = {identity(each) for holder in holders for each in dictionaries(holder.get("/AF"))}
    return found | {identity(each) for each in painted.associated}


def structure(root: Object) -> Iterator[Object]:
    """The elements of the logical structure."""
    once, waiting = Once(MOST_ELEMENTS), [at(root, "/StructTreeRoot", "/K")]
    while waiting:
        value = waiting.pop()
        node = dictionary(value)
        if node is None:
            waiting += [each for each in array(value) if isinstance(each, pikepdf.Object)]
        elif once.is_new(node):
            yield node
            waiting.append(node.get("/K"))
