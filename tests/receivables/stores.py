"""What the tests of the SQL store share: a database with invoices, and actions about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from einvoice.database import connect
from einvoice.receivables.actions import Action, Claimed, Message, Why
from einvoice.receivables.store.tables import ACTIONS, INVOICES, RUNS, TAKEN
from tests import postgres
from tests.receivables import books

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)


@contextmanager
def place(kind: str, folder: Path) -> Iterator[Path | str]:
    """Where a test's database goes: a folder for a SQLite file, or the URL of a migrated PostgreSQL one; skips without a server."""
    if kind == "sqlite":
        yield folder
        return
    with postgres.fresh(make=postgres.migrated_database) as url:
        yield url


@contextmanager
def store(where: Path | str) -> Iterator[Engine]:
    """A database with a creditor (1), three debtors (1 to 3) of two invoices each (1 to 6), due on 2026-10-31, and a run (1)."""
    with books.database(where) as engine:
        with connect(engine) as connection:
            creditor = books.creditor(connection)
            for number in range(1, 4):
                debtor = books.debtor(connection, creditor, f"c{number}")
                for part in (1, 2):
                    books.invoice(connection, debtor, f"F{number}{part}", "100.00")
            run = {"creditor_id": creditor, "day": DAY, "policy": "0" * 64, "mode": "live", "started_at": NOW}
            connection.execute(insert(RUNS).values(run))
        yield engine


def action(debtor: int = 1, invoices: tuple[int, ...] = (1, 2), *channels: str, day: date = DAY, step: str = "r1", **values: Any) -> Action:
    """An action about invoices of 100.00 each; a reminder by e-mail unless told."""
    claimed = tuple(Claimed(number, f"F{number}", date(2026, 10, 31), Decimal("100.00")) for number in invoices)
    given: dict[str, Any] = {
        "kind": "message",
        "creditor": 1,
        "debtor": debtor,
        "day": day,
        "flow": "nl",
        "flow_version": "v1",
        "step": step,
        "offset": 7 * int(step[1:]) - 7,
        "invoices": claimed,
        "currency": "EUR",
        "amount": Decimal("100.00") * len(invoices),
        "messages": tuple(Message(channel, None, "general") for channel in channels or ("email",)),
        "document": "reminder",
        "firmness": 0,
        "voice": None,
        "language": "nl",
        "contents": (),
        "charges": (),
        "final": False,
        "handover": None,
        "notice": None,
        "not_before": datetime.combine(day, time(7, 30), UTC),
        "not_after": datetime.combine(day, time(11), UTC),
        "why": Why("all", "true", step),
        "policy": "0" * 64,
        "rates": "1" * 64,
    }
    return Action(**{**given, **values})


def follow_up(connection: Connection, invoice: int) -> tuple[Any, ...]:
    """Flow, step, offset, day, stage and trail of an invoice."""
    columns = [INVOICES.c[name] for name in ("flow", "step", "step_offset", "step_on", "stage", "trail")]
    return tuple(connection.execute(select(*columns).where(INVOICES.c.id == invoice)).one())


def states(connection: Connection) -> dict[str, str]:
    """The state of every action, by its id."""
    return {row.id: row.state for row in connection.execute(select(ACTIONS.c.id, ACTIONS.c.state))}


def live(connection: Connection) -> int:
    """How many rows of what is taken are live."""
    return len(connection.execute(select(TAKEN.c.action_id).where(TAKEN.c.live.is_(True))).all())
