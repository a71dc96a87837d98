"""A migrated database with a creditor and debtors, for tests: shared by all that need a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from einvoice.database import connect, migrate, open_database
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.invoices import InvoiceIn, post_invoice
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS

DAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@contextmanager
def database(where: Path | str) -> Iterator[Engine]:
    """A fresh database of this release's shape: a SQLite file in a folder, or the URL of a PostgreSQL one."""
    engine = open_database(f"sqlite:///{where / 'books.db'}" if isinstance(where, Path) else where)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def books(where: Path | str) -> Iterator[Connection]:
    """A transaction in a fresh database; `creditor` and `debtor` fill it."""
    with database(where) as engine, connect(engine) as connection:
        yield connection


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back at the end, so that the next finds the database as it was."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def creditor(connection: Connection, key: str = "acme", **values: Any) -> int:
    """A creditor of the Netherlands unless told; its id."""
    row = {"key": key, "name": f"Creditor {key}", "country": "NL", "time_zone": "Europe/Amsterdam"} | values
    return int(connection.execute(CREDITORS.insert().values(row).returning(CREDITORS.c.id)).scalar_one())


def debtor(connection: Connection, creditor: int, key: str = "c1", *, email: str | None = "finance@customer.example", **values: Any) -> int:
    """A Dutch business unless told, with a general contact; its id."""
    row = {"creditor_id": creditor, "key": key, "name": f"Customer {key}", "kind": "b2b", "country": "NL"} | values
    made = int(connection.execute(DEBTORS.insert().values(row).returning(DEBTORS.c.id)).scalar_one())
    connection.execute(CONTACTS.insert().values(debtor_id=made, role="general", name=f"Desk of {key}", email=email))
    return made


def booking(day: date = DAY, key: str | None = None, note: str | None = None) -> Booking:
    """A booking on a day."""
    return Booking(day, "tests", NOW, key, note)


def invoice(connection: Connection, debtor: int, number: str = "F1", amount: str = "121.00", **values: Any) -> int:
    """An invoice in EUR, issued on 2026-10-01 and due on 2026-10-31 unless told; its id."""
    given: dict[str, Any] = {"issued": date(2026, 10, 1), "due": date(2026, 10, 31), "currency": "EUR"} | values
    made = InvoiceIn(debtor, number, amount=Decimal(amount), **given)
    return post_invoice(connection, made, booking(given["issued"])).id
