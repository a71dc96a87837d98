"""A compact font program (CFF), as far as names, character identifiers and widths go (Adobe Technical Notes 5176 and 5177)."""

from __future__ import annotations

from functools import cached_property
from struct import error, unpack_from

from einvoice.pdf.conditions.seen import charstrings
from einvoice.pdf.conditions.seen.encodings import NOTDEF, compact_strings, predefined

_NIBBLES = "0123456789.EE?-"
_CHARSET, _ENCODING, _CHARSTRINGS, _PRIVATE, _SUBRS, _DEFAULT, _NOMINAL = 15, 16, 17, 18, 19, 20, 21
_TYPE, _MATRIX, _ROS, _FONTS, _SELECT = 1206, 1207, 1230, 1236, 1237

Operands = dict[int, list[float]]


class Index:
    """A list of byte strings in the font."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.count: int = unpack_from(">H", data, at)[0]
        self.offsets: list[int] = []
        self.end = at + 2
        if self.count:
            size = data[at + 2]
            start = at + 3
            base = start + (self.count + 1) * size - 1
            raw = data[start : base + 1]
            self.offsets = [base + int.from_bytes(raw[each : each + size]) for each in range(0, (self.count + 1) * size, size)]
            self.end = self.offsets[-1]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> bytes:
        return self.data[self.offsets[number] : self.offsets[number + 1]]


class Private:
    """What widths in one part of the font are counted from, and its subroutines."""

    def __init__(self, data: bytes, font: Operands) -> None:
        size, at = (int(each) for each in font.get(_PRIVATE, [0, 0])[:2])
        stated = operands(data[at : at + size])
        self.default, self.nominal = (stated.get(key, [0.0])[-1] for key in (_DEFAULT, _NOMINAL))
        start = stated.get(_SUBRS)
        self.subroutines = Index(data, at + int(start[-1])) if start else None
        self.scale = font[_MATRIX][0] * 1_000 if _MATRIX in font and len(font[_MATRIX]) == 6 else None


class Compact:
    """A font program. Raises ValueError where it is damaged."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        try:
            names = Index(data, data[2])
            tops = Index(data, names.end)
            self.strings = Index(data, tops.end)
            self.globals = Index(data, self.strings.end)
            self.top = operands(tops[0])
            self.glyphs = Index(data, int(self.top[_CHARSTRINGS][-1]))
            self.is_by_identifier = _ROS in self.top
            self.privates = self._privates()
            self._widths: dict[int, float] = {}
        except (error, IndexError, KeyError) as fault:
            raise ValueError(f"the CFF font is damaged: {fault!r}") from None

    def _privates(self) -> list[Private]:
        if not self.is_by_identifier:
            return [Private(self.data, self.top)]
        listed = Index(self.data, int(self.top[_FONTS][-1]))
        made = [Private(self.data, operands(listed[number])) for number in range(len(listed))]
        if _MATRIX in self.top and len(self.top[_MATRIX]) == 6:
            for each in made:
                each.scale = self.top[_MATRIX][0] * (each.scale if each.scale is not None else 1) * (1_000 if each.scale is None else 1)
        return made

    @cached_property
    def identifiers(self) -> dict[int, int]:
        """The glyphs by number of their name, or by character identifier."""
        at, count = int(self.top.get(_CHARSET, [0])[-1]), len(self.glyphs)
        if at <= 2:  # a charset that every font knows: ISOAdobe, the others hardly occur
            return {number: number for number in range(count)}
        kind, at, found = self.data[at], at + 1, [0]
        if kind == 0:
            return {number: glyph for glyph, number in enumerate([0, *unpack_from(f">{count - 1}H", self.data, at)])}
        while len(found) < count:
            first, left = unpack_from(">HB" if kind == 1 else ">HH", self.data, at)
            found += range(first, first + left + 1)
            at += 3 if kind == 1 else 4
        return {number: glyph for glyph, number in enumerate(found[:count])}

    @cached_property
    def names(self) -> dict[str, int]:
        """The glyphs by name."""
        return {self._string(number): glyph for number, glyph in self.identifiers.items()}

    def _string(self, number: int) -> str:
        known = compact_strings()
        if number < len(known):
            return known[number]
        rest = number - len(known)
        return self.strings[rest].decode("latin-1") if rest < len(self.strings) else NOTDEF

    @cached_property
    def encoding(self) -> dict[int, str]:
        """The names by code, as the font states them itself."""
        at = int(self.top.get(_ENCODING, [0])[-1])
        if at <= 1:
            return dict(enumerate(predefined("StandardEncoding" if at == 0 else "MacExpertEncoding")))
        kind, count, at = self.data[at], self.data[at + 1], at + 2
        codes: list[int] = []
        if kind & 0x7F == 0:
            codes = list(self.data[at : at + count])
        else:
            for row in range(count):
                first, left = self.data[at + 2 * row : at + 2 * row + 2]
                codes += range(first, first + left + 1)
        by_glyph = {glyph: stated for stated, glyph in self.names.items()}
        return {code: by_glyph.get(glyph, NOTDEF) for glyph, code in enumerate(codes, 1)}

    @cached_property
    def _parts(self) -> bytes | list[int]:
        """The part of the font that each glyph is of."""
        if not self.is_by_identifier:
            return bytes(len(self.glyphs))
        at = int(self.top[_SELECT][-1])
        if self.data[at] == 0:
            return self.data[at + 1 : at + 1 + len(self.glyphs)]
        count = unpack_from(">H", self.data, at + 1)[0]
        rows = [unpack_from(">HBH", self.data, at + 3 + 3 * number) for number in range(count)]
        return [part for first, part, after in rows for _ in range(first, after)]

    def width(self, glyph: int) -> float | None:
        """The width of a glyph in thousandths, None where it cannot be told."""
        if glyph not in self._widths:
            if not 0 <= glyph < len(self.glyphs):
                return None
            private = self.privates[self._parts[glyph]]
            stated = charstrings.width(self.glyphs[glyph], private.subroutines, self.globals)
            wide = private.default if stated is None else private.nominal + stated
            self._widths[glyph] = wide if private.scale is None else wide * private.scale
        return self._widths[glyph]


def operands(data: bytes) -> Operands:
    """A dictionary of the font: the operands of each operator, two-byte operators from 1200 on."""
    found: Operands = {}
    waiting: list[float] = []
    at = 0
    while at < len(data):
        first = data[at]
        if first <= 21:
            operator, at = (1_200 + data[at + 1], at + 2) if first == 12 else (first, at + 1)
            found[operator], waiting = waiting, []
        elif first == 30:
            number, at = _real(data, at + 1)
            waiting.append(number)
        else:
            number, at = charstrings.integer(data, at, in_dictionary=True)
            waiting.append(number)
    return found


def _real(data: bytes, at: int) -> tuple[float, int]:
    text = ""
    while at < len(data):
        for nibble in (data[at] >> 4, data[at] & 15):
            if nibble == 15:
                return float(text or 0), at + 1
            text += "E-" if nibble == 12 else _NIBBLES[nibble]
        at += 1
    return float(text or 0), at
