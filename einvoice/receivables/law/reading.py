"""Reads a country's data file, and refuses a figure without source, date or confidence.

A fault raises ReceivablesError, which names the file, the place in it and the mend.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from einvoice.errors import ReceivablesError
from einvoice.money import exact
from einvoice.receivables.law.pack import (
    MARKS,
    Basis,
    Contact,
    CostRule,
    Counting,
    Debtors,
    Fee,
    Floor,
    Instalments,
    InterestRule,
    Notice,
    Older,
    Pack,
    Posting,
    Presumption,
    Start,
    Term,
    Tier,
    Vat,
)
from einvoice.receivables.law.rates import Row, Table

T = TypeVar("T")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DIVISORS = {"act/365": 36500, "act/360": 36000}
STARTS = ("due", "issued", "notice")
NEEDS = (None, "warned", "contract")


class Part:
    """An object of the file and the place where it stands; what is taken is ticked off, and what is left is a fault."""

    def __init__(self, file: str, place: str, value: Any) -> None:
        self.file = file
        self.place = place
        if not isinstance(value, dict):
            raise self.fault("is no object", "write it in braces")
        self.value: dict[str, Any] = dict(value)

    def fault(self, what: str, mend: str) -> ReceivablesError:
        """The error that names this place."""
        return ReceivablesError(f"{self.file}: {self.place}: {what}; {mend}")

    def take(self, key: str, read: Callable[[Any], T], default: Any = ...) -> T:
        """A value, read; the default where it is absent or null."""
        found = self.value.pop(key, None)
        if found is None and default is not ...:
            return default  # type: ignore[no-any-return]
        try:
            return read(found)
        except (ValueError, TypeError, AttributeError, KeyError):
            raise self.fault(f"{key} is {json.dumps(found)}", f"write {key} as the other files do") from None

    def part(self, key: str) -> Part | None:
        """The object under a key, or None."""
        found = self.value.pop(key, None)
        return None if found is None else Part(self.file, f"{self.place}.{key}", found)

    def parts(self, key: str) -> list[Part]:
        """The objects of the list under a key."""
        found = self.take(key, list, [])
        return [Part(self.file, f"{self.place}.{key}[{number}]", each) for number, each in enumerate(found)]

    def named(self, key: str) -> dict[str, Part]:
        """The objects under a key by their names."""
        found = self.part(key)
        return {} if found is None else {name: Part(self.file, f"{found.place}.{name}", each) for name, each in found.value.items()}

    def basis(self) -> Basis:
        """Its source, the day since when it holds and its confidence, without which a figure is refused."""
        given = {key: self.value.pop(key, None) for key in ("from", "source", "confidence")}
        for key, value in given.items():
            if not isinstance(value, str) or not value.strip():
                raise self.fault(
                    f"a figure without {key}", f"add {key}: nothing is claimed on a figure that cannot say where it comes from"
                )
        if given["confidence"] not in MARKS:
            raise self.fault(f"confidence is {given['confidence']}", f"write one of {', '.join(MARKS)}")
        try:
            return Basis(date.fromisoformat(given["from"]), given["source"], given["confidence"])
        except ValueError:
            raise self.fault(f"from is {given['from']}", "write a date like 2026-07-01") from None

    def end(self) -> None:
        """Refuses what nothing has read."""
        if self.value:
            raise self.fault(f"{', '.join(self.value)} means nothing here", "correct the word or leave it out")


def read(path: Path) -> Pack:
    """The law of the country in a file."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ReceivablesError(f"{path}: cannot be read: {error}; restore the file or correct its JSON") from None
    top = Part(path.name, "$", value)
    tables = {name: _table(name, part) for name, part in top.named("tables").items()}
    costs = {name: _costs(part) for name, part in top.named("costs").items()}
    notices = {name: _notice(name, part) for name, part in top.named("notices").items()}
    pack = Pack(
        country=top.take("country", _text),
        name=top.take("name", _text),
        currency=top.take("currency", _text, "EUR"),
        members=top.take("members", frozenset, frozenset()),
        counting=_each(top, "counting", _counting),
        tables=tables,
        debtors={kind: _debtors(part, tables, costs, notices) for kind, part in top.named("debtors").items()},
        receipt=_each(top, "receipt", _presumption),
        contact=_each(top, "contact", _contact),
        terms=tuple(_term(part) for part in top.parts("terms")),
    )
    top.end()
    return pack


def _each(top: Part, key: str, make: Callable[[Part], T]) -> T | None:
    part = top.part(key)
    return None if part is None else _whole(part, make)


def _whole(part: Part, make: Callable[[Part], T]) -> T:
    made = make(part)
    part.end()
    return made


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _word(words: tuple[Any, ...]) -> Callable[[Any], Any]:
    def chosen(value: Any) -> Any:
        if value not in words:
            raise ValueError
        return value

    return chosen


def _table(name: str, part: Part) -> Table:
    part.take("source", _text)
    part.value.pop("derivation", None)  # what the script beside the data reads
    rows = [_row(row) for row in part.parts("rows")]
    if not rows or any(before.since >= row.since for before, row in pairwise(rows)):
        raise part.fault("rows are missing or out of order", "list them by date, oldest first")
    table = Table(name, part.take("title", _text), rows, part.take("through", date.fromisoformat, None))
    part.end()
    return table


def _row(part: Part) -> Row:
    rate = part.take("rate", exact)
    basis = part.basis()
    part.end()
    return Row(basis.since, rate, basis.source, basis.confidence)


def _counting(part: Part) -> Counting:
    return Counting(
        part.take("basis", DIVISORS.__getitem__), part.take("capitalised", _word(("yearly", "never"))) == "yearly", part.basis()
    )


def _debtors(part: Part, tables: Mapping[str, Table], costs: Mapping[str, CostRule], notices: Mapping[str, Notice]) -> Debtors:
    interest = part.part("interest")
    made = Debtors(
        None if interest is None else _whole(interest, lambda given: _interest(given, tables)),
        part.take("costs", costs.__getitem__, None),
        part.take("notice", notices.__getitem__, None),
    )
    part.end()
    return made


def _interest(part: Part, tables: Mapping[str, Table]) -> InterestRule:
    table = _word(tuple(tables))
    return InterestRule(
        part.take("table", table),
        tuple(_whole(each, _start) for each in part.parts("starts")),
        part.take("cap", table, None),
        _each(part, "older", lambda given: Older(given.take("before", date.fromisoformat), given.take("less", exact), given.basis())),
        _each(part, "floor", lambda given: Floor(given.take("table", table), given.take("times", exact), given.basis())),
        part.basis(),
    )


def _start(part: Part) -> Start:
    after, needs = part.take("after", _word(STARTS)), part.take("if", _word(NEEDS), None)
    return Start(after, part.take("days", _count, 0), part.take("months", _count, 0), needs)


def _costs(part: Part) -> CostRule:
    made = CostRule(
        tuple(_whole(each, _tier) for each in part.parts("tiers")),
        part.take("least", exact, Decimal(0)),
        part.take("most", exact, None),
        part.take("after", _word(STARTS)),
        part.take("needs", _word(NEEDS), None),
        _each(part, "vat", lambda given: Vat(given.take("rate", exact), given.basis())),
        _each(part, "instalments", lambda given: Instalments(given.take("months", _count), given.basis())),
        _each(part, "fee", _fee),
        part.basis(),
    )
    part.end()
    return made


def _fee(part: Part) -> Fee:
    postage, free = part.take("postage", _flag, False), part.take("regular_supply_free", _count, 0)
    return Fee(part.take("most", exact), postage, free, part.basis())


def _tier(part: Part) -> Tier:
    return Tier(part.take("upto", exact, None), part.take("fixed", exact), part.take("percent", exact), part.take("above", exact))


def _notice(name: str, part: Part) -> Notice:
    made = Notice(name, part.take("documents", frozenset), part.take("days", _count), part.take("contents", tuple, ()), part.basis())
    part.end()
    return made


def _presumption(part: Part) -> Presumption:
    basis = part.basis()
    channels = {name: Part(part.file, f"{part.place}.{name}", each) for name, each in part.value.items()}
    part.value = {}
    return Presumption({name: _whole(each, _posting) for name, each in channels.items()}, basis)


def _posting(part: Part) -> Posting:
    return Posting(part.take("working_days", _count, 0), part.take("days", _count, 0))


def _contact(part: Part) -> Contact:
    start, end = part.take("window", lambda value: [time.fromisoformat(each) for each in value])
    never = part.take("never", lambda value: frozenset(DAYS.index(each) for each in value))
    return Contact((start, end), never, part.take("holidays", _flag), part.take("no_call", _flag, False), part.basis())


def _term(part: Part) -> Term:
    made = Term(
        part.take("kinds", frozenset),
        part.take("creditor", frozenset, frozenset()),
        part.take("debtor", frozenset, frozenset()),
        part.take("days", _count),
        part.take("agreed", lambda value: 0 if value == "any" else _count(value), None),
        part.basis(),
    )
    part.end()
    return made
