"""Where an import works: the creditor's books, how files are read, what was found and counted so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger.balances import Tally
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.importing.faults import Faults, ImportFault
from einvoice.receivables.ledger.importing.sheets import Reading
from einvoice.receivables.store.loading import moment
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, INVOICES, TRANSACTIONS


class Desk:
    """An import under way. `newest` is the last transaction before it: a later one is of this import."""

    def __init__(self, connection: Connection, creditor: int, reading: Reading, booked: Booking) -> None:
        self.connection = connection
        row = connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor)).one_or_none()
        if row is None:
            raise ReceivablesError(f"there is no creditor {creditor}; add it first")
        self.creditor: Any = row
        self.reading = reading
        self.booked = booked
        self.at = moment(connection, booked.at)
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.tally = Tally()
        self.newest: int = connection.execute(select(func.max(TRANSACTIONS.c.id))).scalar_one() or 0

    def fault(self, code: str, path: Path, line: int, field: str | None, text: str, mend: str) -> None:
        """Notes a fault."""
        self.faults.add(ImportFault(code, str(path), line, field, text, mend))

    def debtors(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """The debtors with these keys."""
        wanted = (DEBTORS.c.creditor_id == self.creditor.id, DEBTORS.c.key.in_(sorted(set(keys))))
        return {row.key: row for row in self.connection.execute(select(DEBTORS).where(*wanted)).all()}

    def invoices(self, numbers: Iterable[str]) -> dict[str, Any]:
        """The id, debtor and currency of the invoices with these numbers."""
        columns = (INVOICES.c.number, INVOICES.c.id, INVOICES.c.debtor_id, INVOICES.c.currency)
        wanted = (INVOICES.c.creditor_id == self.creditor.id, INVOICES.c.number.in_(sorted(set(numbers))))
        return {row.number: row for row in self.connection.execute(select(*columns).where(*wanted)).all()}

    def booked_before(self, keys: Iterable[str]) -> dict[str, tuple[int, str]]:
        """The transaction and content that each of these keys stands for."""
        columns = (TRANSACTIONS.c.key, TRANSACTIONS.c.id, TRANSACTIONS.c.content)
        wanted = (TRANSACTIONS.c.creditor_id == self.creditor.id, TRANSACTIONS.c.key.in_(list(keys)))
        return {key: (ref, content) for key, ref, content in self.connection.execute(select(*columns).where(*wanted)).all()}

    def is_new(self, path: Path, line: int, field: str, key: str, content: str, before: Mapping[str, tuple[int, str]]) -> bool:
        """Whether a row is to be booked; a second in the same import and one that differs from what was booked are faults."""
        if key not in before:
            return True
        ref, was = before[key]
        what = key.partition(":")[2]
        if ref > self.newest:
            self.fault("duplicate", path, line, field, f"{what} stands twice in what is imported", "keep one of the two")
        elif was != content:
            text, mend = (
                f"{what} was imported before, with another content",
                "give it another number, or correct the ledger with a reversal",
            )
            self.fault("differs", path, line, field, text, mend)
        else:
            self.counts["same"] += 1
        return False
