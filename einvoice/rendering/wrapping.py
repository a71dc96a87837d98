"""Where a word may be broken that is wider than a narrow column: marked with U+200B, which templates turn into no character at all."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

MARK = "\u200b"
WIDEST = 14.0
"""How wide a word may be in one piece, in units of the size of its type; columns of text are never narrower."""
NARROW = 9.0
"""The same for the columns at the foot of a page."""
SHORT = 3
"""How many characters a part has at least that ends in a sign."""
STEP = 4
"""After how many characters a word without signs may be broken."""

_LISTS = (list, tuple)
_AFTER = frozenset("/-_.,;:@&=?#|+)]}\\")
_WIDE = frozenset("mwMW@%&—…")


def breakable(value: Any, widest: float = WIDEST) -> Any:
    """The shape of a sheet with its long words marked."""
    return _breakable(value, widest, _longer(int(widest)))


def _breakable(value: Any, widest: float, longer: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        if len(value) > widest and longer.search(value):
            return longer.sub(lambda found: _marked(found.group(), widest), value)
    elif isinstance(value, dict):
        return {name: _breakable(part, widest, longer) for name, part in value.items()}
    elif isinstance(value, _LISTS):
        return [_breakable(part, widest, longer) for part in value]
    return value


@cache
def _longer(count: int) -> re.Pattern[str]:
    """Words of more characters: one of fewer cannot be too wide."""
    return re.compile(rf"[^\s\u200b]{{{count + 1},}}")


def width(text: str) -> float:
    """About how wide a text is, in units of the size of its type."""
    return sum(_wide(sign) for sign in text)


def _marked(word: str, widest: float) -> str:
    if width(word) <= widest:
        return word
    return MARK.join(piece if width(piece) <= widest else _everywhere(piece) for piece in _pieces(word))


def _pieces(word: str) -> list[str]:
    """The parts of an address or identifier, each with the sign that ends it, none very short."""
    made, start = [], 0
    for at, sign in enumerate(word[:-SHORT]):
        if sign in _AFTER and at - start >= SHORT:
            made.append(word[start : at + 1])
            start = at + 1
    return [*made, word[start:]]


def _everywhere(piece: str) -> str:
    """A piece that may be broken every few characters, never before what belongs to the character before it."""
    made, since = [piece[0]], 1
    for before, sign in pairwise(piece):
        joined = unicodedata.category(sign)[0] == "M" or "\u200d" in {before, sign} or unicodedata.bidirectional(sign) == "AL"
        if since >= STEP and not joined:
            made.append(MARK)
            since = 0
        made.append(sign)
        since += 1
    return "".join(made)


@lru_cache(maxsize=4_096)
def _wide(sign: str) -> float:
    if sign in _WIDE or unicodedata.east_asian_width(sign) in {"W", "F"}:
        return 1.0
    if sign.isdigit() or sign.islower():
        return 0.52
    return 0.72 if sign.isalpha() else 0.45
