"""Words by language, and amounts and days as people there write them.

The words stand in TOML, one sentence a key (`words/en.toml`); a folder of the user's overrides what it has (`templates`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache, lru_cache
from string import Formatter
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

from einvoice.errors import ReceivablesError
from einvoice.receivables.documents.voices import parts

LANGUAGES = ("en", "nl", "de", "fr")
WITHOUT = "_without_"
"""`payment_without_bic` is said in place of `payment` where there is no BIC."""
_LOCALES = {"en": Locale("en", "GB")}
_SAMPLE = Decimal("1234567.891")


class Sentence(NamedTuple):
    """A sentence, the placeholders that it names, and what is said instead where one of them is empty: (placeholder, sentence)."""

    text: str
    fields: tuple[str, ...]
    instead: tuple[tuple[str, Sentence], ...] = ()


class Words:
    """The words of a language; `hash` is the SHA-256 of the files that they were read from."""

    __slots__ = ("_found", "hash", "language", "texts")

    def __init__(self, language: str, texts: Mapping[str, Any], digest: str) -> None:
        self.language = language
        self.texts = texts
        self.hash = digest
        self._found: dict[tuple[tuple[str, ...], str | None], Sentence | None] = {}

    def sentence(self, path: tuple[str, ...], voice: str | None = None) -> Sentence | None:
        """The sentence at a path as a voice says it, from its own words, its parts' or the base's; None where there is none."""
        key = (path, voice)
        if key not in self._found:
            tables = (*(("voice", part, *path) for part in parts(voice)), path)
            self._found[key] = next((found for each in tables if (found := _sentence(self.texts, each))), None)
        return self._found[key]

    def own(self, path: tuple[str, ...], voice: str | None) -> list[Sentence]:
        """What a voice says at a path besides the base: by itself, or else each of its parts."""
        found = [_sentence(self.texts, ("voice", part, *path)) for part in parts(voice)]
        return [each for each in (found[:1] if found and found[0] else found) if each]


def _sentence(texts: Mapping[str, Any], path: tuple[str, ...]) -> Sentence | None:
    table: Any = texts
    for name in path[:-1]:
        table = table.get(name, {})
    text = table.get(path[-1])
    if not isinstance(text, str):
        return None
    prefix = f"{path[-1]}{WITHOUT}"
    others = [(name.removeprefix(prefix), each) for name, each in table.items() if name.startswith(prefix)]
    try:
        return Sentence(text, fields(text), tuple((name, Sentence(each, fields(each))) for name, each in others))
    except ValueError as fault:
        mend = "`einvoice receivables templates check` says where"
        raise ReceivablesError(f"the braces of the sentence {'.'.join(path)} do not match ({fault}); {mend}") from None


@lru_cache(maxsize=8192)
def fields(text: str) -> tuple[str, ...]:
    """The placeholders that a sentence names. Raises ValueError where its braces do not match."""
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(text) if name is not None))


def spoken(language: str | None) -> str:
    """The language to write in: the one asked for where we speak it, English otherwise."""
    short = (language or "").lower()[:2]
    return short if short in LANGUAGES else "en"


def words(language: str) -> Words:
    """The words of a language that we speak, as they come with this release."""
    from einvoice.receivables.documents.templates import load  # noqa: PLC0415 - templates are made of words

    return load(None).words[language]


class _Style(NamedTuple):
    """How amounts of a currency are written in a language: around the digits, between thousands, before decimals."""

    before: str
    after: str
    thousands: str
    point: str
    digits: int
    step: Decimal


@cache
def _style(currency: str, language: str) -> _Style:
    """Learnt from what Babel writes of a sample."""
    digits = get_currency_precision(currency)
    step = Decimal(1).scaleb(-digits)
    written = format_currency(_SAMPLE.quantize(step), currency, locale=_locale(language))
    first, last = written.index("1"), max(at for at, sign in enumerate(written) if sign.isdigit())
    point = written[last - digits] if digits else ""
    return _Style(written[:first], written[last + 1 :], written[first + 1], point, digits, step)


@cache
def _locale(language: str) -> Locale:
    return _LOCALES.get(language) or Locale(language)


@lru_cache(maxsize=16384)
def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount as it is written, with a currency sign; its spaces do not break. Rounded half to even, as Babel does."""
    if amount < 0:
        return format_currency(amount, currency, locale=_locale(language))
    style = _style(currency, language)
    whole, _, part = f"{amount.quantize(style.step, ROUND_HALF_EVEN):,f}".partition(".")
    return f"{style.before}{whole.replace(',', style.thousands)}{style.point}{part}{style.after}"


@lru_cache(maxsize=4096)
def day(when: date, language: str) -> str:
    """A day as it is written, its month in letters."""
    written = format_date(when, "long", locale=_locale(language))
    return f"1er{written[1:]}" if language == "fr" and when.day == 1 else written


@lru_cache(maxsize=4096)
def short_day(when: date, language: str) -> str:
    """A day as it stands in a table."""
    return format_date(when, "medium", locale=_locale(language))


def hashed(*parts: bytes | str) -> str:
    """SHA-256 of texts and bytes, each kept apart."""
    made = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        made.update(b"%d:" % len(data))
        made.update(data)
    return made.hexdigest()
