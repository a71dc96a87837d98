"""Every object of the PDF, reachable or not, and the values in it that may be too large (ISO 19005-3, 6.1.13).

A value is looked at closely only where the text of its object has a sign of one that is: digits without end, a long text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen import tokens
from einvoice.pdf.conditions.seen.tokens import HEX, NAME, NUMBERS, STRING

_LONG_STRING = 32_000
_DIGITS = bytes(48 if 48 <= byte < 58 else 97 for byte in range(256))
"""Every digit as a zero, every other byte as a letter."""
_LONG_NUMBER = re.compile(rb"(?<![\d.])\d{10}|\.0{37}")
_SIGN = re.compile(rb"\([^()\\]*+(?:\\.[^()\\]*+)*+\)|<<|<[^<>]*+>|((?<![\d.])\d{10}|\.0{37}|/[^\s\0()<>\[\]{}/%]{128})", re.DOTALL)
"""A string, which is passed over, or a number or name that is long."""
_LONG_NAME = re.compile(rb"/[^\s\0()<>\[\]{}/%\\]{128}")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")


class Held(NamedTuple):
    """An indirect object and its text."""

    object: pikepdf.Object
    text: bytes

    @property
    def place(self) -> str:
        """Where it stands."""
        return "object {} {}".format(*self.object.objgen)


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
            yield Held(each, text)


def signed(objects: Sequence[Held]) -> list[Held]:
    """Those that have a sign of a value that may be too large. That none has, as in most files, is told of all at once."""
    if not has_sign(b"\n".join(each.text for each in objects)):
        return []
    return [each for each in objects if has_sign(each.text)]


def has_sign(text: bytes, longest: int = _LONG_STRING + 1) -> bool:
    """Whether ten digits stand together, or 128 bytes of a name, or the text may have a long string; none is longer than `longest`."""
    if min(len(text), longest) > _LONG_STRING and tokens.may_have_string(text, _LONG_STRING):
        return True
    long_number = b"0000000000" in text.translate(_DIGITS) and _LONG_NUMBER.search(text)
    return bool(long_number or _LONG_NAME.search(text)) and any(found[1] for found in _SIGN.finditer(text))


def large(text: bytes, place: str) -> Iterator[Large]:
    """The values in a text with a sign of such: integers, reals, lengths of strings and of names."""
    for token in tokens.tokens(text):
        if token.kind == NUMBERS:
            for number in _NUMBER.findall(token.text):
                yield Large("real" if b"." in number else "integer", float(number) if b"." in number else int(number), place)
        elif token.kind in {STRING, HEX}:
            yield Large("string", len(tokens.string(token)), place)
        elif token.kind == NAME:
            yield Large("name", len(tokens.name(token).encode("utf-8", "replace")) - 1, place)
