"""How the codes of simple fonts become names of glyphs, and names code points (ISO 32000-1, 9.6.6, annex D; Adobe Glyph List)."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from einvoice.pdf.conditions.seen.values import Object, array, at, integer, name

NOTDEF = ".notdef"
PREDEFINED = frozenset({"WinAnsiEncoding", "MacRomanEncoding", "MacExpertEncoding"})


@cache
def _stated() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(__package__) / "encodings.json").read_text("utf-8"))
    return found


def _words(key: str) -> list[str]:
    return [each for line in _stated()[key] for each in line.split()]


@cache
def predefined(encoding: str) -> tuple[str, ...]:
    """The names of an encoding by code; `.notdef` where it has none."""
    return tuple(NOTDEF if each == "-" else each for each in _words(encoding))


@cache
def compact_strings() -> tuple[str, ...]:
    """The strings that every compact font (CFF) knows, by number."""
    return tuple(_words("compact_strings"))


@cache
def mac_glyphs() -> tuple[str, ...]:
    """The names of the glyphs that every TrueType font for the Macintosh has, by number."""
    return tuple(_words("mac_glyphs"))


@cache
def mac_os() -> dict[str, int]:
    """The codes of the Macintosh's own encoding, by name."""
    found = {each: code for code, each in enumerate(predefined("MacRomanEncoding")) if each != NOTDEF}
    return {**found, **_stated()["mac_os_additions"]}


@cache
def glyphs() -> dict[str, int]:
    """The code points of the names of the Adobe Glyph List."""
    stated = json.loads((files(__package__) / "glyphs.json").read_text("utf-8"))["glyphs"]
    pairs = (each.split(":") for line in stated for each in line.split())
    return {each: int(code, 16) for each, code in pairs}


def differences(font: Object) -> dict[int, str]:
    """The names that a font's encoding states itself, by code."""
    found: dict[int, str] = {}
    code = 0
    for each in array(at(font.get("/Encoding"), "/Differences")):
        if (stated := name(each)) is not None:
            found[code] = stated
            code += 1
        elif (number := integer(each)) is not None:
            code = number
    return found


def base(font: Object) -> str | None:
    """The name of the encoding that a font's encoding is, or begins with."""
    stated = font.get("/Encoding")
    return name(stated) or name(at(stated, "/BaseEncoding"))


def glyph_name(font: Object, code: int) -> str | None:
    """The name that the font's dictionary gives a code, None where it leaves that to the font program."""
    own = differences(font)
    if code in own:
        return own[code]
    encoding = base(font)
    return predefined(encoding)[code] if encoding in PREDEFINED and encoding is not None else None
