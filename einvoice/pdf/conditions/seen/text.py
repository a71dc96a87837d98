"""Strings and names as they are written: hexadecimal strings, names that are not UTF-8 (ISO 32000-1, 7.3.4.3, 7.3.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen import files, tokens
from einvoice.pdf.conditions.seen.pages import Page
from einvoice.pdf.conditions.seen.painted import Painted
from einvoice.pdf.conditions.seen.tokens import HEX
from einvoice.pdf.conditions.seen.values import Object, array, at
from einvoice.pdf.conditions.seen.written import is_odd

_ESCAPED = re.compile(rb"#[89A-Fa-f][0-9A-Fa-f]")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_WHITE = b"\0\t\n\f\r "


class Hexadecimal(NamedTuple):
    """A hexadecimal string without the brackets around it, and without white space."""

    digits: bytes
    place: str


class Raw(NamedTuple):
    """A name as its bytes."""

    bytes: bytes
    place: str


def hexadecimal(data: bytes, place: str) -> Iterator[Hexadecimal]:
    """The hexadecimal strings of a text that has one which is not plain pairs of digits."""
    if b"<" in data and is_odd(data):
        for token in tokens.tokens(data):
            if token.kind == HEX:
                yield Hexadecimal(token.text[1:-1].translate(None, _WHITE), place)


def is_escaped(data: bytes) -> bool:
    """Whether the text of an object has a name with bytes beyond ASCII."""
    return b"#" in data and _ESCAPED.search(data) is not None


def names(root: Object, pages: Iterable[Page], painted: Painted) -> Iterator[Raw]:
    """The names of fonts and colorants in the resources of pages and in use, and the types of structure elements."""
    for page in pages:
        for font in _values(at(page.resources.own, "/Font")):
            yield from _raw(at(font, "/BaseFont"), page.place)
        for space in _values(at(page.resources.own, "/ColorSpace")):
            yield from _colorants(space, page.place)
    for used in painted.fonts.values():
        yield from _raw(used.dictionary.get("/BaseFont"), used.place)
        for inner in array(used.dictionary.get("/DescendantFonts")):
            yield from _raw(at(inner, "/BaseFont"), used.place)
    for colour in painted.colours.values():
        yield from _colorants(colour.space.array, colour.place)
    for element in files.structure(root):
        yield from _raw(element.get("/S"), "structure element")


def _values(value: Object) -> Iterator[Object]:
    return iter(value.values()) if isinstance(value, pikepdf.Dictionary) else iter(())


def _colorants(space: Object, place: str) -> Iterator[Raw]:
    parts = array(space)
    if len(parts) > 1:
        for each in [parts[1], *array(parts[1])]:
            yield from _raw(each, place)


def _raw(value: Object, place: str) -> Iterator[Raw]:
    if isinstance(value, pikepdf.Name):
        yield Raw(_ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), value.unparse()[1:]), place)
