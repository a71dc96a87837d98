"""The fonts in use: what their dictionaries say, the font programs embedded for them, the glyphs shown (ISO 32000-1, 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen import encodings, tokens
from einvoice.pdf.conditions.seen.cmaps import CMap
from einvoice.pdf.conditions.seen.compact import Compact
from einvoice.pdf.conditions.seen.painted import Font
from einvoice.pdf.conditions.seen.streams import Streams
from einvoice.pdf.conditions.seen.truetype import TrueType
from einvoice.pdf.conditions.seen.type1 import Type1
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionary, integer, name, stream

_STANDARD = frozenset(
    "Courier Courier-Bold Courier-BoldOblique Courier-Oblique Helvetica Helvetica-Bold Helvetica-BoldOblique Helvetica-Oblique "
    "Symbol Times-Bold Times-BoldItalic Times-Italic Times-Roman ZapfDingbats".split()
)
_SUBSET = re.compile("[A-Z]{6}\\+")
_SYMBOLIC = 4
_SIMPLE = frozenset({"Type1", "MMType1", "TrueType", "Type3"})

_FIRST = {"Type1": "/FontFile", "MMType1": "/FontFile", "TrueType": "/FontFile2", "CIDFontType2": "/FontFile2"}

Program = TrueType | Compact | Type1


class Code(NamedTuple):
    """A code that is shown, its character identifier in a composite font, and whether it is shown visibly."""

    code: int
    identifier: int | None
    visible: bool


@dataclass(frozen=True)
class Face:
    """A font, or the font that a composite font is made of (`composite`); `visible` says that something is
    drawn with it, `is_missing` that the composite font names no font that it is made of.
    """

    dictionary: Object
    composite: Object | None
    visible: bool
    used: Font
    streams: Streams
    place: str
    is_missing: bool = False

    @property
    def subtype(self) -> str | None:
        """Its subtype."""
        return name(self.dictionary.get("/Subtype"))

    @property
    def name(self) -> str | None:
        """The name of the font."""
        return name(self.dictionary.get("/BaseFont"))

    @property
    def is_simple(self) -> bool:
        """Whether its codes are bytes."""
        return self.composite is None and self.subtype in _SIMPLE

    @property
    def is_subset(self) -> bool:
        """Whether its name says that it has a part of the glyphs only."""
        return _SUBSET.match(self.name or "") is not None

    @property
    def is_standard(self) -> bool:
        """Whether it is one of the 14 that readers bring, and is not embedded."""
        return self.subtype in {"Type1", "MMType1"} and self.name in _STANDARD and self.held is None

    @property
    def descriptor(self) -> Object | None:
        """Its descriptor."""
        return dictionary(self.dictionary.get("/FontDescriptor"))

    @property
    def is_symbolic(self) -> bool:
        """Whether it has its own set of characters."""
        return bool((integer(at(self.descriptor, "/Flags")) or 0) & _SYMBOLIC)

    @property
    def file_type(self) -> str | None:
        """What the stream of the font program says that it is."""
        held = next(
            (found for key in ("/FontFile", "/FontFile2", "/FontFile3") if (found := stream(at(self.descriptor, key))) is not None), None
        )
        return None if held is None else name(held.get("/Subtype"))

    @property
    def _first_choice(self) -> Object | None:
        """The stream of the font program in the format that such a font mostly has."""
        return stream(at(self.descriptor, _FIRST.get(self.subtype or "", "/FontFile3")))

    @property
    def held(self) -> Object | None:
        """The stream of the font program that a reader takes."""
        first = self._first_choice
        return first if first is not None else stream(at(self.descriptor, "/FontFile3"))

    @cached_property
    def program(self) -> Program | None:
        """The font program, None where there is none that can be read."""
        held = self.held
        data = None if held is None else self.streams.read(held)
        if data is None or held is None:
            return None
        try:
            return self._parsed(data, name(held.get("/Subtype")))
        except (ValueError, IndexError):
            return None

    def _parsed(self, data: bytes, stated: str | None) -> Program | None:
        if self.subtype == "TrueType":
            return TrueType(data) if self._has_known_encoding() else None
        if self.subtype in _FIRST and self._first_choice is not None:
            return TrueType(data) if self.subtype == "CIDFontType2" else Type1(data)
        if stated == "OpenType":
            if self.subtype == "CIDFontType2":
                return TrueType(data)
            offset, length = TrueType(data).tables.get(b"CFF ", (0, 0))
            return Compact(data[offset : offset + length])
        return Compact(data) if stated == ("Type1C" if self.composite is None else "CIDFontType0C") else None

    def _has_known_encoding(self) -> bool:
        """Whether a TrueType font that needs one has an encoding that TrueType knows."""
        stated = name(self.dictionary.get("/Encoding"))
        return self.subtype != "TrueType" or self.is_symbolic or stated in {None, "MacRomanEncoding", "WinAnsiEncoding"}

    @cached_property
    def cmap(self) -> CMap | None:
        """What makes character identifiers of codes."""
        return None if self.composite is None else CMap(self.composite.get("/Encoding"), self.streams)

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """What is shown with it, each once."""
        visible = dict(self._codes(self.used.shown))
        hidden = {code: found for code, found in self._codes(self.used.hidden) if code not in visible}
        return (
            *(Code(code, found, True) for code, found in visible.items()),
            *(Code(code, found, False) for code, found in hidden.items()),
        )

    def _codes(self, operands: list[bytes]) -> Iterator[tuple[int, int | None]]:
        shown = tokens.strings(b"\n".join(dict.fromkeys(operands)))  # the same words stand on a page many times
        if self.cmap is None:
            yield from ((code, None) for code in set(b"".join(shown)))
        elif self.cmap.is_known:
            yield from self.cmap.codes(shown)

    @cached_property
    def true_type_names(self) -> tuple[str, ...] | None:
        """The names that a TrueType font's codes stand for, None where it is asked for codes as they are."""
        if self.is_symbolic or self.dictionary.get("/Encoding") is None:
            return None
        standard = encodings.predefined("StandardEncoding")
        stated = encodings.base(self.dictionary)
        names = list(encodings.predefined(stated)) if stated in encodings.PREDEFINED and stated is not None else list(standard)
        for code, each in encodings.differences(self.dictionary).items():
            if code < 256:
                names[code] = each
        if name(self.dictionary.get("/Encoding")) is None:
            names = [standard[code] if each == encodings.NOTDEF else each for code, each in enumerate(names)]
        return tuple(names)

    @cached_property
    def own_names(self) -> dict[int, str | None]:
        """The names that its dictionary gives to the codes shown."""
        return {each.code: encodings.glyph_name(self.dictionary, each.code) for each in self.codes}


def faces(used: Font, streams: Streams) -> Iterator[Face]:
    """A font in use, with the one that it is made of."""
    visible = used.visible
    subtype = name(used.dictionary.get("/Subtype"))
    label = name(used.dictionary.get("/BaseFont")) or name(used.dictionary.get("/Name")) or "without a name"
    place = f"{used.place}, font {label}"
    if subtype == "Type0":
        parts = array(used.dictionary.get("/DescendantFonts"))
        inner = dictionary(parts[0]) if len(parts) else None
        yield Face(pikepdf.Dictionary() if inner is None else inner, used.dictionary, visible, used, streams, place, inner is None)
    elif subtype in _SIMPLE:
        yield Face(used.dictionary, None, visible, used, streams, place)
