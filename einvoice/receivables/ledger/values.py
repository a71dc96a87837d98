"""The values that parties and invoices may have, read from text: each a fault that names its mend, or the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any
from zoneinfo import available_timezones

from einvoice.receivables.snapshot import Kind
from einvoice_schemas.codelists import code_list

SIZES = ("micro", "small", "medium", "large")
Reader = Callable[[str], Any]

_KINDS = {
    "b2b": "b2b business company zakelijk bedrijf geschäftlich firma entreprise professionnel",
    "b2c": "b2c consumer private person particulier consument privat verbraucher consommateur",
    "public": "public government overheid öffentlich behörde",
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_YES = frozenset("1 true yes y ja j oui o".split())
_NO = frozenset("0 false no n nee nein non".split())
_PLAIN = re.compile(r"[+-]?\d+", re.ASCII).fullmatch
_BY_SIGN = {
    ".": re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d+)?", re.ASCII).fullmatch,
    ",": re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+|\d{1,3}( \d{3})+)(,\d+)?", re.ASCII).fullmatch,
}
_SAYS = {  # what tells a decimal comma from a decimal point: no thousands separator stands so
    ".": re.compile(r"[+-]?(\d+\.(\d{1,2}|\d{4,})|\d{1,3}([, ]\d{3})+\.\d+|\d{4,}\.\d{3})", re.ASCII).fullmatch,
    ",": re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})|\d{1,3}([. ]\d{3})+,\d+|\d{4,},\d{3})", re.ASCII).fullmatch,
}


class Numbers:
    """Reads amounts with a decimal point or comma: as told, or as the first amount that leaves no doubt has it."""

    def __init__(self, sign: str | None = None) -> None:
        self.sign = sign

    def __call__(self, text: str) -> Decimal:
        """An amount from text.

        Raises ValueError, with the mend.
        """
        text = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
        if _PLAIN(text):
            return Decimal(text)
        sign = self.sign or self._told(text)
        if sign is None:
            raise ValueError(f"{text!r} may be an amount with decimals or with thousands; say which sign decimals have (--decimal)")
        if not _BY_SIGN[sign](text):
            raise ValueError(f"{text!r} is no amount; write it like 1250{sign}00, or say which sign decimals have (--decimal)")
        plain = text.replace(" ", "")
        plain = plain.replace(",", "") if sign == "." else plain.replace(".", "").replace(",", ".")
        try:
            return Decimal(plain)
        except InvalidOperation:
            raise ValueError(f"{text!r} is no amount; write it like 1250{sign}00") from None

    def _told(self, text: str) -> str | None:
        """The sign, where this amount leaves no doubt; it then holds for the rest."""
        self.sign = next((sign for sign, says in _SAYS.items() if says(text)), None)
        return self.sign


def dates(pattern: str | None) -> Reader:
    """Reads dates as ISO 8601, or as a pattern such as DD-MM-YYYY says.

    Raises ValueError where the pattern lacks a part.
    """
    if pattern is None or pattern == "YYYY-MM-DD":
        return iso_date
    form = pattern.replace("YYYY", "%Y").replace("YY", "%y").replace("MM", "%m").replace("DD", "%d")
    if not all(part in form for part in ("%m", "%d")) or "%y" not in form.lower():
        raise ValueError(f"{pattern!r} is no pattern of dates; write it with DD, MM and YYYY, such as DD-MM-YYYY")

    @lru_cache(maxsize=4096)  # files hold the same days again and again
    def read(text: str) -> date:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            raise ValueError(f"{text!r} is no date as {pattern}; correct it, or say how dates are written (--dates)") from None

    return read


@lru_cache(maxsize=4096)
def iso_date(text: str) -> date:
    """A date as YYYY-MM-DD.

    Raises ValueError, with the mend.
    """
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date as YYYY-MM-DD; correct it, or say how dates are written (--dates DD-MM-YYYY)") from None


def text_to(most: int) -> Reader:
    """Reads text of at most so many characters, in one line."""

    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"{text[:20]!r}… has {len(text)} characters; {most} are the most")
        return text

    return read


def country(text: str) -> str:
    """A country's code of two letters (ISO 3166-1)."""
    return _coded(text.upper(), "iso-3166-1", "country; write its two letters, such as NL (ISO 3166-1)")


def currency(text: str) -> str:
    """A currency's code of three letters (ISO 4217)."""
    return _coded(text.upper(), "iso-4217", "currency; write its three letters, such as EUR (ISO 4217)")


def language(text: str) -> str:
    """A language's code of two letters (ISO 639-1), where a region may follow."""
    found = re.fullmatch(r"([A-Za-z]{2})([-_][A-Za-z]{2})?", text)
    if not found:
        raise ValueError(f"{text!r} is no language; write its two letters, such as nl (ISO 639-1)")
    return found[1].lower()


def time_zone(text: str) -> str:
    """A time zone by its IANA name."""
    if text not in _zones():
        raise ValueError(f"{text!r} is no time zone; write it like Europe/Amsterdam")
    return text


def kind(text: str) -> str:
    """Business, consumer or public, by several words in five languages."""
    if (found := _KIND.get(text.lower())) is None:
        raise ValueError(f"{text!r} is no kind of debtor; use {', '.join(kind.value for kind in Kind)}")
    return found


def size(text: str) -> str:
    """The size of an enterprise."""
    return str(_size(text))


def one_of(*words: str) -> Reader:
    """Reads one of some words, in small letters."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"{text!r} is not known here; use one of {', '.join(words)}")
        return text.lower()

    return read


_size = one_of(*SIZES)


def between(least: int, most: int) -> Reader:
    """Reads a whole number within bounds."""

    def read(text: str) -> int:
        if not _PLAIN(text) or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return read


def yes_or_no(text: str) -> bool:
    """Yes or no, in four languages or as 1 and 0."""
    word = text.lower()
    if word not in _YES | _NO:
        raise ValueError(f"{text!r} is neither yes nor no; write yes or no")
    return word in _YES


def e_mail(text: str) -> str:
    """An e-mail address, as far as its form can tell."""
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+", text):
        raise ValueError(f"{text!r} is no e-mail address; write it like finance@customer.example")
    return text


def iban(text: str) -> str:
    """An IBAN whose check digits hold (ISO 13616), without spaces."""
    plain = text.replace(" ", "").upper()
    if (
        not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain, re.ASCII)
        or int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 != 1
    ):
        raise ValueError(f"{text!r} is no IBAN: its check digits do not hold; correct it or leave it out")
    return plain


def _coded(code: str, codes: str, what: str) -> str:
    if code not in _codes(codes):
        raise ValueError(f"{code!r} is no {what}")
    return code


@cache
def _codes(name: str) -> frozenset[str]:
    return frozenset(code_list(name).codes)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
