"""A Type 1 font program: names, codes and widths (Adobe Type 1 Font Format, 2, 6, 7)."""

from __future__ import annotations

import re
from functools import cached_property

from einvoice.pdf.conditions.seen import charstrings
from einvoice.pdf.conditions.seen.encodings import predefined

_EEXEC, _CHARSTRING = 55_665, 4_330
_START = re.compile(rb"\beexec[ \t]*(?:\r\n|\r|\n|[ \t])?")
_HEX = re.compile(rb"\s*(?:[0-9A-Fa-f]\s*){4}")
_NOT_HEX = re.compile(rb"[^0-9A-Fa-f]")
_GLYPH = re.compile(rb"/([^\s/{}\[\]()<>%]*)\s+(\d{1,6})\s+(?:RD|-\||[^\s/]+) ")
_KEPT = re.compile(rb"/lenIV\s+(-?\d+)")
_CODE = re.compile(rb"dup\s+(\d{1,3})\s*/([^\s/{}\[\]()<>%]+)\s+put")
_MATRIX = re.compile(rb"/FontMatrix\s*\[\s*([-+.\deE]+)")
_SEGMENT = 128


class Type1:
    """A font program. Raises ValueError where it has no glyphs."""

    def __init__(self, data: bytes) -> None:
        data = _without_segments(data)
        found = _START.search(data)
        if found is None:
            raise ValueError("the Type 1 font has no part that draws glyphs")
        self.clear = data[: found.start()]
        self.private = _decrypted(_binary(data[found.end() :]), _EEXEC)[4:]
        if not self.programs:
            raise ValueError("the Type 1 font has no glyphs")
        scale = _MATRIX.search(self.clear)
        self.scale = float(scale[1]) * 1_000 if scale else 1.0

    @cached_property
    def programs(self) -> dict[str, bytes]:
        """The programs of the glyphs, encrypted, by name."""
        found: dict[str, bytes] = {}
        at = self.private.find(b"/CharStrings")
        while at >= 0 and (row := _GLYPH.search(self.private, at)):
            size = int(row[2])
            if row[1] != b"CharStrings":
                found[row[1].decode("latin-1")] = self.private[row.end() : row.end() + size]
                at = row.end() + size
            else:
                at = row.end()
        return found

    @cached_property
    def _kept(self) -> int:
        stated = _KEPT.search(self.private)
        return int(stated[1]) if stated else 4

    def width(self, name: str) -> float | None:
        """The width of a glyph in thousandths, None where there is no such glyph, or its program does not say."""
        program = self.programs.get(name)
        if program is None:
            return None
        plain = program if self._kept < 0 else _decrypted(program[: self._kept + 30], _CHARSTRING)[self._kept :]
        stated = charstrings.type_1_width(plain)
        return None if stated is None else stated * self.scale

    @cached_property
    def encoding(self) -> dict[int, str]:
        """The names by code, as the font states them itself."""
        if re.search(rb"/Encoding\s+StandardEncoding\b", self.clear):
            return dict(enumerate(predefined("StandardEncoding")))
        return {int(code): name.decode("latin-1") for code, name in _CODE.findall(self.clear)}


def _without_segments(data: bytes) -> bytes:
    """A font that was stored for PCs without the marks between its parts."""
    made, at = b"", 0
    while at + 6 <= len(data) and data[at] == _SEGMENT and data[at + 1] in {1, 2}:
        size = int.from_bytes(data[at + 2 : at + 6], "little")
        made += data[at + 6 : at + 6 + size]
        at += 6 + size
    return made or data


def _binary(data: bytes) -> bytes:
    if not _HEX.match(data):
        return data
    digits = _NOT_HEX.sub(b"", data)
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _decrypted(data: bytes, key: int) -> bytes:
    made = bytearray(len(data))
    for at, byte in enumerate(data):
        made[at] = byte ^ (key >> 8)
        key = ((byte + key) * 52_845 + 22_719) & 0xFFFF
    return bytes(made)
