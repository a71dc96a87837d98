"""The columns that files may have: their names and aliases, what each holds, which are required (`columns.json`)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import NamedTuple

from einvoice.receivables.ledger import values

KINDS = ("debtors", "contacts", "invoices", "payments")
"""What files may hold, in the order in which they are imported."""
_NAMED = {
    "debtors": "debtors debtor customers customer klanten debiteuren kunden clients",
    "contacts": "contacts contact contacten contactpersonen ansprechpartner",
    "invoices": "invoices invoice facturen factuur rechnungen factures open_items openstaand credit_notes creditnotas open_posten",
    "payments": "payments payment betalingen ontvangsten zahlungen paiements",
}
_TYPES = {
    "invoice": "invoice factuur rechnung facture 380 debit d f inv",
    "credit_note": "credit_note creditnote credit creditnota gutschrift avoir 381 c cn",
}
_TYPE = {word: kind for kind, words in _TYPES.items() for word in words.split()}


class Column(NamedTuple):
    """A column: how its values are read, and what it is for; those of a `contract` are kept together."""

    name: str
    read: str
    required: bool = False
    contract: bool = False
    aliases: tuple[str, ...] = ()
    text: str = ""


class Unknown(NamedTuple):
    """A name that no column has, and the nearest that there is."""

    name: str
    near: str | None


@cache
def columns(kind: str) -> tuple[Column, ...]:
    """The columns of a kind of file."""
    rows = json.loads((Path(__file__).parent / "columns.json").read_text("utf-8"))[kind]
    return tuple(Column(**{**row, "aliases": tuple(row["aliases"].split())}) for row in rows)


def known(kind: str, names: list[str], own: Mapping[str, str]) -> list[Column | Unknown]:
    """The column that each name of a header means; `own` maps names of the user's to those of columns."""
    by_name = _by_name(kind)
    mine = {plain(name): plain(column) for name, column in own.items()}
    return [by_name.get(mine.get(plain(name), plain(name)), Unknown(name, _near(plain(name), by_name))) for name in names]


def kind_of(stem: str, names: list[str], own: Mapping[str, str]) -> str | None:
    """What a file holds, by its name, else by the columns that it knows most of; None where neither tells."""
    words = plain(stem)
    named = [kind for kind, stems in _NAMED.items() if any(word in words for word in stems.split())]
    fits = {kind: count for kind in KINDS if (count := _fits(kind, names, own))}
    both = [kind for kind in named if kind in fits]
    best = [kind for kind, count in fits.items() if count == max(fits.values())]
    return next((found[0] for found in (both, named, best) if len(found) == 1), None)


def plain(name: str) -> str:
    """A name in small letters, words joined by underscores, without accents that stand in the way."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name.strip().lower()) if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def reader(column: Column, numbers: values.Numbers, dates: values.Reader) -> values.Reader:
    """How the values of a column are read in one file."""
    what, *bounds = column.read.split(":")
    if what == "text":
        return values.text_to(int(bounds[0]))
    if what == "number":
        return values.between(int(bounds[0]), int(bounds[1]))
    of_file: dict[str, values.Reader] = {"date": dates, "amount": numbers, "type": _type}
    return of_file.get(what) or _READERS[what]


def _type(text: str) -> str:
    if (found := _TYPE.get(plain(text))) is None:
        raise ValueError(f"{text!r} is neither an invoice nor a credit note; write invoice or credit_note")
    return found


_READERS: Mapping[str, values.Reader] = {
    "country": values.country,
    "currency": values.currency,
    "language": values.language,
    "time_zone": values.time_zone,
    "kind": values.kind,
    "size": values.size,
    "email": values.e_mail,
    "iban": values.iban,
    "yes": values.yes_or_no,
}


@cache
def _by_name(kind: str) -> Mapping[str, Column]:
    return {plain(name): column for column in columns(kind) for name in (*column.aliases, column.name)}


def _near(name: str, names: Mapping[str, object]) -> str | None:
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.75)), None)


def _fits(kind: str, names: list[str], own: Mapping[str, str]) -> int:
    """How many of the names are columns of a kind; 0 where a required one is missing."""
    found = {column.name for column in known(kind, names, own) if isinstance(column, Column)}
    return len(found) if all(column.name in found for column in columns(kind) if column.required) else 0
