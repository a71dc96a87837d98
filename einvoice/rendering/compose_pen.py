"""The pen of the sheet: facts, codes, quantities, periods and addresses in one language and one way of writing."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from einvoice.model import Address, Group, Identifier, Period
from einvoice.paths import NO_PARTS, fields
from einvoice.rendering.labels import Labels
from einvoice.rendering.sheet import Column, Fact, Row, Table
from einvoice.rendering.values import Values, clean

NAMED = frozenset({"BT-3", "BT-8", "BT-81", "BT-121"})
"""Terms whose code has its name beside it."""
ACCOUNTS = frozenset({"BT-84", "BT-91"})
CODE_AFTER = frozenset("AU CA GB IE IN NZ SG US ZA".split())
"""Countries whose post code follows the city (UPU, postal addressing systems)."""


class Pen(NamedTuple):
    """What writes: names in a language, and the way of writing values."""

    labels: Labels
    values: Values

    def facts(self, group: Group | None, *leave: str, parts: Mapping[str, str] = NO_PARTS, short: bool = False) -> list[Fact]:
        """The plain values of a group, each with its label, in the order of the norm; groups within are left to the caller.

        `parts` are the ids that a shared shape's fields have in this place.
        """
        if group is None:
            return []
        name = self.labels.short if short else self.labels.term
        return [Fact(name(term), self.value(term, value), term) for term, value in _stated(group, leave, parts)]

    def fact(self, term: str, value: str) -> Fact:
        """A value that is written already, with the label of its term."""
        return Fact(self.labels.term(term), value, term)

    def value(self, term: str, value: Any) -> str:
        """A value as people write it, a code with its name, an identifier with its scheme."""
        if isinstance(value, Identifier):
            return f"{clean(value.value)} ({clean(value.scheme)})" if value.scheme else clean(value.value)
        if isinstance(value, Decimal):
            return self.values.number(value)
        if isinstance(value, datetime.date):
            return self.values.date(value)
        if term in NAMED:
            return self.code(term, value)
        if term in ACCOUNTS:
            return self.values.account(clean(value))
        return self.country(value) if term == "BT-159" else clean(str(value))

    def code(self, kind: str, code: str | None) -> str:
        """A code, with its name where one is at hand: `381 (Credit note)`."""
        name = self.labels.code(kind, code) if code else None
        return f"{code} ({name})" if name else clean(code or "")

    def country(self, code: str) -> str:
        """A country by name with its code: `Belgium (BE)`."""
        name = self.labels.country(code)
        return f"{name} ({code})" if name else clean(code)

    def money(self, value: Decimal | None) -> str:
        """An amount, "" for none."""
        return "" if value is None else self.values.money(value)

    def amount(self, value: Decimal | None, currency: str | None) -> str:
        """An amount with its currency."""
        return f"{self.money(value)} {clean(currency or '')}".strip()

    def quantity(self, value: Decimal | None, unit: str | None) -> str:
        """A number and the sign of its unit, its code where it has none."""
        sign = (self.labels.code("unit", unit) or clean(unit)) if unit else ""
        return f"{'' if value is None else self.values.number(value)} {sign}".strip()

    def vat(self, category: str | None, rate: Decimal | None) -> str:
        """A VAT category and its rate: `S 21%`."""
        return f"{clean(category or '')} {'' if rate is None else self.values.percent(rate)}".strip()

    def period(self, span: Period) -> str:
        """From the first day to the last; a day that is not stated is left open."""
        start, end = (self.values.date(day) if day else "…" for day in (span.start_date, span.end_date))
        return f"{start} – {end}"

    def address(self, post: Address | None) -> Iterator[str]:
        """An address as it stands on a letter, then its country."""
        if post is not None:
            yield from streets(post)
            if place := town(post):
                yield place
            if post.subdivision:
                yield from split(post.subdivision)
            if post.country_code:
                yield self.country(post.country_code)


def streets(post: Address) -> Iterator[str]:
    """The lines above the town."""
    return (line for part in (post.line_1, post.line_2, post.line_3) if part for line in split(part))


def town(post: Address) -> str:
    """Post code and city in the order of the country."""
    parts = [post.city, post.post_code] if post.country_code in CODE_AFTER else [post.post_code, post.city]
    return " ".join(" ".join(split(part)) for part in parts if part)


def split(text: str) -> list[str]:
    """A text as the lines it has, without what is empty."""
    return [line for part in clean(text).split("\n") if (line := part.strip())]


def table(title: str, term: str | None, columns: Sequence[Column], rows: Sequence[Row]) -> Table | None:
    """A table without the columns that no row fills; the first column takes the room that is left. None without rows."""
    if not rows:
        return None
    kept = [at for at in range(len(columns)) if not at or any(row.cells[at] for row in rows)]
    if len(kept) < len(columns):
        rows = [row._replace(cells=tuple(row.cells[at] for at in kept)) for row in rows]
    return Table(title, term, tuple(columns[at] for at in kept), tuple(rows))


def _stated(group: Group, leave: Sequence[str], parts: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    state = group.__dict__
    for name, term in _plain(type(group)):
        value = state[name]
        if value is None or name in leave or not (term or parts.get(name)):
            continue
        for each in value if isinstance(value, tuple) else (value,):
            yield parts.get(name) or term, each


@cache
def _plain(group: type[Group]) -> tuple[tuple[str, str], ...]:
    """The fields of a class of groups that hold plain values, with their terms, "" where the place gives the term."""
    plain = [field for field in fields(group).values() if field.group is None or field.group is Identifier]
    return tuple((field.name, field.terms[0] if field.terms else "") for field in plain)
