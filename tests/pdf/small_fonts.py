"""Font programs small enough to be written by hand: two glyphs each, of 500 thousandths."""

from __future__ import annotations

import struct
from collections.abc import Iterable

NAMES = (".notdef", "A")
WIDE = 500
_KEY, _CHARSTRING_KEY = 55_665, 4_330


def true_type(tables: Iterable[tuple[int, int]] = ((1, 0), (3, 1)), *, first: int = 65) -> bytes:
    """A TrueType font with a glyph for the letter A; `tables` are the platforms and encodings of its tables of codes."""
    glyph = struct.pack(">hhhhhHH", 1, 0, 0, 500, 500, 2, 0) + b"\x01\x01\x01" + struct.pack(">hhhhhh", 0, 500, 0, 0, 0, 500)
    glyph += b"\0" * (-len(glyph) % 4)
    parts = {
        b"cmap": _codes(list(tables), first),
        b"glyf": glyph,
        b"head": struct.pack(">LLLLHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1_000, 0, 0, 0, 0, 500, 500, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">LhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, WIDE, 0, 0, 500, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", WIDE, 0, WIDE, 0),
        b"loca": struct.pack(">LLL", 0, 0, len(glyph)),
        b"maxp": struct.pack(">LHHHHHHHHHHHHHH", 0x10000, 2, 3, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, -100, 50, 0, 0, 0, 0, 0),
    }
    return _directory(parts)


def _codes(tables: list[tuple[int, int]], first: int) -> bytes:
    segment = struct.pack(">HHHHHHH", 4, 32, 0, 4, 4, 1, 0)
    segment += struct.pack(">HHHHH", first, 0xFFFF, 0, first, 0xFFFF) + struct.pack(">HHHH", (1 - first) & 0xFFFF, 1, 0, 0)
    start = 4 + 8 * len(tables)
    return struct.pack(">HH", 0, len(tables)) + b"".join(struct.pack(">HHL", *each, start) for each in tables) + segment


def _directory(parts: dict[bytes, bytes]) -> bytes:
    head = struct.pack(">LHHHH", 0x10000, len(parts), 128, 3, 0)
    at, rows, body = 12 + 16 * len(parts), b"", b""
    for tag, data in parts.items():
        rows += tag + struct.pack(">LLL", 0, at, len(data))
        body += data + b"\0" * (-len(data) % 4)
        at = 12 + 16 * len(parts) + len(body)
    return head + rows + body


def type_1() -> bytes:
    """A Type 1 font with a glyph for the letter A."""
    clear = (
        b"%!PS-AdobeFont-1.0: Small\n11 dict begin\n/FontName /Small def\n/PaintType 0 def\n/FontType 1 def\n"
        b"/FontMatrix [0.001 0 0 0.001 0 0] def\n/Encoding StandardEncoding def\n/FontBBox {0 0 500 500} def\ncurrentdict end\n"
        b"currentfile eexec\n"
    )
    program = _number(0) + _number(WIDE) + b"\x0d" + b"\x0e"  # hsbw endchar
    held = _encrypted(b"\0\0\0\0" + program, _CHARSTRING_KEY)
    glyphs = b"".join(b"/%b %d RD %b ND\n" % (name.encode(), len(held), held) for name in NAMES)
    private = (
        b"dup /Private 8 dict dup begin\n/RD {string currentfile exch readstring pop} executeonly def\n/ND {def} executeonly def\n"
        b"/lenIV 4 def\n2 index /CharStrings 2 dict dup begin\n" + glyphs + b"end\nend\nreadonly put\nmark currentfile closefile\n"
    )
    return clear + _encrypted(b"\0\0\0\0" + private, _KEY) + b"\n" + (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"


def _number(value: int) -> bytes:
    return bytes((value + 139,)) if -107 <= value <= 107 else bytes((247 + (value - 108) // 256, (value - 108) % 256))


def _encrypted(data: bytes, key: int) -> bytes:
    made = bytearray()
    for byte in data:
        made.append(byte ^ (key >> 8))
        key = ((made[-1] + key) * 52_845 + 22_719) & 0xFFFF
    return bytes(made)


def lengths() -> tuple[int, int, int]:
    """The three parts of the Type 1 font, as its stream states them."""
    data = type_1()
    clear, rest = data.index(b"eexec\n") + 6, data.index(b"\n" + b"0" * 64)
    return clear, rest - clear, len(data) - rest


def jpx(
    channels: int = 3, bits: int = 8, *, specifications: Iterable[tuple[int, int, int]] = ((1, 0, 16),), differing: bool = False
) -> bytes:
    """The header of a JPEG 2000 image; `specifications` of colour are method, approximation and enumerated space."""
    header = _box(b"ihdr", struct.pack(">LLHBBBB", 1, 1, channels, bits - 1, 7, 0, 0))
    header += _box(b"bpcc", bytes((bits - 1,)) * channels) if differing else b""
    header += b"".join(
        _box(b"colr", struct.pack(">BBB", method, 0, exact) + struct.pack(">L", space)) for method, exact, space in specifications
    )
    start = _box(b"jP  ", b"\r\n\x87\n") + _box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return start + _box(b"jp2h", header) + _box(b"jp2c", b"\xff\x4f\xff\xd9")


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data) + 8) + kind + data
