"""The days of direct debit: TARGET business days, and the day a debtor pays on.

TARGET is closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December (European Central Bank,
"T2 operating days"); a due date that is none is moved to the next that is (EPC016-06, SEPA Direct Debit Core Rulebook, 4.3.1).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

_ONE = timedelta(days=1)


@lru_cache(maxsize=64)
def closed(year: int) -> frozenset[date]:
    """The days besides Saturdays and Sundays on which TARGET is closed in a year."""
    import holidays  # noqa: PLC0415 - takes a while, and only direct debits need it

    return frozenset(holidays.financial_holidays("ECB", years=year))


def is_open(day: date) -> bool:
    """Whether TARGET settles on a day."""
    return day.weekday() < 5 and day not in closed(day.year)


def settles(day: date) -> date:
    """The day itself where TARGET settles on it, else the next on which it does."""
    while not is_open(day):
        day += _ONE
    return day


def later(day: date, count: int) -> date:
    """The `count`th TARGET business day after a day."""
    while count:
        day = settles(day + _ONE)
        count -= 1
    return day


def anchored(earliest: date, pay_day: int | None) -> date:
    """The TARGET business day of a collection: on or after `earliest`, on the pay day of its month where there is one.

    A month without such a day has its last instead; a pay day on which TARGET is closed is moved to the next on which it settles.
    """
    if pay_day is None:
        return settles(earliest)
    day = _in_month(earliest, pay_day)
    if settles(day) < earliest:
        day = _in_month(earliest.replace(day=1) + timedelta(days=32), pay_day)
    return max(settles(day), settles(earliest))


def _in_month(of: date, day: int) -> date:
    return of.replace(day=min(day, monthrange(of.year, of.month)[1]))
