"""The pictures of a mail as PNG, which every mail program shows: the logo of the house, and the code to pay by."""

from __future__ import annotations

import hashlib
import struct
import zlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import segno
import typst

from einvoice.errors import RenderError
from einvoice.receivables.documents.letter_press import ready
from einvoice.rendering.house import House
from einvoice.rendering.qr import MASK, QUIET

LOGO_HEIGHT = 48
"""Pixels on the screen; the picture has twice as many."""
_MODULE = 8
"""Pixels of a module of the code."""


class Picture(NamedTuple):
    """A picture of a mail: by what the mail names it (Content-ID), the name of its file, its type, its bytes."""

    cid: str
    name: str
    type: str
    data: bytes


def logo(house: House) -> Picture | None:
    """The logo of a house, None where it has none.

    Raises RenderError where it cannot be drawn.
    """
    if house.folder is None or not house.style.logo:
        return None
    path = house.folder / house.style.logo
    try:
        seen = path.stat()
    except OSError as fault:
        raise RenderError(f"{path} cannot be read: {fault.strerror}; put the file back, or correct style.toml") from None
    return _logo(house.folder, house.style.logo, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=32)
def _logo(folder: Path, name: str, _changed: int, _size: int) -> Picture:
    """Drawn by Typst, as letters have it: SVG is shown by few mail programs."""
    height = LOGO_HEIGHT * 0.75
    image = f'#image("/{Path(name).as_posix()}", height: {height}pt)'.replace("\\", "/")
    source = f"#set page(width: auto, height: auto, margin: 0pt, fill: none)\n{image}"
    try:
        return _picture("logo", ready(folder).png(source, 192))
    except typst.TypstError as fault:
        raise RenderError(
            f"{folder / name} cannot be drawn: {fault.message}; save it as PNG or JPEG in RGB, or as SVG without links"
        ) from None


def qr(text: str) -> Picture:
    """The code of a text with its quiet zone, dark on white whatever the screen is."""
    made = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8", mask=MASK)
    return _picture("qr", _png([bytes(row) for row in made.matrix]))


def _picture(name: str, data: bytes) -> Picture:
    return Picture(f"{name}.{hashlib.sha256(data).hexdigest()[:20]}@mail", f"{name}.png", "image/png", data)


def _png(rows: list[bytes]) -> bytes:
    """Modules as a PNG of one bit a pixel (ISO/IEC 15948: colour type 0, bit depth 1), 1 being light."""
    count = len(rows) + 2 * QUIET
    side = count * _MODULE
    wide = (side + 7) // 8
    light = b"\x00" + b"\xff" * wide
    lines = [light * (QUIET * _MODULE)]
    for row in rows:
        bits = "1" * (QUIET * _MODULE) + "".join(("0" if dark else "1") * _MODULE for dark in row) + "1" * (QUIET * _MODULE)
        line = b"\x00" + int(bits.ljust(wide * 8, "1"), 2).to_bytes(wide, "big")
        lines.append(line * _MODULE)
    lines.append(light * (QUIET * _MODULE))
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(lines), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + kind + data + _check(kind, data) for kind, data in parts)


def _check(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(kind + data))
