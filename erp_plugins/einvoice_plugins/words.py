"""Words in the four languages that every plugin speaks: nl, en, de, fr. They stand in `words/`, one file a subject."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("nl", "en", "de", "fr")
_FOLDER = Path(__file__).with_name("words")


@cache
def table(subject: str) -> Mapping[str, Mapping[str, str]]:
    """The words of a subject: by key, and of each the language."""
    found: dict[str, dict[str, str]] = json.loads((_FOLDER / f"{subject}.json").read_text("utf-8"))
    return found


def say(subject: str, key: str, language: str) -> str:
    """What a key is called; English for a language that is none of the four, whose region (nl_BE, fr-FR) does not count.

    Raises KeyError where there is no such key.
    """
    told = table(subject)[key]
    return told.get(spoken(language), told["en"])


def spoken(language: str) -> str:
    """The one of the four languages that is meant, English where none is."""
    short = language.replace("-", "_").partition("_")[0].lower()
    return short if short in LANGUAGES else "en"
