"""The files that a PDF carries, wherever they hang: in the name tree, associated with document or page, as annotations.

Source: ISO 32000-1, 7.7.4, 7.9.6, 7.11, 12.5.6.15; ISO 19005-3, 6.8 and annex E (associated files).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf

from einvoice.errors import UnsafePDF
from einvoice.pdf.opening import Opened

MOST = 100_000
"""Pages, branches of trees and attached files that are looked at."""
_FILES = ("/UF", "/F", "/Unix", "/DOS", "/Mac")


class Attached(NamedTuple):
    """A file in a PDF: its names and kind as stated there, the stream that holds it, and its file specification.

    `place` says where it hangs: "names", "document" (/AF of the catalog), "page N" (its /AF) or "annotation on page N".
    """

    name: str
    relationship: str | None
    mime: str | None
    description: str | None
    place: str
    stream: pikepdf.Object
    specification: pikepdf.Object


def attached(opened: Opened) -> tuple[Attached, ...]:
    """Every file that the PDF carries, each once, in the order in which they are found.

    Raises UnsafePDF where they have no end, or are longer together than the PDF: then their bytes overlap.
    """
    seen = _Seen()
    found: dict[tuple[int, int], Attached] = {}
    for place, key, specification in _specifications(opened.pdf.Root, seen):
        for stream in _streams(specification):
            seen.count()
            if stream.objgen not in found:
                found[stream.objgen] = _attached(place, key, specification, stream)
    if sum(_length(each.stream) for each in found.values()) > len(opened.data):
        raise UnsafePDF("the files in the PDF are longer than the PDF", mend="no invoice needs that")
    return tuple(found.values())


class _Seen:
    """Where we were already, so that no loop is followed, and how much there was, so that it ends."""

    def __init__(self) -> None:
        self.nodes: set[tuple[int, int]] = set()
        self.left = MOST

    def count(self) -> None:
        self.left -= 1
        if not self.left:
            raise UnsafePDF(f"the PDF has more than {MOST:,} pages and files", mend="no invoice needs so many")

    def is_new(self, node: pikepdf.Object) -> bool:
        """Whether we were not here before; nodes that are no objects of their own cannot loop."""
        self.count()
        if not node.is_indirect:
            return True
        new = node.objgen not in self.nodes
        self.nodes.add(node.objgen)
        return new


def _specifications(root: pikepdf.Object, seen: _Seen) -> Iterator[tuple[str, str, pikepdf.Object]]:
    """Place, key in the name tree and dictionary of each file specification."""
    for key, specification in _named(_at(root, "/Names", "/EmbeddedFiles"), seen):
        yield "names", key, specification
    for specification in _dictionaries(root.get("/AF")):
        yield "document", "", specification
    for number, page in enumerate(_pages(root.get("/Pages"), seen), 1):
        for specification in _dictionaries(page.get("/AF")):
            yield f"page {number}", "", specification
        for note in _dictionaries(page.get("/Annots")):
            if note.get("/Subtype") == "/FileAttachment":
                yield from ((f"annotation on page {number}", "", specification) for specification in _dictionaries(note.get("/FS")))


def _named(tree: object, seen: _Seen) -> Iterator[tuple[str, pikepdf.Object]]:
    """The entries of a name tree, in order."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary) or not seen.is_new(node):
            continue
        entries = _list(node.get("/Names"))
        for key, value in zip(entries[::2], entries[1::2], strict=False):
            if isinstance(value, pikepdf.Dictionary):
                yield text(key), value
        waiting += reversed(_list(node.get("/Kids")))


def _pages(tree: object, seen: _Seen) -> Iterator[pikepdf.Object]:
    """The pages, in order."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary) or not seen.is_new(node):
            continue
        if "/Kids" in node:
            waiting += reversed(_list(node.get("/Kids")))
        else:
            yield node


def _streams(specification: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """What the specification embeds: one stream, or, where it contradicts itself, several."""
    embedded = specification.get("/EF")
    if isinstance(embedded, pikepdf.Dictionary):
        for key in _FILES:
            if isinstance(stream := embedded.get(key), pikepdf.Stream):
                yield stream


def _length(stream: pikepdf.Object) -> int:
    stated: object = stream.get("/Length")
    return stated if isinstance(stated, int) else 0


def _attached(place: str, key: str, specification: pikepdf.Object, stream: pikepdf.Object) -> Attached:
    stated = (text(specification.get(name)) for name in _FILES)
    name = next((plain for each in (*stated, key) if (plain := _file_name(each))), "")
    described = specification.get("/Desc")
    return Attached(
        name,
        _name(specification.get("/AFRelationship")),
        _name(stream.get("/Subtype")),
        None if described is None else text(described),
        place,
        stream,
        specification,
    )


def _file_name(stated: str) -> str:
    """The name without the folders that some programs put before it."""
    return re.split(r"[/\\]", stated.replace("\0", "").strip())[-1]


def text(value: object) -> str:
    """A text string (ISO 32000-1, 7.9.2.2), also one in UTF-8 or with the byte order mark of little-endian UTF-16; empty if it is none."""
    if not isinstance(value, pikepdf.String):
        return ""
    raw = bytes(value)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "replace")
    return str(value)


def _at(node: pikepdf.Object, *keys: str) -> object:
    found: object = node
    for key in keys:
        found = found.get(key) if isinstance(found, pikepdf.Dictionary) else None
    return found


def _list(value: object) -> list[object]:
    return [*value] if isinstance(value, pikepdf.Array) else []


def _dictionaries(value: object) -> Iterator[pikepdf.Object]:
    """The dictionaries of an array, or the one that stands in its stead."""
    return (each for each in (_list(value) or [value]) if isinstance(each, pikepdf.Dictionary))


def _name(value: object) -> str | None:
    return bytes(value)[1:].decode("utf-8", "replace") if isinstance(value, pikepdf.Name) else None
