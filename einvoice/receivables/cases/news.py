"""Tells other programs what happened to a case, in the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from einvoice import events
from einvoice.outbox import publish
from einvoice.receivables.cases.categories import in_events


def tell(connection: Connection, event: events.AnyEvent) -> None:
    """Publishes an event."""
    publish(connection, event)


def dispute_of(dispute: Row[Any], currency: str) -> dict[str, Any]:
    """What every event of a dispute says of it."""
    return {
        "dispute": str(dispute.id),
        "debtor": str(dispute.debtor_id),
        "invoice": str(dispute.invoice_id),
        "category": in_events(dispute.category),
        "amount": dispute.amount,
        "currency": None if dispute.amount is None else currency,
    }


def texts(ids: Iterable[int]) -> tuple[str, ...]:
    """Ids as events have them."""
    return tuple(str(one) for one in ids)
