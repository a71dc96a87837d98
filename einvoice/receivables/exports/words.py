"""What interest, costs and invoices are called in documents for other programs (`words.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "nl", "de", "fr")


def word(language: str, name: str, **fields: str) -> str:
    """A word of a language, English where it is none of ours, with its fields filled in."""
    return _words()[language if language in LANGUAGES else "en"][name].format(**fields)


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    return found
