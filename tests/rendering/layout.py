"""What stands where on the pages of a PDF: every glyph with its box, words, what overlaps, what leaves the page."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

pdfium: Any = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed; the extra `dev` has it")
raw: Any = pytest.importorskip("pypdfium2.raw")

MM = 72 / 25.4
"""Points in a millimetre."""


class Box(NamedTuple):
    """An area in points, counted from the upper left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, by: float) -> bool:
        """Whether both share an area that is wider and higher than `by`."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > by and down > by

    def within(self, other: Box, by: float = 0.1) -> bool:
        """Whether it lies in another, but for `by`."""
        return (
            self.left >= other.left - by
            and self.top >= other.top - by
            and self.right <= other.right + by
            and self.bottom <= other.bottom + by
        )


class Glyph(NamedTuple):
    """A character that is drawn, and where its ink is."""

    sign: str
    box: Box


class Word(NamedTuple):
    """Glyphs that follow each other on a line without a space."""

    text: str
    glyphs: tuple[Glyph, ...]

    @property
    def box(self) -> Box:
        """The area of all its glyphs."""
        boxes = [glyph.box for glyph in self.glyphs]
        return Box(min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes))


class Page(NamedTuple):
    """A page in points, its words in the order in which they are read."""

    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """All words, a space between them."""
        return " ".join(word.text for word in self.words)

    def outside(self, margin: float = 5 * MM) -> list[str]:
        """The words that come nearer than `margin` to an edge."""
        inner = Box(margin, margin, self.width - margin, self.height - margin)
        return [word.text for word in self.words if not word.box.within(inner)]

    def collisions(self, by: float = 0.4) -> list[tuple[str, str]]:
        """Words of which a glyph is drawn over one of another."""
        ordered = sorted(self.words, key=lambda word: word.box.top)
        boxes = [word.box for word in ordered]
        return [
            (ordered[at].text, ordered[other].text)
            for at, other in _near(boxes, by)
            if any(a.box.overlaps(b.box, by) for a in ordered[at].glyphs for b in ordered[other].glyphs)
        ]

    def lines(self) -> list[str]:
        """The text line by line: words whose middles are level, from left to right."""
        rows: list[list[Word]] = []
        for word in sorted(self.words, key=lambda word: word.box.bottom):
            level = next((row for row in reversed(rows[-4:]) if abs(_middle(row[0]) - _middle(word)) < 3), None)
            if level is None:
                rows.append([word])
            else:
                level.append(word)
        return [" ".join(word.text for word in sorted(row, key=lambda word: word.box.left)) for row in rows]


def _middle(word: Word) -> float:
    return (word.box.top + word.box.bottom) / 2


def _near(boxes: list[Box], by: float) -> Iterator[tuple[int, int]]:
    """The pairs of boxes, sorted by their tops, that overlap."""
    for at, box in enumerate(boxes):
        for other in range(at + 1, len(boxes)):
            if boxes[other].top >= box.bottom:
                break
            if box.overlaps(boxes[other], by):
                yield at, other


def pages(pdf: bytes) -> list[Page]:
    """Every page of a PDF."""
    document = pdfium.PdfDocument(pdf)
    try:
        return [_page(page) for page in document]
    finally:
        document.close()


def _page(page: Any) -> Page:
    width, height = page.get_size()
    reader = page.get_textpage()
    words = tuple(_words(_glyphs(reader, height)))
    reader.close()
    return Page(width, height, words)


def _glyphs(reader: Any, height: float) -> Iterator[Glyph | None]:
    """Every character in the order of the text, None for a space and for the end of a line."""
    handle = reader.raw
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for at in range(reader.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, at)
        sign = "-" if raw.FPDFText_IsHyphen(handle, at) == 1 else chr(code)
        if raw.FPDFText_IsGenerated(handle, at) == 1 or sign.isspace():
            yield None
            continue
        raw.FPDFText_GetCharBox(handle, at, left, right, bottom, top)
        yield Glyph(sign, Box(left.value, height - top.value, right.value, height - bottom.value))


def _words(glyphs: Iterator[Glyph | None]) -> Iterator[Word]:
    held: list[Glyph] = []
    for glyph in glyphs:
        if held and (glyph is None or _apart(held[-1].box, glyph.box)):
            yield _word(held)
            held = []
        if glyph is not None:
            held.append(glyph)
    if held:
        yield _word(held)


def _apart(one: Box, other: Box) -> bool:
    """Whether a glyph does not follow another: on another line, or far to a side."""
    higher = max(one.bottom - one.top, other.bottom - other.top, 4.0)
    return abs(one.bottom - other.bottom) > higher or other.left - one.right > higher or other.left < one.left - higher


def _word(glyphs: list[Glyph]) -> Word:
    return Word("".join(glyph.sign for glyph in glyphs), tuple(glyphs))


def plain(text: str) -> str:
    """A text by its letters alone: without spaces, ligatures taken apart, marks that no page shows left out."""
    return re.sub(r"[\s\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f]+", "", unicodedata.normalize("NFKC", text))


NOT_SHOWN = frozenset({"language", "day", "words", "term", "carried", "qr"})
"""Fields of a sheet that a page shows in another way, or not."""


def shown(value: object) -> Iterator[str]:
    """Every text of a sheet that its page has to show."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        names = getattr(value, "_fields", None) or [""] * len(value)
        for name, part in zip(names, value, strict=True):
            if name not in NOT_SHOWN:
                yield from shown(part)
