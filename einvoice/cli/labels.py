"""What things are called: the norm's terms in a language, short words of our own, and values as people write them."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from einvoice.model import Group, Identifier
from einvoice.paths import fields
from einvoice_schemas.codelists import codes
from einvoice_schemas.terms import term

_SIGNS = """
HUR h  MIN min  SEC s  DAY d  KGM kg  GRM g  TNE t  LTR l  MLT ml  MTR m  CMT cm  MMT mm  KMT km  MTK m²  MTQ m³  KWH kWh  MWH MWh
KWT kW  P1 %
""".split()
SIGNS = dict(zip(_SIGNS[::2], _SIGNS[1::2], strict=True))
"""Units whose signs are the same in every language."""
UNITS: dict[str, str] = {}
"""Units that have a word of ours. C62 is "one" and needs none; any other unit is shown by its code."""
NAMED = {"BT-3": "untdid-1001", "BT-81": "untdid-4461"}
"""Codes whose name stands beside them, in English, which is the language of the lists."""

_OWNER = {  # what a label need not repeat below the heading of its party
    "en": r"^(?:Seller tax representative|Tax representative|Seller|Buyer|Payee) (?=\S)",
    "nl": r" (?:van|bij|over) de (?:fiscaal vertegenwoordiger|verkoper|koper|begunstigde)$",
    "de": r" (?:des Steuervertreters des|des|zum) (?:Steuervertreters|Verkäufers|Verkäufer|Käufers|Käufer|Zahlungsempfängers)$",
    "fr": r" (?:du représentant fiscal du|sur le|du|de l') ?(?:représentant fiscal|vendeur|acheteur|bénéficiaire)$",
}


class Labels:
    """The names in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._owner = re.compile(_OWNER[language])

    def term(self, identifier: str) -> str:
        """A business term by its id."""
        return term(identifier).name(self.language)

    def short(self, identifier: str) -> str:
        """A term of a party, without the party: it stands below its heading."""
        cut = self._owner.sub("", self.term(identifier))
        return cut[:1].upper() + cut[1:]

    def word(self, name: str) -> str:
        """A word of our own."""
        return _words()[name][self.language]

    def facts(self, group: Group | None, *leave: str, short: bool = False) -> list[tuple[str, str]]:
        """The plain values of a group, each with its label, in the order of the norm; groups within are left to the caller."""
        made = []
        for field in fields(type(group)).values() if group else ():
            values = getattr(group, field.name)
            if field.name in leave or not field.terms or not (field.group is None or field.group is Identifier):
                continue
            label = (self.short if short else self.term)(field.terms[0])
            given = values if isinstance(values, tuple) else (values,)
            made += [(label, self._value(field.terms[0], value)) for value in given if value is not None]
        return made

    def _value(self, term: str, value: Any) -> str:
        """A value as people write it, a code with its name."""
        found = codes(NAMED[term]).get(value) if term in NAMED and self.language == "en" else None
        return f"{value} ({found.name})" if found else text(value)

    def quantity(self, value: Decimal | None, unit: str | None) -> str:
        """A number and its unit."""
        sign = "" if unit in (None, "C62") else self.word(UNITS[unit]) if unit in UNITS else SIGNS.get(unit, unit)
        return f"{number(value)} {sign}".strip()


def text(value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, Identifier):
        return f"{value.value} ({value.scheme})" if value.scheme else value.value
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def number(value: Decimal | None) -> str:
    """A number with the digits that it was stated with, without an exponent."""
    return "" if value is None else f"{value:f}"


def money(value: Decimal | None) -> str:
    """An amount with at least two digits after the point, none of its own left out."""
    if value is None:
        return ""
    exponent = value.as_tuple().exponent
    return f"{value:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{value:f}"


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads(Path(__file__).parents[1].joinpath("rendering", "words.json").read_bytes())
    return words
