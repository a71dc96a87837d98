"""Collections on their way: withdrawn, collected as the bank says, and the hold that keeps reminders back meanwhile."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select, update

from einvoice.money import ZERO
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import release
from einvoice.receivables.ledger import balances
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.payments import PaymentIn, post_payment
from einvoice.receivables.paying.takeback import take_back
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import COLLECTIONS, INVOICES

MATCHED_BY = "mandate"


def collected(connection: Connection, creditor: int, end_to_end: str, amount: Decimal, day: date, booked: Booking) -> int | None:
    """Books what the bank says it collected under an end-to-end id, on the day it did; the payment, None where it is no collection of ours.

    What the invoices no longer owe stays on account. The same again changes nothing. Where its return was heard first, both are booked
    now. Raises ReceivablesError where it was booked with another amount before.
    """
    row = _one(connection, creditor, end_to_end)
    return None if row is None else _collected(connection, row, amount, day, booked)


def collected_batch(
    connection: Connection, creditor: int, batch: str, amount: Decimal, day: date, booked: Booking
) -> tuple[int, ...] | None:
    """Books what the bank collected with one line for a batch (`batch` is its PmtInfId, or the MsgId of the file); the payments.

    None where there is no such batch, or where the sum of what it holds (without what came back before) is another: a person decides.
    """
    rows = batched(connection, creditor, batch)
    exported = [row for row in rows if row.state == "exported"]
    if rows and not exported and sum((row.amount for row in rows if row.payment_id), ZERO) == amount:
        return tuple(row.payment_id for row in rows if row.payment_id)
    if not exported or sum((row.amount for row in exported), ZERO) != amount:
        return None
    return tuple(_collected(connection, row, row.amount, day, booked) for row in exported)


def batched(connection: Connection, creditor: int, batch: str) -> list[Row[Any]]:
    """The collections of a file, or of one batch in it (`MsgId-YYYYMMDD-SEQ`), by id, locked."""
    file, _, part = batch.partition("-")
    found = select(COLLECTIONS).where(COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.batch == file)
    rows = connection.execute(found.order_by(COLLECTIONS.c.id).with_for_update()).all()
    return [row for row in rows if not part or part == f"{row.due:%Y%m%d}-{row.sequence}"]


def withdraw(connection: Connection, collection: int, reason: str, at: At) -> bool:
    """Takes back a collection of which no money came; its invoices are followed up again. False where it has ended.

    `reason` is the bank's code, or ours: PAID, HELD, LATE, MANDATE, UNSENT, PERSON.
    """
    live = (COLLECTIONS.c.id == collection, COLLECTIONS.c.state.in_(("planned", "announced", "exported")))
    values = {"state": "cancelled", "reason": reason[:8], "closed_on": at.day}
    ended = connection.execute(update(COLLECTIONS).where(*live).values(values).returning(COLLECTIONS.c.debtor_id)).scalar_one_or_none()
    if ended is None:
        return False
    release(connection, ended, Reason.PAYMENT_PENDING, at.day, case=collection)
    return True


def _one(connection: Connection, creditor: int, end_to_end: str) -> Row[Any] | None:
    same = (COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.end_to_end == end_to_end)
    return connection.execute(select(COLLECTIONS).where(*same).with_for_update()).one_or_none()


def _collected(connection: Connection, row: Row[Any], amount: Decimal, day: date, booked: Booking) -> int:
    payment = PaymentIn(f"debit:{row.end_to_end}", amount, row.currency, day, row.debtor_id, reference=row.end_to_end)
    if row.payment_id is not None:
        return post_payment(connection, row.creditor_id, payment, booked._replace(key=None)).id
    to = _owed(connection, row, amount)
    posted = post_payment(connection, row.creditor_id, payment, booked._replace(key=None), to=to, matched_by=MATCHED_BY)
    came_back = row.state == "returned"
    values: dict[str, Any] = {"payment_id": posted.id}
    if not came_back:
        values |= {"state": "collected", "closed_on": day, "reason": None}
        release(connection, row.debtor_id, Reason.PAYMENT_PENDING, day, case=row.id)
    connection.execute(update(COLLECTIONS).where(COLLECTIONS.c.id == row.id).values(values))
    if came_back:
        back = booked._replace(day=max(day, row.closed_on), key=key_of_return(row.end_to_end), note=row.reason)
        take_back(connection, posted.transaction, amount, amount, back)
    return posted.id


def key_of_return(end_to_end: str) -> str:
    """The key under which a collection's return is booked, once."""
    return f"debit-return:{end_to_end}"


def _owed(connection: Connection, row: Row[Any], amount: Decimal) -> list[tuple[int, Decimal | None]]:
    """What each invoice of a collection gets: what it was collected for, at most what it still owes, as far as the money goes."""
    held = balances.standing(connection, [ref for ref, _ in row.invoices])
    shares: list[tuple[int, Decimal | None]] = []
    for ref, text in row.invoices:
        share = min(Decimal(text), max(held[ref].open, ZERO) + max(held[ref].charges, ZERO), amount)
        if share > 0:
            shares.append((ref, share))
            amount -= share
    return shares


def numbers(connection: Connection, row: Row[Any]) -> list[str]:
    """The numbers of the invoices that a collection is about, in its order."""
    known = dict(
        connection.execute(select(INVOICES.c.id, INVOICES.c.number).where(INVOICES.c.id.in_([ref for ref, _ in row.invoices]))).all()
    )
    return [str(known[ref]) for ref, _ in row.invoices]
