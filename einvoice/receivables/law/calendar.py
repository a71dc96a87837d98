"""Holidays and working days of a country: Saturdays, Sundays and public holidays are no working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)


@lru_cache(maxsize=1024)
def holidays_of(country: str, year: int, region: str | None = None) -> Mapping[date, str]:
    """The public holidays of a country, and of a region where it is one of its subdivisions, in a year, by name in English.

    None of a country that nobody lists.
    """
    import holidays  # noqa: PLC0415 - takes a while, and only a plan or a notice needs it

    try:
        known = holidays.country_holidays(country, years=year, language="en_US")
        part = (region or "").removeprefix(f"{country}-")
        if part in known.subdivisions:
            known = holidays.country_holidays(country, subdiv=part, years=year, language="en_US")
    except NotImplementedError:  # how the library says that it does not list a country
        return {}
    return dict(known)


def is_working_day(country: str, day: date) -> bool:
    """Whether it is Monday to Friday and no public holiday."""
    return day.weekday() < 5 and day not in holidays_of(country, day.year)


def after_working_days(country: str, day: date, count: int) -> date:
    """The `count`th working day after a day."""
    while count:
        day += _DAY
        count -= is_working_day(country, day)
    return day


def after_months(day: date, months: int) -> date:
    """The same day of the month so many months on, the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - _DAY)
