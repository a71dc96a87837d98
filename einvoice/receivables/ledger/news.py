"""Tells other programs of payments that were matched and reversed, in the transaction in which they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from einvoice.events import Allocation, PaymentMatched, PaymentReversed
from einvoice.outbox.publishing import publish
from einvoice.receivables.store.tables import PAYMENTS


def matched(connection: Connection, source: int, shares: Sequence[tuple[int, Decimal]], at: datetime, by: str) -> None:
    """Publishes that a payment (by its transaction) was allocated to invoices, in the transaction that did so."""
    publish(connection, PaymentMatched(**_event(connection, source, shares, at), by=by))


def reversed_(connection: Connection, source: int, shares: Sequence[tuple[int, Decimal]], at: datetime, reason: str) -> None:
    """Publishes that a payment (by its transaction) was taken back, and which invoices are open again."""
    publish(connection, PaymentReversed(**_event(connection, source, shares, at), reason=reason))


def _event(connection: Connection, source: int, shares: Sequence[tuple[int, Decimal]], at: datetime) -> dict[str, Any]:
    payment = connection.execute(select(PAYMENTS).where(PAYMENTS.c.transaction_id == source)).one()
    return {
        "time": at,
        "payment": str(payment.id),
        "debtor": str(payment.debtor_id or "unknown"),
        "amount": payment.amount,
        "currency": payment.currency,
        "booked": payment.booked,
        "allocations": tuple(Allocation(invoice=str(invoice), amount=amount) for invoice, amount in shares),
    }
