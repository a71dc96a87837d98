"""Early-payment discounts: where all but the discount was paid in time, the rest is booked as a discount."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, literal_column, select

from einvoice.receivables import store
from einvoice.receivables.actions import Note
from einvoice.receivables.cases import receipts
from einvoice.receivables.cases.case import At, invoice_of
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.corrections import discount as post
from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.discounts import discount as granted
from einvoice.receivables.store.tables import INVOICES

LATE_NEWS = timedelta(60)
"""Days that a payment may become known after it was booked, and still earn its discount."""


def due(connection: Connection, creditor: int, policy: Policy, day: date) -> list[int]:
    """Invoices that were paid but for an amount no larger than a discount of the policy, lately enough; none where it has none."""
    if not policy.discounts:
        return []
    since = day - timedelta(max(each.within_days for each in policy.discounts)) - LATE_NEWS
    share = max(each.percent for each in policy.discounts)
    left = INVOICES.c.open * literal_column("100") <= INVOICES.c.amount * literal_column(str(share))
    almost = (INVOICES.c.creditor_id == creditor, INVOICES.c.kind == "invoice", INVOICES.c.open > 0, INVOICES.c.issued >= since)
    return list(connection.scalars(select(INVOICES.c.id).where(*almost, left).order_by(INVOICES.c.id)))


def settle(connection: Connection, invoice: int, policy: Policy, at: At) -> bool:
    """Books what is left of an invoice as a discount, where the policy grants at least that for the day on which the last money came.

    Whether it did. Where a condition of the policy lacks a rate of exchange, a task asks a person.
    """
    row = invoice_of(connection, invoice)
    came = [one for one in receipts.received(connection, [invoice]).get(invoice, ()) if one.amount > 0]
    if not came or row.open <= 0:
        return False
    paid_on = max(one.booked for one in came)
    debtors = list(store.snapshots(connection, row.creditor_id, at.day, debtors=[row.debtor_id]))
    pairs = [(debtor, one) for debtor in debtors for one in debtor.invoices if one.id == invoice]
    found = granted(policy, *pairs[0], paid_on) if pairs else None
    if isinstance(found, Note):
        text = f"{row.number} may have earned a discount: {found.text}"
        ask(connection, Task(f"discount:{invoice}", "triage", row.creditor_id, row.debtor_id, (invoice,), at.day, text), at.day)
        return False
    if found is None or row.open > found.amount:
        return False
    return post(connection, invoice, row.open, Booking(paid_on, at.by, at.now, f"discount:{invoice}")).new
