"""Holds: the one thing that pauses follow-up. Planner and sender read only these rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, insert, update

from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import HOLDS


def hold(
    connection: Connection,
    debtor: int,
    reason: Reason,
    since: date,
    *,
    invoices: Iterable[int | None] = (None,),
    amount: Decimal | None = None,
    until: date | None = None,
    case: int | None = None,
) -> None:
    """Pauses follow-up of invoices (`None` among them: of everything of the debtor), of a part of them or the whole.

    `until` is the last day it holds; None until it is released. Amounts are in the invoice's currency.
    """
    common = {"debtor_id": debtor, "reason": reason.value, "amount": amount, "since": since, "until": until, "case_id": case}
    rows = [{**common, "invoice_id": invoice} for invoice in invoices]
    if rows:
        connection.execute(insert(HOLDS), rows)


def release(connection: Connection, debtor: int, reason: Reason, day: date, *, case: int | None = None, invoice: int | None = None) -> int:
    """Ends the holds of a debtor for a reason: those of one case, of one invoice, or all; how many."""
    ended = update(HOLDS).where(HOLDS.c.debtor_id == debtor, HOLDS.c.reason == reason.value, HOLDS.c.ended_on.is_(None))
    if case is not None:
        ended = ended.where(HOLDS.c.case_id == case)
    if invoice is not None:
        ended = ended.where(HOLDS.c.invoice_id == invoice)
    return connection.execute(ended.values(ended_on=day)).rowcount
