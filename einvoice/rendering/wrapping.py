"""Where a word may be broken that is wider than a narrow column: marked with U+200B, which templates turn into no character at all."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Any

MARK = "\u200b"
WIDEST = 10.0
"""How wide a word may be in one piece, in units of the size of its type; columns of text are never narrower."""
SHORT = 3
"""How many characters a part has at least."""

_LONG = re.compile(r"[^\s\u200b]{11,}")
_AFTER = frozenset("/-_.,;:@&=?#|+)]}\\")
_WIDE = frozenset("mwMW@%&—…")


def breakable(value: Any) -> Any:
    """The shape of a sheet with its long words marked."""
    if isinstance(value, str):
        return _LONG.sub(_marked, value) if len(value) > 10 else value
    if isinstance(value, dict):
        return {name: breakable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [breakable(part) for part in value]
    return value


def width(text: str) -> float:
    """About how wide a text is, in units of the size of its type."""
    return sum(_wide(sign) for sign in text)


def _marked(found: re.Match[str]) -> str:
    word = found.group()
    if width(word) <= WIDEST:
        return word
    pieces = _pieces(word)
    return MARK.join(piece if width(piece) <= WIDEST / 2 else _everywhere(piece) for piece in pieces)


def _pieces(word: str) -> list[str]:
    """The parts of an address or identifier, each with the sign that ends it, none very short."""
    made, start = [], 0
    for at, sign in enumerate(word[:-SHORT]):
        if sign in _AFTER and at - start >= SHORT:
            made.append(word[start : at + 1])
            start = at + 1
    return [*made, word[start:]]


def _everywhere(piece: str) -> str:
    """A piece that may be broken after every character that ends one: never before what belongs to the one before it."""
    made = [piece[0]]
    for before, sign in pairwise(piece):
        joined = unicodedata.category(sign)[0] == "M" or "\u200d" in {before, sign} or unicodedata.bidirectional(sign) == "AL"
        made.append(sign if joined else MARK + sign)
    return "".join(made)


def _wide(sign: str) -> float:
    if sign in _WIDE or unicodedata.east_asian_width(sign) in {"W", "F"}:
        return 1.0
    if sign.isdigit() or sign.islower():
        return 0.52
    return 0.72 if sign.isalpha() else 0.45
