"""What a dossier says besides the documents in it (`words.toml`), in the language of whoever gets it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from einvoice.receivables.documents.words import spoken

CHAPTERS = ("summary", "invoices", "statement", "correspondence", "received", "proofs", "cases", "computation", "terms")
"""The parts of a dossier, in their order."""


def say(language: str, name: str, **fields: str) -> str:
    """A sentence or word of a language, its fields filled in; English where it is none of ours."""
    return str(words()[spoken(language)][name]).format(**fields)


def title(language: str, chapter: str) -> str:
    """What a chapter is called."""
    return str(words()[spoken(language)]["titles"][chapter])


@cache
def words() -> Mapping[str, Mapping[str, Any]]:
    """The words of all languages."""
    found: Mapping[str, Mapping[str, Any]] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    return found
