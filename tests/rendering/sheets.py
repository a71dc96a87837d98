"""What stands on a sheet, and how a value of an invoice is written in a language: said a second time, apart from the code."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from einvoice import paths
from einvoice.model import Invoice
from einvoice.rendering.compose import sheet
from einvoice.rendering.labels import labels
from einvoice.rendering.sheet import Fact, Sheet

LANGUAGES = ("en", "nl", "de", "fr")
MONTHS = "January February March April May June July August September October November December".split()
MARKS = {"en": (",", "."), "nl": (".", ","), "de": (".", ","), "fr": ("\u202f", ",")}
NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def texts(value: Any) -> Iterator[str]:
    """Every text on a sheet that is shown; not the words that templates may use."""
    if isinstance(value, Sheet):
        value = tuple(value._replace(language="", day=""))
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)


def facts(value: Any) -> Iterator[Fact]:
    """Every fact on a sheet."""
    if isinstance(value, Fact):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from facts(part)


def squeezed(text: str) -> str:
    """The text without any space."""
    return re.sub(r"\s+", "", text)


def written(value: object, language: str) -> str:
    """A value by the custom of a language."""
    if isinstance(value, Decimal):
        group, point = MARKS[language]
        return f"{value:,f}".replace("-", "\u2212").replace(",", "\0").replace(".", point).replace("\0", group)
    if isinstance(value, datetime.date):
        year, month, day = f"{value.year:04}", value.month, value.day
        forms = {"en": f"{day} {MONTHS[month - 1]} {year}", "nl": f"{day:02}-{month:02}-{year}", "de": f"{day:02}.{month:02}.{year}"}
        return forms.get(language, f"{day:02}/{month:02}/{year}")
    return NOT_SHOWN.sub("\ufffd", str(value).replace("\r\n", "\n"))


def absent(invoice: Invoice, language: str, made: Sheet | None = None) -> list[tuple[str, str]]:
    """The values of an invoice that its sheet does not have, each with its path."""
    shown = squeezed("\n".join(texts(made or sheet(invoice, language))))
    return [
        (paths.text(value.path), form)
        for value in paths.values(invoice)
        if value.term != "BT-125" and (form := _form(value, language)) not in shown
        if not _needs_no_place(value)
    ]


def _form(value: paths.Value, language: str) -> str:
    if value.term in {"BT-130", "BT-150"}:
        return squeezed(labels(language).code("unit", value.value) or value.value)
    return squeezed(written(value.value, language))


def _needs_no_place(value: paths.Value) -> bool:
    """A price for one unit is a price; the model adds a discount of 0 to a gross price."""
    return (value.term, value.value) in {("BT-149", 1), ("BT-147", 0)}
