"""The glyphs that are shown: whether the font program has them, and whether both agree on how wide they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen import encodings, tokens
from einvoice.pdf.conditions.seen.compact import Compact
from einvoice.pdf.conditions.seen.encodings import NOTDEF
from einvoice.pdf.conditions.seen.fonts import Code, Face
from einvoice.pdf.conditions.seen.tokens import NUMBERS
from einvoice.pdf.conditions.seen.truetype import TrueType
from einvoice.pdf.conditions.seen.type1 import Type1
from einvoice.pdf.conditions.seen.values import Object, array, at, integer, number, stream

_MOST_INTEGER = 2**31


class Glyph(NamedTuple):
    """A code that is shown: whether its glyph is there and is not `.notdef`, its width in the font program and in the PDF.

    None is what cannot be told, because the font is not embedded or cannot be read.
    """

    present: bool | None
    undefined: bool
    program_width: float | None
    width: float | None
    visible: bool
    place: str


def glyphs(face: Face) -> Iterator[Glyph]:
    """Those shown with a font."""
    kind = _KINDS.get(face.subtype or "")
    if kind is None or (face.program is None and face.subtype != "Type3"):
        return
    widths, place = _widths(face), f"{face.place}, code "
    for code in face.codes:
        present, undefined, wide = kind(face, code)
        yield Glyph(code.code == 0 or present, undefined, wide, widths(code), code.visible, place + str(code.code))


def _simple(face: Face, code: Code) -> tuple[bool | None, bool, float | None]:
    """In a Type 1 font, whichever program it has."""
    program, stated = face.program, face.own_names[code.code]
    if isinstance(program, Type1):
        found = program.encoding.get(code.code) if stated is None else stated
        wide = None if found is None else program.width(found)
        return found != NOTDEF and found in program.programs, stated == NOTDEF, _missing(face) if wide is None else wide
    if not isinstance(program, Compact) or program.is_by_identifier:
        return None, stated == NOTDEF, None
    found = program.encoding.get(code.code, NOTDEF) if stated is None else stated
    return found in program.names, stated == NOTDEF, program.width(program.names.get(found, 0))


def _missing(face: Face) -> float:
    return number(at(face.descriptor, "/MissingWidth")) or 0.0


def _true_type(face: Face, code: Code) -> tuple[bool | None, bool, float | None]:
    program, stated = face.program, face.own_names[code.code]
    if not isinstance(program, TrueType):
        return None, False, None
    undefined = stated == NOTDEF or (stated is None and code.code == 0)
    if face.true_type_names is None:
        glyph = _by_code(program, code.code)
        return glyph > 0, undefined, program.width(glyph)
    named = face.true_type_names[code.code]
    glyph = _by_name(program, named)
    if not program.encodings and named not in program.names:
        return named != NOTDEF and 0 < glyph < program.count, undefined, None
    return named != NOTDEF and 0 < glyph < program.count, undefined, program.width(glyph)


def _by_code(program: TrueType, code: int) -> int:
    """The glyph of a code in a font with characters of its own."""
    symbols = program.codes(3, 0)
    if symbols is not None:
        high = next(iter(symbols), 0) & 0xFF00
        return symbols.get(high + code, 0) if high in {0, 0xF000, 0xF100, 0xF200} else 0
    return (program.codes(1, 0) or {}).get(code, 0)


def _by_name(program: TrueType, named: str) -> int:
    """The glyph of a name: by its code point, by the Macintosh's code, by the names in the font."""
    glyph = (program.codes(3, 1) or {}).get(encodings.glyphs().get(named, -1), 0)
    if not glyph:
        glyph = (program.codes(1, 0) or {}).get(encodings.mac_os().get(named, -1), 0)
    return glyph or program.names.get(named, 0)


def _composite(face: Face, code: Code) -> tuple[bool | None, bool, float | None]:
    program, identifier = face.program, code.identifier
    if isinstance(program, TrueType):
        glyph = _mapped(face, identifier or 0)
        there = bool(identifier) and glyph is not None and glyph < program.count
        return there, not there, program.width(glyph or 0)
    if not isinstance(program, Compact):
        return None, False, None
    if not program.is_by_identifier:
        there = identifier is None or 0 <= identifier < len(program.glyphs)
        return there, not there, program.width(identifier or 0)
    glyph = program.identifiers.get(identifier or 0)
    there = bool(identifier) and bool(glyph)
    return there, not there, _default(face) if glyph is None else program.width(glyph)


def _mapped(face: Face, identifier: int) -> int | None:
    """The glyph of a character identifier in a TrueType font."""
    held = stream(face.dictionary.get("/CIDToGIDMap"))
    if held is None:
        return identifier
    data = face.streams.read(held) or b""
    pair = data[2 * identifier : 2 * identifier + 2]
    return int.from_bytes(pair) if pair else None


def _default(face: Face) -> float:
    stated = number(face.dictionary.get("/DW"))
    return 1_000.0 if stated is None else stated


def _type_3(face: Face, code: Code) -> tuple[bool | None, bool, float | None]:
    stated = face.own_names[code.code]
    drawn = None if stated is None else stream(at(face.dictionary.get("/CharProcs"), f"/{stated}"))
    if drawn is None:
        return False, stated == NOTDEF, _missing(face)
    return True, stated == NOTDEF, _stated_width(face.streams.read(drawn) or b"", _missing(face))


def _stated_width(data: bytes, missing: float) -> float:
    """The width with which the procedure of a Type 3 glyph begins: by d0 with two numbers, or by d1 with six."""
    found: list[float] = []
    for token in tokens.tokens(data[:500]):
        if token.kind != NUMBERS:
            return found[0] if len(found) == {b"d0": 2, b"d1": 6}.get(token.text) else missing
        found += tokens.numbers(token)
    return missing


def _widths(face: Face) -> Callable[[Code], float | None]:
    """The widths that the PDF states, by code."""
    if face.composite is not None:
        stated, default = _listed(face.dictionary.get("/W")), _default(face)
        return lambda code: stated.get(code.identifier or 0, default)
    first, widths = integer(face.dictionary.get("/FirstChar")), array(face.dictionary.get("/Widths"))
    last = integer(face.dictionary.get("/LastChar"))
    by_code: dict[int, float | None] = {}
    if first is not None and last is not None:
        by_code = {first + at: number(each) for at, each in enumerate(widths) if first + at <= last}
    return lambda code: by_code.get(code.code, _missing(face))


def _listed(stated: Object) -> dict[int, float]:
    """The widths of a CIDFont by identifier: lists of single widths, and one width for a range."""
    found: dict[int, float] = {}
    waiting: list[int] = []
    for each in _numbers(array(stated)):
        wide = number(each)
        if wide is None and isinstance(each, list | pikepdf.Array):
            if waiting:
                found.update((key, own) for key, value in enumerate(each, waiting[-1]) if (own := number(value)) is not None)
            waiting.clear()
        elif wide is not None and len(waiting) < 2:
            waiting.append(int(each))
        elif wide is not None:
            first, last = waiting
            if last < _MOST_INTEGER:
                for key in range(first, min(last, first + 65_535) + 1):
                    found.setdefault(key, wide)
            waiting.clear()
    return found


def _numbers(stated: Object) -> Object:
    """An array with what stands in it as numbers and lists, where it is nothing else: that is quicker than object by object."""
    if not len(stated):
        return stated
    try:
        return json.loads(stated.unparse().replace(b"[ ", b"[").replace(b" ]", b"]").replace(b" ", b","))
    except ValueError:
        return stated


_KINDS = {
    "Type1": _simple,
    "MMType1": _simple,
    "TrueType": _true_type,
    "Type3": _type_3,
    "CIDFontType0": _composite,
    "CIDFontType2": _composite,
}


def lists_all_glyphs(face: Face) -> bool:
    """Whether CharSet names exactly the glyphs that the font program has."""
    stated = set(_names(bytes(face.descriptor.get("/CharSet")))) if face.descriptor is not None else set()
    program = face.program
    held = set(program.programs if isinstance(program, Type1) else program.names if isinstance(program, Compact) else ())
    return len(stated) in {len(held), len(held) - 1} and stated - {NOTDEF} == held - {NOTDEF}


def _names(data: bytes) -> Iterator[str]:
    return (tokens.name(each)[1:] for each in tokens.tokens(data) if each.kind == tokens.NAME)


def lists_all_identifiers(face: Face) -> bool:
    """Whether CIDSet marks exactly the identifiers that the font program has."""
    held = stream(at(face.descriptor, "/CIDSet"))
    data = b"" if held is None else face.streams.read(held) or b""
    marked = {8 * at + bit for at, byte in enumerate(data[:16_384]) for bit in range(8) if byte & (0x80 >> bit)} - {0}
    program = face.program
    if isinstance(program, TrueType):
        mapped = stream(face.dictionary.get("/CIDToGIDMap"))
        count = min(program.count, program.metrics or program.count) if mapped is None else len(face.streams.read(mapped) or b"") // 2
        found = {each for each in range(1, count) if (glyph := _mapped(face, each)) is not None and glyph < program.count}
        beyond = {each for each in marked - found if (glyph := _mapped(face, each)) is None or glyph >= program.count}
        return found <= marked and not beyond
    if isinstance(program, Compact) and program.is_by_identifier:
        return marked == set(program.identifiers) - {0}
    return not marked
