"""Interest as a dated table: the rate of a day, and the periods of one rate between two days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_DAY = timedelta(days=1)


class Row(NamedTuple):
    """From a day on, a rate in percent a year; `source` and `confidence` say why."""

    since: date
    rate: Decimal
    source: str
    confidence: str


class Period(NamedTuple):
    """The days `first` through `last`, all at the rate of `row`; None where no rate is known."""

    first: date
    last: date
    row: Row | None


class Table:
    """A table of rates, oldest first; `through` is the last day that it knows, None where it holds until it is changed."""

    def __init__(self, name: str, title: str, rows: Sequence[Row], through: date | None) -> None:
        self.name = name
        self.title = title
        self.rows = tuple(rows)
        self.through = through
        self._starts = [row.since for row in rows]
        self._changes = [*self._distinct(), *([through + _DAY] if through else [])]

    def on(self, day: date) -> Row | None:
        """The row in force on a day; None before the first and after the last day that is known."""
        at = bisect_right(self._starts, day)
        return self.rows[at - 1] if at and (self.through is None or day <= self.through) else None

    @lru_cache(maxsize=4096)  # noqa: B019 - tables live as long as the program, and due dates repeat
    def periods(self, first: date, last: date) -> tuple[Period, ...]:
        """The periods of one rate from `first` through `last`; none where last is before first."""
        found = []
        while first <= last:
            at = bisect_right(self._changes, first)
            end = min(last, self._changes[at] - _DAY) if at < len(self._changes) else last
            found.append(Period(first, end, self.on(first)))
            first = end + _DAY
        return tuple(found)

    def _distinct(self) -> list[date]:
        """The days on which rate, source or confidence change."""
        pairs = zip([None, *self.rows], self.rows, strict=False)
        return [row.since for before, row in pairs if before is None or before[1:] != row[1:]]
