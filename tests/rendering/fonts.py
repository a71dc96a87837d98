"""A font of our own making, small, for houses that bring one."""

from __future__ import annotations

import struct


def font(family: str, characters: str = "AB") -> bytes:
    """A TrueType font in which each of the characters is a square."""
    glyph = _glyph()
    count = len(characters) + 1
    tables = {
        b"cmap": _cmap(characters),
        b"glyf": glyph * count,
        b"head": struct.pack(">HHIIIHHQQhhhhHHhhh", 1, 0, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 0, 0, 500, 500, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">HHhhhHhhhhhhhhhhhH", 1, 0, 800, -200, 0, 600, 0, 0, 500, 1, 0, 0, 0, 0, 0, 0, 0, count),
        b"hmtx": struct.pack(">Hh", 600, 0) * count,
        b"loca": struct.pack(f">{count + 1}I", *(len(glyph) * at for at in range(count + 1))),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, count, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": _name(family),
        b"OS/2": _os2(characters),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    return _assembled(tables)


def _glyph() -> bytes:
    """A square of 500 units."""
    flags, across, up = b"\x01" * 4, (0, 500, 0, -500), (0, 0, 500, 0)
    body = struct.pack(">hhhhhHH", 1, 0, 0, 500, 500, 3, 0) + flags + struct.pack(">8h", *across, *up)
    return body + b"\0" * (-len(body) % 4)


def _cmap(characters: str) -> bytes:
    points = sorted({ord(character) for character in characters})
    ends = [*points, 0xFFFF]
    deltas = [(at + 1 - point) & 0xFFFF for at, point in enumerate(points)] + [1]
    size = len(ends)
    arrays = struct.pack(f">{size}HH{size}H{size}H{size}H", *ends, 0, *ends, *deltas, *[0] * size)
    power = 2 ** (size.bit_length() - 1)
    head = struct.pack(">HHHHHHH", 4, 14 + len(arrays), 0, size * 2, power * 2, size.bit_length() - 1, size * 2 - power * 2)
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + head + arrays


def _name(family: str) -> bytes:
    texts = {1: family, 2: "Regular", 4: family, 6: family.replace(" ", "")}
    rows, store = b"", b""
    for identifier, text in texts.items():
        coded = text.encode("utf-16-be")
        rows += struct.pack(">HHHHHH", 3, 1, 0x409, identifier, len(coded), len(store))
        store += coded
    return struct.pack(">HHH", 0, len(texts), 6 + len(rows)) + rows + store


def _os2(characters: str) -> bytes:
    bounds = min(map(ord, characters)), max(map(ord, characters))
    sizes = struct.pack(">HhHHH10h", 4, 600, 400, 5, 0, *[500] * 10)
    ranges = struct.pack(">h10sIIII4sHHH", 0, bytes(10), 1, 0, 0, 0, b"OURS", 0x40, *bounds)
    return sizes + ranges + struct.pack(">hhhHHIIhhHHH", 800, -200, 0, 800, 200, 1, 0, 500, 700, 0, 32, 1)


def _assembled(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = 2 ** (count.bit_length() - 1)
    directory = struct.pack(">IHHHH", 0x10000, count, power * 16, count.bit_length() - 1, (count - power) * 16)
    at, bodies = len(directory) + count * 16, b""
    for tag, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, total, at + len(bodies), len(data))
        bodies += padded
    return directory + bodies
