"""Insolvency: nobody is reminded of anything any more; a person files the claim."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, select, update

from einvoice.receivables.cases.case import At, debtor_of, record
from einvoice.receivables.cases.holds import hold, release
from einvoice.receivables.cases.tasks import Task, ask, finish
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import DEBTORS, INVOICES

FILE_WITHIN = 7
"""Days in which a person looks how and until when the claim is filed."""


def declare(connection: Connection, debtor: int, on: date, at: At, note: str | None = None) -> int | None:
    """Marks a debtor insolvent since a day: all its follow-up stops, and a task asks to file the claim; None where it was marked."""
    row = debtor_of(connection, debtor)
    if row.insolvent_on is not None:
        return None
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(insolvent_on=on))
    hold(connection, debtor, Reason.INSOLVENCY, at.day)
    record(connection, "debtor", debtor, None, "insolvent", at, note)
    owing = select(INVOICES.c.id).where(INVOICES.c.debtor_id == debtor, INVOICES.c.open + INVOICES.c.charges > 0)
    invoices = tuple(connection.scalars(owing.order_by(INVOICES.c.id)))
    text = f"{row.key} is insolvent since {on}: file the claim with the trustee; {len(invoices)} invoices are open."
    return ask(
        connection, Task(_key(debtor, on), "decide", row.creditor_id, debtor, invoices, at.day + timedelta(FILE_WITHIN), text), at.day
    )


def lift(connection: Connection, debtor: int, at: At, note: str | None = None) -> bool:
    """Takes the mark away: follow-up goes on where it stood; False where there was none."""
    row = debtor_of(connection, debtor)
    if row.insolvent_on is None:
        return False
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(insolvent_on=None))
    release(connection, debtor, Reason.INSOLVENCY, at.day)
    record(connection, "debtor", debtor, "insolvent", "solvent", at, note)
    finish(connection, [_key(debtor, row.insolvent_on)], "lifted", at)
    return True


def _key(debtor: int, on: date) -> str:
    return f"insolvency:{debtor}:{on}"
