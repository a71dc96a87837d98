"""How long books must be kept, by country, as dated data with source and confidence (`retention.json`)."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, ENTRIES


class Retention(NamedTuple):
    """How many full years after the end of a year's last booking its books are kept, and who says so."""

    years: int
    source: str
    confidence: str


def retention(country: str) -> Retention | None:
    """What is known of a creditor's country; None where nothing is."""
    return _countries().get(country)


def kept_until(connection: Connection, debtor: int, years: int | None = None) -> date | None:
    """The last day on which a debtor's data must be kept; None where nothing was ever booked of it.

    `years` where the user knows better. Raises ReceivablesError where neither the user nor this release knows the creditor's country.
    """
    last = connection.execute(select(func.max(ENTRIES.c.booked)).where(ENTRIES.c.debtor_id == debtor)).scalar_one()
    if last is None:
        return None
    if years is None:
        joined = select(CREDITORS.c.country).join_from(CREDITORS, DEBTORS, DEBTORS.c.creditor_id == CREDITORS.c.id)
        country = connection.execute(joined.where(DEBTORS.c.id == debtor)).scalar_one()
        found = retention(country)
        if found is None:
            raise ReceivablesError(f"how long books are kept in {country} is not known here; say how many years (years=)")
        years = found.years
    return date(last.year + years, 12, 31)


@cache
def _countries() -> dict[str, Retention]:
    rows = json.loads((Path(__file__).parent / "retention.json").read_text("utf-8"))["countries"]
    return {country: Retention(**row) for country, row in rows.items()}
