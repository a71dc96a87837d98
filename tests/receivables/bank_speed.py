"""One long file on a full book: how fast lines are imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from einvoice.database import connect
from einvoice.receivables import policy
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.matching.importing import import_statement
from einvoice.receivables.store.tables import ENTRIES
from tests.receivables import bank_files
from tests.receivables.bank_families import BENELUX
from tests.receivables.bank_judge import RULES, Living
from tests.receivables.bank_year import year


class Measured(NamedTuple):
    """Lines, seconds, the file's bytes, the counts of the import, and what all entries sum up to."""

    lines: int
    seconds: float
    size: int
    counts: Mapping[str, int]
    balance: Decimal


def one_file(engine: Engine, folder: Path, lines: int, seed: int = 5) -> Measured:
    """A year's lines in one CAMT.053, imported at once with all invoices of the year on the book."""
    made = year(BENELUX, lines, seed)
    living = Living(engine, made, folder)
    with connect(engine) as connection:
        living.book(connection, made.bills)
    data = bank_files.camt(made.lines, 1, Decimal("1000.00"))
    now = datetime(2027, 1, 31, 8, tzinfo=UTC)
    with connect(engine) as connection:
        begun = perf_counter()
        found = import_statement(connection, living.creditor, data, "year.xml", Booking(now.date(), "bank", now), policy.load(RULES))
        seconds = perf_counter() - begun
        balance = connection.scalar(select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)))
    return Measured(len(found.matches), seconds, len(data), found.counts, Decimal(balance or 0))
