"""Every object of the PDF, reachable or not, and the values in it that may be too large (ISO 19005-3, 6.1.13).

A value is looked at closely only where the text of its object has a sign of one that is: digits without end, a long text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen import tokens
from einvoice.pdf.conditions.seen.tokens import HEX, NAME, NUMBERS, STRING

_SIGN = re.compile(rb"\d{10}|\.0{37}|/[^\s()<>\[\]{}/%]{128}|\((?:[^()\\]|\\.){32000}|<[0-9A-Fa-f\s]{64000}")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")


class Held(NamedTuple):
    """An indirect object, its text, and where it stands."""

    object: pikepdf.Object
    text: bytes
    place: str


class Large(NamedTuple):
    """A number, a string or a name that may be beyond what a conforming file holds."""

    kind: str
    value: float
    place: str


def held(pdf: pikepdf.Pdf) -> Iterator[Held]:
    """Every indirect object."""
    for each in pdf.objects:
        if isinstance(each, pikepdf.Object):
            text = each.stream_dict.unparse() if isinstance(each, pikepdf.Stream) else each.unparse(resolved=True)
            yield Held(each, text, "object {} {}".format(*each.objgen))


def large(text: bytes, place: str) -> Iterator[Large]:
    """The values in a text that are to be looked at: integers, reals, lengths of strings and of names."""
    if not _SIGN.search(text):
        return
    for token in tokens.tokens(text):
        if token.kind == NUMBERS:
            for number in _NUMBER.findall(token.text):
                yield Large("real" if b"." in number else "integer", float(number) if b"." in number else int(number), place)
        elif token.kind in {STRING, HEX}:
            yield Large("string", len(tokens.string(token)), place)
        elif token.kind == NAME:
            yield Large("name", len(tokens.name(token).encode("utf-8", "replace")) - 1, place)
