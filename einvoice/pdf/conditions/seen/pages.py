"""The pages, with what they have from the tree above them (ISO 32000-1, 7.7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pikepdf

from einvoice.errors import UnsafePDF
from einvoice.pdf.conditions.seen.resources import Resources
from einvoice.pdf.conditions.seen.streams import Streams
from einvoice.pdf.conditions.seen.values import Object, array, stream

MOST = 100_000
"""Pages and branches that are looked at."""
BOXES: tuple[str, ...] = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_HANDED_ON: tuple[str, ...] = ("/Resources", "/MediaBox", "/CropBox")


class Page(NamedTuple):
    """A page: its dictionary, the MediaBox and CropBox that hold for it, its resources."""

    dictionary: Object
    boxes: dict[str, Object]
    resources: Resources
    place: str

    def content(self, streams: Streams) -> bytes:
        """Its content streams, joined."""
        stated = self.dictionary.get("/Contents")
        parts = [stated] if stream(stated) is not None else [each for each in array(stated) if stream(each) is not None]
        return b"\n".join(streams.read(each) or b"" for each in parts)


def pages(root: Object) -> Iterator[Page]:
    """Every page in order, each branch once."""
    waiting: list[tuple[Object, dict[str, Object]]] = [(root.get("/Pages"), {})]
    seen: set[tuple[int, int]] = set()
    number = 0
    while waiting:
        node, above = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        if len(seen) > MOST:
            raise UnsafePDF(f"the PDF has more than {MOST:,} pages", mend="no invoice needs so many")
        if "/Kids" in node:
            handed = {**above, **{key: node.get(key) for key in _HANDED_ON if key in node}}
            waiting += [(each, handed) for each in reversed(list(array(node.get("/Kids"))))]
        else:
            number += 1
            yield _page(node, above, f"page {number}")


def _page(node: Object, above: dict[str, Object], place: str) -> Page:
    boxes = {key: node.get(key, above.get(key)) for key in BOXES}
    boxes = {key: value for key, value in boxes.items() if value is not None}
    own = node.get("/Resources")
    return Page(node, boxes, Resources(above.get("/Resources") if own is None else own, from_above=own is None), place)
