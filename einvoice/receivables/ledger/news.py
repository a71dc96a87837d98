"""Tells other programs of payments that were matched and reversed, in the transaction in which they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from einvoice.events import Allocation, PaymentMatched, PaymentReversed
from einvoice.outbox.publishing import publish, wants
from einvoice.receivables.store.loading import load, moment
from einvoice.receivables.store.tables import PAYMENTS
from einvoice.settings import current

Shares = Sequence[tuple[int, Decimal]]
"""Invoices, by id, and what each got."""
_NOTHING: Mapping[Any, Any] = {}


def matched(connection: Connection, source: int, shares: Shares, at: datetime, by: str) -> None:
    """Publishes that a payment (by its transaction) was allocated to invoices, in the transaction that did so."""
    publish(connection, PaymentMatched(**_event(connection, source, shares, at), by=by))


def reversed_(connection: Connection, source: int, shares: Shares, at: datetime, reason: str) -> None:
    """Publishes that a payment (by its transaction) was taken back, and which invoices are open again."""
    publish(connection, PaymentReversed(**_event(connection, source, shares, at), reason=reason))


def matched_all(
    connection: Connection, payments: Sequence[tuple[int, Shares]], at: datetime, by: str, why: Mapping[int, Mapping[str, Any]] = _NOTHING
) -> None:
    """Publishes for each of many payments (by its transaction) that it was allocated; `why` is what its event says beside."""
    rows = _payments(connection, [source for source, _ in payments])
    events = [PaymentMatched(**_of(rows[source], shares, at), by=by, **why.get(source, _NOTHING)) for source, shares in payments]
    if any(wants(hook, "payment.matched") for hook in current().webhooks):
        for event in events:
            publish(connection, event)
    elif events:
        when = moment(connection, at)
        load(
            connection,
            "events",
            ("id", "type", "at", "body"),
            ((str(event.id), event.type, when, event.model_dump_json()) for event in events),
        )


def _event(connection: Connection, source: int, shares: Shares, at: datetime) -> dict[str, Any]:
    return _of(_payments(connection, [source])[source], shares, at)


def _payments(connection: Connection, sources: Sequence[int]) -> dict[int, Any]:
    rows = connection.execute(select(PAYMENTS).where(PAYMENTS.c.transaction_id.in_(sources))).all()
    return {row.transaction_id: row for row in rows}


def _of(payment: Any, shares: Shares, at: datetime) -> dict[str, Any]:
    return {
        "time": at,
        "payment": str(payment.id),
        "debtor": str(payment.debtor_id or "unknown"),
        "amount": payment.amount,
        "currency": payment.currency,
        "booked": payment.booked,
        "allocations": tuple(Allocation(invoice=str(invoice), amount=amount) for invoice, amount in shares),
    }
