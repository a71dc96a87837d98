"""Names as they can be compared: without accents, legal forms, titles and order.

How far two names agree is a small number: `FULL` (the same words), `PART` (one is within the other, by at least two words or by one that
few others have; or the same family name with the same initial), `NONE`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

NONE, PART, FULL = 0, 1, 2
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l", "đ": "d", "þ": "th"}
)
_WORD = re.compile(r"[a-z0-9]+")
_LONGEST = 140
"""Characters of a name that are looked at: ISO 20022 has no longer ones."""
_CUT = 24
"""Characters from which on a bank may have cut a name: then its last word may be the beginning of one."""
RARE = 2
"""Debtors that may share a word which still tells them from all others."""


class Name(NamedTuple):
    """A name's words, those that tell; `initials` are words of one letter; `cut` is a last word that may be a beginning."""

    words: frozenset[str]
    initials: frozenset[str]
    cut: str = ""


@lru_cache(maxsize=200_000)
def name_of(text: str) -> Name:
    """A name without what does not tell."""
    plain = unicodedata.normalize("NFKD", text[:_LONGEST].translate(_LETTERS)).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\b([a-z])\.\s?(?=[a-z]\.)", r"\1", plain)  # B.V. is bv, S.A. is sa
    found = _WORD.findall(plain)
    told = [word for word in found if word not in _ignored()]
    words = [word for word in told or found if len(word) > 1]
    initials = frozenset(word for word in found if len(word) == 1)
    cut = words[-1] if len(text) >= _CUT and words and found[-1] == words[-1] else ""
    return Name(frozenset(words), initials, cut)


@cache
def _ignored() -> frozenset[str]:
    kept: Mapping[str, str] = json.loads(Path(__file__).with_name("names.json").read_text("utf-8"))
    return frozenset(word for key in ("legal", "titles", "particles") for word in kept[key].split())


def agreement(said: Name, known: Name, sharing: Mapping[str, int]) -> int:
    """How far a payer's name agrees with a debtor's; `sharing` says how many debtors have a word."""
    if not said.words or not known.words:
        return NONE
    shared = said.words & known.words
    if said.cut and said.cut not in known.words and any(word.startswith(said.cut) for word in known.words - shared):
        shared |= {said.cut}
    if len(shared) == len(said.words) == len(known.words):
        return FULL
    smaller = min(len(said.words), len(known.words))
    if len(shared) == smaller and len(shared) >= 2:
        return PART
    if shared and (len(shared) == smaller or len(shared) >= 2):
        return PART if _tells(shared, said, known, sharing) else NONE
    return NONE


def _tells(shared: frozenset[str], said: Name, known: Name, sharing: Mapping[str, int]) -> bool:
    """Whether what two names share is enough: a word that few have, or the family name beside the same initial."""
    if any(len(word) >= 4 and sharing.get(word, 0) <= RARE for word in shared):
        return True
    given, asked = _first_letters(said, shared), _first_letters(known, shared)
    return bool(said.initials or known.initials) and bool(given & asked)


def _first_letters(name: Name, shared: frozenset[str]) -> set[str]:
    return {word[0] for word in name.words - shared} | name.initials
