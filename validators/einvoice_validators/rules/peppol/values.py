"""Values as the Peppol rules compute with them: numbers that may be none, one text where there may be more, dates."""

from __future__ import annotations

import re
from math import isnan
from typing import Any

from einvoice_validators.xpath import MISSING, Aborted, Several, double

_date = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
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
    return not isnan(numeric(value))


def single(value: Any) -> str:
    """A value used as one text: '' where it is missing. Aborts for several values."""
    if isinstance(value, Several):
        raise Aborted("one text is wanted where several values stand")
    return "" if value is MISSING else value


def is_plain_date(value: str) -> bool:
    """Whether it is a day of the calendar written as YYYY-MM-DD, and nothing more."""
    found = _date.fullmatch(value)
    if found is None:
        return False
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _longest[month - 1] + (leap and month == 2)
