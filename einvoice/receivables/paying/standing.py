"""Whether a collection may still be announced, or handed to the bank: asked again each time, for nothing is collected on a guess."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from einvoice.money import ZERO
from einvoice.receivables.paying.days import later
from einvoice.receivables.paying.mandates import LIVE
from einvoice.receivables.paying.proposing import notice_of
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import COLLECTIONS, DEBTORS, ENTRIES, HOLDS, INVOICES, MANDATES

LEAD = 1
"""TARGET business days before the due date by which a bank has the file (EPC016-06, 4.3.2: D-1)."""


def still_collects(connection: Connection, row: Row[Any], day: date, announced: date | None) -> str | None:
    """Why a collection must not go on on a day, as a code of ours and words; None where it may.

    Its debtor is locked, so that payments and pauses come before or after, never between. `announced` is the day of the
    pre-notification, None where there was none.
    """
    debtor = connection.execute(select(DEBTORS).where(DEBTORS.c.id == row.debtor_id).with_for_update()).one()
    return (
        _debtor(debtor, day)
        or _mandate(connection, row, day)
        or _held(connection, row, day)
        or _paid(connection, row, day)
        or _late(connection, row, day, announced)
    )


def _debtor(debtor: Row[Any], day: date) -> str | None:
    if debtor.forgotten_on is not None or (debtor.insolvent_on is not None and debtor.insolvent_on <= day):
        return "HELD: the debtor is insolvent or forgotten"
    return f"HELD: a person holds the debtor through {debtor.hold_until}" if debtor.hold_until and debtor.hold_until >= day else None


def _mandate(connection: Connection, row: Row[Any], day: date) -> str | None:
    mandate = connection.execute(select(MANDATES).where(MANDATES.c.id == row.mandate_id).with_for_update()).one()
    return None if mandate.state == "active" and mandate.signed_on <= day else f"MANDATE: {mandate.reference} is {mandate.state}"


def _in_force(row: Row[Any], day: date) -> tuple[Any, ...]:
    """The pauses of a debtor on a day."""
    running = (HOLDS.c.debtor_id == row.debtor_id, HOLDS.c.ended_on.is_(None), HOLDS.c.since <= day)
    return (*running, or_(HOLDS.c.until.is_(None), HOLDS.c.until >= day))


def _held(connection: Connection, row: Row[Any], day: date) -> str | None:
    """Another pause than the collection's own."""
    refs = _refs(row)
    about = or_(HOLDS.c.invoice_id.is_(None), HOLDS.c.invoice_id.in_(refs))
    for hold in connection.execute(select(HOLDS).where(*_in_force(row, day), about)):
        if hold.amount is None and not (hold.reason == Reason.PAYMENT_PENDING and hold.case_id == row.id):
            return f"HELD: {hold.reason}"
    return None


def _paid(connection: Connection, row: Row[Any], day: date) -> str | None:
    """Whether each invoice still owes what is collected, and no credit covers any of it."""
    rows = connection.execute(select(INVOICES.c.id, INVOICES.c.open, INVOICES.c.stage).where(INVOICES.c.id.in_(_refs(row))))
    owed = {each.id: each.open for each in rows if each.stage == "open"}
    withheld = _parts(connection, row, day)
    short = [ref for ref, text in row.invoices if owed.get(ref, ZERO) - withheld.get(ref, ZERO) < Decimal(text)]
    if short:
        return f"PAID: {len(short)} of {len(row.invoices)} invoices are paid, credited or disputed meanwhile"
    return "PAID: credits of the debtor cover a part" if _owed(connection, row, day) < _under_way(connection, row) else None


def _refs(row: Row[Any]) -> list[int]:
    return [ref for ref, _ in row.invoices]


def _parts(connection: Connection, row: Row[Any], day: date) -> Mapping[int, Decimal]:
    """The disputed parts of its invoices."""
    sums = select(HOLDS.c.invoice_id, func.sum(HOLDS.c.amount, type_=HOLDS.c.amount.type).label("amount"))
    sums = sums.where(*_in_force(row, day), HOLDS.c.invoice_id.in_(_refs(row)), HOLDS.c.amount.is_not(None))
    return {each.invoice_id: each.amount for each in connection.execute(sums.group_by(HOLDS.c.invoice_id))}


def _owed(connection: Connection, row: Row[Any], day: date) -> Decimal:
    """What the debtor owes that nothing else pauses, less credit notes and money on account."""
    paused = select(HOLDS.c.invoice_id).where(
        *_in_force(row, day), HOLDS.c.invoice_id.is_not(None), HOLDS.c.amount.is_(None), HOLDS.c.reason != Reason.PAYMENT_PENDING.value
    )
    mine = (INVOICES.c.debtor_id == row.debtor_id, INVOICES.c.currency == row.currency, INVOICES.c.stage == "open")
    owed = select(func.sum(INVOICES.c.open, type_=INVOICES.c.open.type)).where(*mine, INVOICES.c.id.not_in(paused))
    account = (ENTRIES.c.debtor_id == row.debtor_id, ENTRIES.c.currency == row.currency, ENTRIES.c.account == "unallocated")
    credit = select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)).where(*account)
    return Decimal(connection.scalar(owed) or 0) + Decimal(connection.scalar(credit) or 0)


def _under_way(connection: Connection, row: Row[Any]) -> Decimal:
    """What is collected of the debtor, this collection with it."""
    live = (COLLECTIONS.c.debtor_id == row.debtor_id, COLLECTIONS.c.currency == row.currency, COLLECTIONS.c.state.in_(LIVE))
    return Decimal(connection.scalar(select(func.sum(COLLECTIONS.c.amount, type_=COLLECTIONS.c.amount.type)).where(*live)) or 0)


def _late(connection: Connection, row: Row[Any], day: date, announced: date | None) -> str | None:
    if announced is None:
        return "UNSENT: it was not announced"
    contracts = connection.scalars(select(INVOICES.c.contract).where(INVOICES.c.id.in_(_refs(row))))
    if announced + timedelta(notice_of(contracts)) > row.due:
        return f"LATE: announced on {announced}, too late for {row.due}"
    return f"LATE: a bank wants it {LEAD} business day before {row.due}" if later(day, LEAD) > row.due else None
