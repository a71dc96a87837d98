"""What an answer means: one of a few words in four languages, else it is for a person. The words are `answers.json`."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Meaning = Literal["stop", "start", "paid", "other"]
_MEANINGS: tuple[Meaning, ...] = ("stop", "start", "paid")


def meaning(text: str) -> Meaning:
    """What an answer means, all of it or (of a wish to hear no more) its first line; case, accents and signs do not matter."""
    whole = plain(text)
    first = plain(next((line for line in text.splitlines() if line.strip()), ""))
    if first in _words()["stop"]:
        return "stop"
    return next((word for word in _MEANINGS if whole in _words()[word]), "other")


def plain(text: str) -> str:
    """Text as it is compared: small letters without accents, words with one blank between."""
    decomposed = unicodedata.normalize("NFKD", text[:200].casefold())
    return " ".join("".join(sign if sign.isalnum() else "" if unicodedata.combining(sign) else " " for sign in decomposed).split())


def tables() -> dict[str, Any]:
    """Words, the texts of tasks by language, and how many days an answer pauses follow-up."""
    return _tables()


@cache
def _tables() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(__package__).joinpath("answers.json").read_text("utf-8"))
    return found


@cache
def _words() -> dict[str, frozenset[str]]:
    return {word: frozenset(one for some in _tables()[word].values() for one in some) for word in _MEANINGS}
