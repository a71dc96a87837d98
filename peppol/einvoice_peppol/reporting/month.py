"""The period of a report: a calendar month by UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from einvoice.errors import PeppolError

_FORM = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
LAST_DAY_TO_SUBMIT = 15
"""Reports are submitted on the days 1 to 15 of the month after (Peppol Internal Regulations, Statistics Report Submitting Period)."""


class Month(NamedTuple):
    """A month: the moments from which and before which it is, in UTC."""

    begins: datetime
    ends: datetime

    @property
    def first(self) -> date:
        """Its first day."""
        return self.begins.date()

    @property
    def last(self) -> date:
        """Its last day."""
        return self.ends.date() - timedelta(days=1)

    @property
    def due(self) -> date:
        """The last day on which its reports are accepted."""
        return self.ends.date().replace(day=LAST_DAY_TO_SUBMIT)


def parse(text: str) -> Month:
    """The month that `2026-10` names.

    Raises PeppolError.
    """
    found = _FORM.fullmatch(text.strip())
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= month <= 12 or not 2000 <= year < 9999:
        raise PeppolError(f"{text[:20]!r} is no month; write it as 2026-10")
    return Month(datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))
