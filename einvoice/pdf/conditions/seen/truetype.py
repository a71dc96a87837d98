"""A TrueType font program, as far as codes, glyphs and widths go (ISO/IEC 14496-22: head, hhea, hmtx, maxp, cmap, post)."""

from __future__ import annotations

from functools import cached_property
from struct import Struct, error, iter_unpack, unpack_from

from einvoice.pdf.conditions.seen.encodings import mac_glyphs

_TABLE = Struct(">4s4xLL")
_MAC_GLYPHS, _OWN_NAMES = 0x00010000, 0x00020000


class TrueType:
    """A font program. Raises ValueError where a table that it needs is missing or too short."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        try:
            self.tables = self._directory()
            self.units: int = unpack_from(">H", data, self._at(b"head") + 18)[0] or 1_000
            self.count: int = unpack_from(">H", data, self._at(b"maxp") + 4)[0]
            self.metrics: int = unpack_from(">H", data, self._at(b"hhea") + 34)[0]
            self._widths = self._at(b"hmtx")
            unpack_from(">H", data, self._widths + max(self.metrics - 1, 0) * 4)
        except error as fault:
            raise ValueError(f"the TrueType font is too short: {fault}") from None

    def _directory(self) -> dict[bytes, tuple[int, int]]:
        start = unpack_from(">L", self.data, 12)[0] if self.data[:4] == b"ttcf" else 0
        count = unpack_from(">H", self.data, start + 4)[0]
        rows = (_TABLE.unpack_from(self.data, start + 12 + 16 * number) for number in range(count))
        return {tag: (offset, length) for tag, offset, length in rows}

    def _at(self, tag: bytes) -> int:
        if tag not in self.tables:
            raise ValueError(f"the TrueType font has no table {tag.decode('latin-1')}")
        return self.tables[tag][0]

    def width(self, glyph: int) -> float:
        """The width of a glyph in thousandths."""
        if not self.metrics:
            return 0.0
        row = glyph if glyph < self.metrics else self.metrics - 1 if glyph < self.count else 0
        wide: int = unpack_from(">H", self.data, self._widths + 4 * row)[0]
        return wide * 1_000 / self.units

    @cached_property
    def encodings(self) -> tuple[tuple[int, int, int], ...]:
        """Platform, encoding and offset of each table of codes."""
        if b"cmap" not in self.tables:
            return ()
        start = self.tables[b"cmap"][0]
        try:
            count = unpack_from(">H", self.data, start + 2)[0]
            rows = [unpack_from(">HHL", self.data, start + 4 + 8 * number) for number in range(count)]
        except error:
            return ()
        return tuple((platform, encoding, start + offset) for platform, encoding, offset in rows)

    def codes(self, platform: int, encoding: int) -> dict[int, int] | None:
        """The glyphs by code of one of those tables, None where there is no such table."""
        if (platform, encoding) not in self._codes:
            found = next((offset for one, other, offset in self.encodings if (one, other) == (platform, encoding)), None)
            try:
                self._codes[platform, encoding] = None if found is None else _codes(self.data, found)
            except error:
                self._codes[platform, encoding] = {}
        return self._codes[platform, encoding]

    @cached_property
    def _codes(self) -> dict[tuple[int, int], dict[int, int] | None]:
        return {}

    @cached_property
    def names(self) -> dict[str, int]:
        """The glyphs by name, as the table post states."""
        offset, length = self.tables.get(b"post", (0, 0))
        try:
            kind = unpack_from(">L", self.data, offset)[0] if length else 0
            if kind == _MAC_GLYPHS:
                return {each: glyph for glyph, each in enumerate(mac_glyphs())}
            if kind != _OWN_NAMES:
                return {}
            count = unpack_from(">H", self.data, offset + 32)[0]
            indices = unpack_from(f">{count}H", self.data, offset + 34)
        except error:
            return {}
        known = [*mac_glyphs(), *_pascal(self.data[offset + 34 + 2 * count : offset + length])]
        return {known[index]: glyph for glyph, index in enumerate(indices) if index < len(known)}


def _pascal(data: bytes) -> list[str]:
    """Strings that each begin with their length."""
    found, at = [], 0
    while at < len(data):
        found.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return found


def _codes(data: bytes, at: int) -> dict[int, int]:
    kind = unpack_from(">H", data, at)[0]
    if kind == 0:
        return dict(enumerate(data[at + 6 : at + 262]))
    if kind == 4:
        return _segments(data, at)
    if kind == 6:
        first, count = unpack_from(">HH", data, at + 6)
        return {first + number: glyph for number, glyph in enumerate(unpack_from(f">{count}H", data, at + 10))}
    if kind == 12:
        count = min(unpack_from(">L", data, at + 12)[0], 100_000)
        groups = iter_unpack(">LLL", data[at + 16 : at + 16 + 12 * count])
        return {code: glyph + code - first for first, last, glyph in groups for code in range(first, min(last, first + 65_535) + 1)}
    return {}


def _segments(data: bytes, at: int) -> dict[int, int]:
    """Format 4: segments with a difference, or with an array of glyphs."""
    count = unpack_from(">H", data, at + 6)[0] // 2
    ends = unpack_from(f">{count}H", data, at + 14)
    starts = unpack_from(f">{count}H", data, at + 16 + 2 * count)
    deltas = unpack_from(f">{count}H", data, at + 16 + 4 * count)
    table = at + 16 + 6 * count
    offsets = unpack_from(f">{count}H", data, table)
    found: dict[int, int] = {}
    for number, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(first, last + 1):
            glyph = code
            if offset:
                place = table + 2 * number + offset + 2 * (code - first)
                glyph = unpack_from(">H", data, place)[0] if place + 2 <= len(data) else 0
                if not glyph:
                    continue
            if code != 0xFFFF:
                found.setdefault(code, (glyph + delta) & 0xFFFF)
    return found
