"""Values as people write them: plainly, as machines and terminals do, or by the custom of a language.

No digit of an invoice is left out and none is added, but for the second decimal of an amount.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Protocol

from einvoice.rendering.references import grouped, is_iban

NARROW = "\u202f"
"""The narrow no-break space, which groups digits in French and stands between a number and its sign."""
MINUS = "\u2212"

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MONTHS = "January February March April May June July August September October November December".split()
_DATES = {"nl": "{2:02}-{1:02}-{0:04}", "de": "{2:02}.{1:02}.{0:04}", "fr": "{2:02}/{1:02}/{0:04}"}
_MARKS = {"en": (",", "."), "nl": (".", ","), "de": (".", ","), "fr": (NARROW, ",")}


def clean(text: str) -> str:
    """The text without what a terminal or a page would obey instead of show: control characters and changes of direction."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\t", " "))


class Values(Protocol):
    """How numbers, dates and accounts are written."""

    def number(self, value: Decimal) -> str:
        """A number with the digits that it was stated with, without an exponent."""

    def money(self, value: Decimal) -> str:
        """An amount with at least two digits after the point."""

    def percent(self, value: Decimal) -> str:
        """A percentage with its sign."""

    def date(self, value: datetime.date) -> str:
        """A day."""

    def account(self, value: str) -> str:
        """An account identifier, an IBAN mostly."""


class Plain:
    """As machines write: 1234.50, 2026-11-21, BE68539007547034."""

    def number(self, value: Decimal) -> str:
        """`1234.5`."""
        return f"{value:f}"

    def money(self, value: Decimal) -> str:
        """`1234.50`."""
        return _with_cents(value)

    def percent(self, value: Decimal) -> str:
        """`21%`."""
        return f"{value:f}%"

    def date(self, value: datetime.date) -> str:
        """`2026-11-21`."""
        return value.isoformat()

    def account(self, value: str) -> str:
        """As it is stated."""
        return value


class National:
    """As people write in a language: 1.234,50 and 21.11.2026 in German, BE68 5390 0754 7034 everywhere."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.group, self.point = _MARKS[language]
        self.before_sign = "" if language in {"en", "nl"} else NARROW

    def number(self, value: Decimal) -> str:
        """`1,234.5`, `1.234,5` or `1 234,5`."""
        return self._marked(f"{value:f}")

    def money(self, value: Decimal) -> str:
        """`1,234.50`, `1.234,50` or `1 234,50`."""
        return self._marked(_with_cents(value))

    def percent(self, value: Decimal) -> str:
        """`21%` or `21 %`."""
        return f"{self.number(value)}{self.before_sign}%"

    def date(self, value: datetime.date) -> str:
        """`21 November 2026`, `21-11-2026`, `21.11.2026` or `21/11/2026`."""
        if self.language == "en":
            return f"{value.day} {_MONTHS[value.month - 1]} {value.year:04}"
        return _DATES[self.language].format(value.year, value.month, value.day)

    def account(self, value: str) -> str:
        """An IBAN in groups of four (ISO 13616-1); any other number as it is stated."""
        return grouped(value) if is_iban(value) else value

    def _marked(self, plain: str) -> str:
        whole, _, rest = plain.lstrip("-").partition(".")
        size = len(whole) % 3
        groups = [whole[:size]] * bool(size) + [whole[at : at + 3] for at in range(size, len(whole), 3)]
        return f"{MINUS * plain.startswith('-')}{self.group.join(groups)}{self.point * bool(rest)}{rest}"


def _with_cents(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    return f"{value:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{value:f}"
