"""Money that is taken back: the payment is reversed, or a part of it given back, and its invoices are open again to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, func, or_, select

from einvoice.receivables.ledger.allocation import allocate
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.money import on_account
from einvoice.receivables.ledger.payments import refund
from einvoice.receivables.ledger.reversal import reverse
from einvoice.receivables.store.tables import ENTRIES, TRANSACTIONS


def take_back(connection: Connection, transaction: int, amount: Decimal, of: Decimal, booked: Booking) -> None:
    """Takes `amount` of a payment (by its transaction; `of` is all of it) back, once by the key of `booked`, on its day at the earliest.

    All of it is a reversal. A part is refunded: what no invoice has first, then from the share that was allocated last. The same key
    again changes nothing. Raises ReceivablesError where less is left of it.
    """
    if _known(connection, transaction, booked.key):
        return
    booked = booked._replace(day=max(booked.day, _latest(connection, transaction)))
    if amount == of and not _refunds(connection, transaction):
        reverse(connection, transaction, booked)
        return
    _free(connection, transaction, amount, booked)
    refund(connection, transaction, amount, booked)


def _free(connection: Connection, transaction: int, amount: Decimal, booked: Booking) -> None:
    """Takes shares back, the last first, until so much is on account; what is more than that goes back to the invoice it came from."""
    for share in _shares(connection, transaction):
        left = on_account(connection, transaction).left
        if left >= amount:
            return
        invoice = connection.scalar(
            select(ENTRIES.c.invoice_id).where(ENTRIES.c.transaction_id == share, ENTRIES.c.invoice_id.is_not(None)).limit(1)
        )
        reverse(connection, share, booked._replace(key=None))
        if (more := on_account(connection, transaction).left - amount) > 0 and invoice is not None:
            allocate(connection, transaction, booked._replace(key=None), to=[(int(invoice), more)], matched_by="provider")


def _shares(connection: Connection, transaction: int) -> list[int]:
    """The allocations of a payment that stand, the last first."""
    reversals = select(TRANSACTIONS.c.reverses).where(TRANSACTIONS.c.reverses.is_not(None))
    stands = (TRANSACTIONS.c.moves == transaction, TRANSACTIONS.c.kind == "allocation", TRANSACTIONS.c.id.not_in(reversals))
    return list(connection.scalars(select(TRANSACTIONS.c.id).where(*stands).order_by(TRANSACTIONS.c.id.desc())))


def _refunds(connection: Connection, transaction: int) -> bool:
    reversals = select(TRANSACTIONS.c.reverses).where(TRANSACTIONS.c.reverses.is_not(None))
    stands = (TRANSACTIONS.c.moves == transaction, TRANSACTIONS.c.kind == "refund", TRANSACTIONS.c.id.not_in(reversals))
    return connection.execute(select(TRANSACTIONS.c.id).where(*stands).limit(1)).first() is not None


def _known(connection: Connection, transaction: int, key: str | None) -> bool:
    creditor = select(TRANSACTIONS.c.creditor_id).where(TRANSACTIONS.c.id == transaction).scalar_subquery()
    return key is not None and booked_as(connection, int(connection.scalar(select(creditor)) or 0), key)


def booked_as(connection: Connection, creditor: int, key: str) -> bool:
    """Whether something was booked under a key."""
    found = select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.creditor_id == creditor, TRANSACTIONS.c.key == key)
    return connection.execute(found).first() is not None


def _latest(connection: Connection, transaction: int) -> date:
    """The last day on which something of a payment was booked: what takes it back comes no earlier."""
    of = or_(TRANSACTIONS.c.id == transaction, TRANSACTIONS.c.moves == transaction)
    days = select(func.max(ENTRIES.c.booked)).join_from(ENTRIES, TRANSACTIONS, ENTRIES.c.transaction_id == TRANSACTIONS.c.id).where(of)
    found: date = connection.execute(days).scalar_one()
    return found
