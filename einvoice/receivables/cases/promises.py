"""Promises: a debtor's word to pay by a day; follow-up of the invoices waits for it, and the ledger says whether it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from einvoice import events
from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import receipts
from einvoice.receivables.cases.case import At, created, fetch, invoices_of, move
from einvoice.receivables.cases.holds import hold, release
from einvoice.receivables.cases.machine import PROMISE
from einvoice.receivables.cases.news import tell, texts
from einvoice.receivables.ledger.booking import in_currency
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import PROMISES

TOLERANCE, MOST = 2, 14
"""Days that a payment may come later, and days that a promise may lie ahead, where the policy does not say."""


def make(connection: Connection, debtor: int, invoices: Iterable[int], amount: Decimal, by: date, policy: Policy, at: At) -> int:
    """Takes a promise to pay `amount` (with VAT, in the invoices' currency) on these invoices by a day; its id.

    Raises ReceivablesError where the day is past or beyond the policy's limit, more is promised than is open, or one of the invoices
    has a live promise already.
    """
    rows = invoices_of(connection, debtor, invoices)
    most = at.day + timedelta(_limit(policy, "max_days", MOST))
    if not at.day <= by <= most:
        raise ReceivablesError(f"a promise made on {at.day} is for {at.day} to {most}, not {by}; for later agree on instalments")
    owed = sum((row.open + row.charges for row in rows), Decimal(0))
    if in_currency(amount, rows[0].currency) > owed:
        raise ReceivablesError(f"{amount} is promised but {owed} {rows[0].currency} is open; promise at most that")
    ids = [row.id for row in rows]
    _require_free(connection, debtor, ids)
    tolerance = _limit(policy, "tolerance_days", TOLERANCE)
    values = {
        "creditor_id": rows[0].creditor_id,
        "debtor_id": debtor,
        "invoices": ids,
        "amount": amount,
        "currency": rows[0].currency,
        "made_on": at.day,
        "by": by,
        "tolerance": tolerance,
    }
    promise = created(connection, PROMISE, values, at)
    hold(connection, debtor, Reason.PROMISE, at.day, invoices=ids, until=by + timedelta(tolerance), case=promise)
    tell(connection, events.PromiseMade(time=at.now, **_about(fetch(connection, PROMISE, promise))))
    return promise


def judge(connection: Connection, promise: int, at: At) -> str:
    """Compares a live promise with the payments since it was made; the state it is in now.

    Kept as soon as all of it came; once its day and the tolerance have passed, partial or broken. Ended, it stays as it is.
    """
    row = fetch(connection, PROMISE, promise)
    if row.closed_on is not None:
        return str(row.state)
    last = row.by + timedelta(row.tolerance)
    moment = receipts.began(connection, PROMISE.kind, "made", [promise])[promise]
    paid = receipts.paid(receipts.received(connection, row.invoices), row.invoices, moment, last)
    if paid < row.amount and at.day <= last:
        return str(row.state)
    became = "kept" if paid >= row.amount else "partial" if paid else "broken"
    move(connection, PROMISE, row, became, at, paid=paid)
    release(connection, row.debtor_id, Reason.PROMISE, at.day, case=promise)
    about = _about(row)
    kept = became == "kept"
    tell(connection, events.PromiseKept(time=at.now, **about) if kept else events.PromiseBroken(time=at.now, **about, paid=paid))
    return became


def due(connection: Connection, creditor: int, day: date) -> list[int]:
    """The live promises of a creditor that end by a day: all came, or their last day is past. A few queries, however many there are."""
    live = select(PROMISES).where(PROMISES.c.creditor_id == creditor, PROMISES.c.closed_on.is_(None))
    found = connection.execute(live.order_by(PROMISES.c.by, PROMISES.c.id)).all()
    came = receipts.received(connection, (invoice for row in found for invoice in row.invoices))
    moments = receipts.began(connection, PROMISE.kind, "made", (row.id for row in found))
    ends = []
    for row in found:
        last = row.by + timedelta(row.tolerance)
        if last < day or receipts.paid(came, row.invoices, moments[row.id], last) >= row.amount:
            ends.append(row.id)
    return ends


def _require_free(connection: Connection, debtor: int, invoices: list[int]) -> None:
    found = select(PROMISES.c.id, PROMISES.c.invoices).where(PROMISES.c.debtor_id == debtor, PROMISES.c.closed_on.is_(None))
    for row in connection.execute(found):
        if set(row.invoices) & set(invoices):
            raise ReceivablesError(f"the promise {row.id} about the same invoice is live; wait for it to be kept or broken")


def _limit(policy: Policy, name: Any, usual: int) -> int:
    return policy.promises.get(name, usual)


def _about(promise: Row[Any]) -> dict[str, Any]:
    return {
        "promise": str(promise.id),
        "debtor": str(promise.debtor_id),
        "invoices": texts(promise.invoices),
        "amount": promise.amount,
        "currency": promise.currency,
        "by": promise.by,
    }
