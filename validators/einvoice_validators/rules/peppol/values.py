"""Values as the Peppol rules compute with them: numbers that may be none, lengths, calendar dates with their time zones."""

from __future__ import annotations

import re
from typing import Any

from einvoice_validators.xpath import MISSING, SPACE, Aborted, Several, double

_date = re.compile(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_days = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_longest = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def numeric(value: Any) -> float:
    """`number()`: not a number (NaN) where the text is none or absent. Aborts for several values."""
    if value is MISSING:
        return float("nan")
    if isinstance(value, Several):
        raise Aborted("number() of several values")
    try:
        return float(double(value))
    except Aborted:
        return float("nan")


def is_number(value: Any) -> bool:
    """`string(number(…)) != 'NaN'`."""
    number = numeric(value)
    return number == number


def single(value: Any) -> str:
    """A value used as one text: '' where it is missing. Aborts for several values."""
    if isinstance(value, Several):
        raise Aborted("one text is wanted where several values stand")
    return "" if value is MISSING else value


def moment(value: str) -> int:
    """When a day begins, in minutes, to compare dates by; a date without a time zone is one of UTC."""
    found = _date.fullmatch(value.strip(SPACE))
    if found is None:
        raise Aborted(f"{value[:40]!r} is no date")
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    leaps = (year - (month < 3)) // 4 - (year - (month < 3)) // 100 + (year - (month < 3)) // 400
    return (year * 365 + leaps + _days[month - 1] + day) * 1440 - _zone(found[4])


def _zone(text: str | None) -> int:
    if not text or text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


def is_plain_date(value: str) -> bool:
    """Whether it is a day of the calendar written as YYYY-MM-DD, and nothing more."""
    found = _date.fullmatch(value)
    if found is None or len(value) != 10:
        return False
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _longest[month - 1] + (leap and month == 2)
