"""What things are called in a language: the norm's terms, words of our own, codes by name, units by sign, countries."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from einvoice_schemas.codelists import codes
from einvoice_schemas.terms import term

LISTS = {
    "BT-3": "untdid-1001",
    "BT-21": "untdid-4451",
    "BT-81": "untdid-4461",
    "BT-121": "vatex",
    "allowance": "untdid-5189",
    "charge": "untdid-7161",
}
"""The code lists whose names, which are English, stand where there is none of ours."""

_OWNER = {  # what a label need not repeat below the heading of its party
    "en": r"^(?:Seller tax representative|Tax representative|Seller|Buyer|Payee) (?=\S)",
    "nl": r" (?:van|bij|over) (?:het contact bij )?de (?:fiscaal vertegenwoordiger|verkoper|koper|begunstigde)$",
    "de": r" (?:des Steuervertreters |der Kontaktstelle )?(?:des|zum) (?:Steuervertreters|Verkäufers?|Käufers?|Zahlungsempfängers)$",
    "fr": r" (?:du contact )?(?:du représentant fiscal du|sur le|du|de l') ?(?:représentant fiscal|vendeur|acheteur|bénéficiaire)$",
}
_CONTACT = re.compile(r"^contact (?=telephone|email)")


class Labels:
    """The names in one language: en, nl, de or fr."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words: dict[str, str] = {name: row[language] for name, row in _file("words").items()}
        self._owner = re.compile(_OWNER[language])
        self._terms: dict[str, str] = {}
        self._short: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}

    def term(self, identifier: str) -> str:
        """A business term by its id."""
        found = self._terms.get(identifier)
        if found is None:
            found = self._terms[identifier] = term(identifier).name(self.language)
        return found

    def short(self, identifier: str) -> str:
        """A term of a party, without the party: it stands below its heading."""
        found = self._short.get(identifier)
        if found is None:
            cut = _CONTACT.sub("", self._owner.sub("", self.term(identifier)))
            found = self._short[identifier] = cut[:1].upper() + cut[1:]
        return found

    def word(self, name: str) -> str:
        """A word of our own."""
        return self.words[name]

    def code(self, kind: str, code: str) -> str | None:
        """The name of a code of a term (`BT-81`), a VAT category (`VAT`) or a unit (`unit`); None where none is at hand."""
        table = self._codes.get(kind)
        if table is None:
            table = self._codes[kind] = self._table(kind)
        return table.get(code)

    def ours(self, kind: str, code: str) -> str | None:
        """The name that we give a code ourselves, in every language the same set; None for any other."""
        row = _file("codes")[kind]["codes"].get(code)
        name: str | None = row[self.language] if isinstance(row, dict) else row
        return name

    def country(self, code: str) -> str | None:
        """The name of a country."""
        return country(code, self.language)

    def _table(self, kind: str) -> dict[str, str]:
        rows: dict[str, Any] = _file("codes").get(kind, {}).get("codes", {})
        ours = {code: name if isinstance(name, str) else name[self.language] for code, name in rows.items()}
        theirs = codes(LISTS[kind]) if self.language == "en" and kind in LISTS else {}
        return {code: found.name for code, found in theirs.items()} | ours


@cache
def labels(language: str) -> Labels:
    """The names in a language, made once."""
    return Labels(language)


def country(code: str, language: str) -> str | None:
    """The name of a country (ISO 3166-1 alpha-2) in a language, None for a code that is none."""
    names: dict[str, str] = _file("countries")["codes"].get(code, {})
    return names.get(language)


@cache
def _file(name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_bytes())
    return table
