"""Interest on a debt whose principal changes: exact day by day, one line for each period of one rate and one principal.

The first day is the one after the due date, the last the payment day. Amounts of the lines are rounded so that they add up to the
rounded total. Source of the counting: the pack of the country.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO, rounded
from einvoice.receivables.law.rates import Row, Table

_DAY = timedelta(days=1)
Rate = Callable[[Decimal, date], Decimal]


class Movement(NamedTuple):
    """The principal after a day: a payment counts from the day after it."""

    day: date
    principal: Decimal


class Line(NamedTuple):
    """Interest on `base` for the days `first` through `last` at `rate` percent a year; `amount` rounded.

    `earlier` is the part of the base that is interest of earlier years.
    """

    first: date
    last: date
    base: Decimal
    rate: Decimal
    amount: Decimal
    row: Row
    earlier: Decimal = ZERO

    @property
    def days(self) -> int:
        """How many, both ends included."""
        return (self.last - self.first).days + 1


class Interest(NamedTuple):
    """Interest line by line, its total, and the days for which no rate is known: nothing is claimed for them."""

    lines: tuple[Line, ...]
    total: Decimal
    unknown: tuple[tuple[date, date], ...] = ()


class Terms(NamedTuple):
    """How it is reckoned: the table, the divisor of its year, whether interest bears interest each year, and the rate of a day.

    `rate` makes the rate that counts of the table's (a contract's, a lower one of older contracts); None takes the table's.
    """

    table: Table
    divisor: int
    yearly: bool
    currency: str = "EUR"
    rate: Rate | None = None


def interest(terms: Terms, principal: Sequence[Movement] | Decimal, first: date, last: date) -> Interest:
    """Interest from `first` through `last`; none where last is before first or nothing is owed."""
    movements = [Movement(date.min, principal)] if isinstance(principal, Decimal) else list(principal)
    lines: list[Line] = []
    unknown: list[tuple[date, date]] = []
    product = capital = this_year = written = ZERO
    for start, end, base, row, new_year in _pieces(terms, movements, first, last):
        if new_year:
            capital, this_year = capital + this_year / terms.divisor, ZERO
        if row is None:
            unknown.append((start, end))
            continue
        rate = max(row.rate if terms.rate is None else terms.rate(row.rate, start), ZERO)
        owed = base + capital if base > 0 else capital
        added = owed * rate * ((end - start).days + 1)
        product, this_year = product + added, this_year + added
        total = rounded(product / terms.divisor, terms.currency)
        lines.append(Line(start, end, owed, rate, total - written, row, capital))
        written = total
    return Interest(tuple(lines), written, _joined(unknown))


def _pieces(terms: Terms, movements: Sequence[Movement], first: date, last: date) -> Iterator[tuple[date, date, Decimal, Row | None, bool]]:
    """Stretches of one rate and one principal; the flag says that a new year of the debt begins with it."""
    cuts = {movement.day + _DAY for movement in movements if first <= movement.day < last} if len(movements) > 1 else set()
    years = _anniversaries(first, last) if terms.yearly else frozenset()
    marks = sorted(cuts | years)
    for period in terms.table.periods(first, last):
        start = period.first
        for mark in [*(mark for mark in marks if start < mark <= period.last), period.last + _DAY]:
            yield start, mark - _DAY, _owed(movements, start), period.row, start in years
            start = mark


def _owed(movements: Sequence[Movement], day: date) -> Decimal:
    return next((movement.principal for movement in reversed(movements) if movement.day < day), movements[0].principal)


def _anniversaries(first: date, last: date) -> frozenset[date]:
    """The days on which another year of the debt begins; of 29 February it is 1 March where the year has none."""
    found = set()
    for year in range(first.year + 1, last.year + 1):
        try:
            day = first.replace(year=year)
        except ValueError:
            day = date(year, 3, 1)
        if day <= last:
            found.add(day)
    return frozenset(found)


def _joined(ranges: Sequence[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    found: list[tuple[date, date]] = []
    for first, last in ranges:
        if found and found[-1][1] + _DAY == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return tuple(found)
