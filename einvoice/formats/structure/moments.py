"""The simple types of XSD that name a moment or a stretch of time."""

from __future__ import annotations

from collections.abc import Callable

from einvoice.formats.structure.patterns import pattern

ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
YEAR = r"(-?(?:[1-9][0-9]{4,}|[0-9]{4}))"
MONTH = r"(0[1-9]|1[0-2])"
DAY = r"(0[1-9]|[12][0-9]|3[01])"
CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
DURATION = r"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
LONGEST = {4: 30, 6: 30, 9: 30, 11: 30}


def days(year: int, month: int) -> int:
    """The days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return LONGEST.get(month, 31)


def exists(year: str, month: int = 1, day: int = 1) -> bool:
    """Whether the calendar has that day; there is no year 0, and without a year ("") 29 February passes."""
    if not year:
        return day <= days(2000, month)
    return bool(year.strip("-0")) and day <= days(int(year[-4:]), month)


def moment(expression: str) -> Callable[[str], bool]:
    """A check for a pattern with the groups year, month and day, as far as it has them."""
    match = pattern(expression + ZONE)

    def holds(text: str) -> bool:
        found = match(text)
        return found is not None and exists(found[1], *map(int, found.groups()[1:]))

    return holds


def plain(expression: str) -> Callable[[str], bool]:
    """A check for a pattern that says it all."""
    match = pattern(expression)
    return lambda text: match(text) is not None


MOMENTS = {
    "date": ("a date as YYYY-MM-DD", moment(f"{YEAR}-{MONTH}-{DAY}")),
    "dateTime": ("a date and time as YYYY-MM-DDThh:mm:ss", moment(f"{YEAR}-{MONTH}-{DAY}T{CLOCK}")),
    "time": ("a time as hh:mm:ss", plain(CLOCK + ZONE)),
    "duration": ("a duration such as P1Y2M or PT30S", plain(DURATION)),
    "gYear": ("a year as YYYY", moment(YEAR)),
    "gYearMonth": ("a month as YYYY-MM", moment(f"{YEAR}-{MONTH}")),
    "gMonthDay": ("a day of a month as --MM-DD", moment(f"()--{MONTH}-{DAY}")),
    "gMonth": ("a month as --MM", plain(f"--{MONTH}{ZONE}")),
    "gDay": ("a day as ---DD", plain(f"---{DAY}{ZONE}")),
}
