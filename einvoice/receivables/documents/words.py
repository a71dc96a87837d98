"""Words by language, and amounts and days as people there write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from babel.dates import format_date
from babel.numbers import format_currency

LANGUAGES = ("en", "nl", "de", "fr")


class Words(NamedTuple):
    """The words of a language; `hash` is the SHA-256 of the file that they were read from."""

    language: str
    texts: Mapping[str, Any]
    hash: str


def spoken(language: str | None) -> str:
    """The language to write in: the one asked for where we speak it, English otherwise."""
    short = (language or "").lower()[:2]
    return short if short in LANGUAGES else "en"


@cache
def words(language: str) -> Words:
    """The words of a language that we speak."""
    data = files("einvoice.receivables.documents").joinpath("words", f"{language}.json").read_bytes()
    return Words(language, json.loads(data), hashlib.sha256(data).hexdigest())


def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount as it is written, with a currency sign; its spaces do not break."""
    return format_currency(amount, currency, locale=language)


def day(when: date, language: str) -> str:
    """A day as it is written, its month in letters."""
    return format_date(when, "long", locale=language)
