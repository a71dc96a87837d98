"""The text of a file whose encoding nobody states: UTF-8 or UTF-16 with a mark, UTF-8 where the bytes are, else Windows-1252."""

from __future__ import annotations

import codecs
from pathlib import Path

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BLOCK = 1 << 20


def encoding_of(path: Path) -> str:
    """The encoding of a file, found by reading it once.

    Raises OSError where it cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    beyond_ascii = False
    with path.open("rb") as file:
        block = file.read(_BLOCK)
        for mark, name in _MARKS:
            if block.startswith(mark):
                return name
        try:
            while block:
                beyond_ascii = not decoder.decode(block).isascii() or beyond_ascii
                block = file.read(_BLOCK)
        except UnicodeDecodeError:
            return _western(path)
    breaks_off = bool(decoder.getstate()[0])  # within a sign: half a file where it is UTF-8 so far
    return _western(path) if breaks_off and not beyond_ascii else "utf-8"


def ends_with_newline(path: Path) -> bool:
    """Whether the last line of a file is whole."""
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 4))
        return file.read().replace(b"\x00", b"").endswith((b"\n", b"\r"))


def _western(path: Path) -> str:
    """Windows-1252, or Latin-1 where a byte has no meaning in it."""
    try:
        with path.open(encoding="cp1252") as file:
            while file.read(_BLOCK):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
