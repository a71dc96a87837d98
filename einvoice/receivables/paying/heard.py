"""What a provider says of a payment now, and what follows: booked once, on invoices first; what went back reopens them to the cent.

Each state is followed once, whatever the order in which news comes, because what counts is always what the provider says now.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import hold, release
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.ledger import balances
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.payments import PaymentIn, post_payment
from einvoice.receivables.paying.port import Back, Seen
from einvoice.receivables.paying.takeback import booked_as, take_back
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import CHECKOUTS, CREDITORS, DEBTORS, PAY_LINKS, PAYMENTS

PENDING = 10
"""Days that reminders wait for a payment that is under way at a bank."""
MATCHED_BY = "provider"


def heard(connection: Connection, provider: str, seen: Seen, now: datetime) -> str:
    """Follows up what a payment is now, in one transaction; says what came of it, in a word.

    `unknown` where it belongs to no checkout of ours.
    """
    row = _checkout(connection, provider, seen)
    if row is None:
        return "unknown: no checkout of ours"
    link = connection.execute(select(PAY_LINKS).where(PAY_LINKS.c.token == row.token)).one()
    connection.execute(select(DEBTORS.c.id).where(DEBTORS.c.id == link.debtor_id).with_for_update())
    zone = connection.scalar(select(CREDITORS.c.time_zone).where(CREDITORS.c.id == link.creditor_id))
    at = At(now.astimezone(ZoneInfo(str(zone))).date(), now, provider)
    state = _followed(connection, row, link, seen, at)
    values: dict[str, Any] = {"state": state, "provider_id": seen.id}
    values |= {"url": seen.url} if seen.url else {}
    values |= {"settled_at": now} if state not in ("asked", "open", "pending") and row.settled_at is None else {}
    connection.execute(update(CHECKOUTS).where(CHECKOUTS.c.id == row.id).values(values))
    return state


def _checkout(connection: Connection, provider: str, seen: Seen) -> Row[Any] | None:
    """The checkout of a payment: by the provider's id, else by the key that it was asked for with."""
    by_id = (CHECKOUTS.c.provider == provider, CHECKOUTS.c.provider_id == seen.id)
    row = connection.execute(select(CHECKOUTS).where(*by_id).with_for_update()).one_or_none()
    if row is not None or seen.key is None:
        return row
    by_key = (CHECKOUTS.c.provider == provider, CHECKOUTS.c.key == seen.key, CHECKOUTS.c.provider_id.is_(None))
    return connection.execute(select(CHECKOUTS).where(*by_key).with_for_update()).one_or_none()


def _followed(connection: Connection, row: Row[Any], link: Row[Any], seen: Seen, at: At) -> str:
    """Books what is new; the state that the checkout is in now."""
    if seen.state == "paid" or row.payment_id is not None:
        return _paid(connection, row, link, seen, at)
    if seen.state == "pending" and row.state != "pending":
        until = at.day + timedelta(PENDING)
        hold(
            connection, link.debtor_id, Reason.PAYMENT_PENDING, at.day, invoices=[ref for ref, _ in row.invoices], until=until, case=-row.id
        )
    elif seen.state != "pending":
        release(connection, link.debtor_id, Reason.PAYMENT_PENDING, at.day, case=-row.id)
    return seen.state


def _paid(connection: Connection, row: Row[Any], link: Row[Any], seen: Seen, at: At) -> str:
    key = f"{row.provider}:{seen.id}"
    payment = connection.execute(select(PAYMENTS).where(PAYMENTS.c.id == row.payment_id)).one_or_none()
    if payment is None:
        transaction = _posted(connection, row, link, key, seen.amount, seen.currency, seen.paid_on or at.day, at)
        payment = connection.execute(select(PAYMENTS).where(PAYMENTS.c.transaction_id == transaction)).one()
        connection.execute(update(CHECKOUTS).where(CHECKOUTS.c.id == row.id).values(payment_id=payment.id))
        release(connection, link.debtor_id, Reason.PAYMENT_PENDING, at.day, case=-row.id)
    for back in seen.back:
        _gone(connection, row, link, payment, back, at)
    standing = [back for back in seen.back if back.stands]
    if seen.gone < payment.amount or not standing:
        return "paid"
    return "charged_back" if standing[-1].kind == "chargeback" else "refunded"


def _posted(connection: Connection, row: Row[Any], link: Row[Any], key: str, amount: Decimal, currency: str, day: date, at: At) -> int:
    """Books money of the provider's on the invoices of a checkout; what they do not owe any more stays on account."""
    payment = PaymentIn(key, amount, currency, day, link.debtor_id, reference=row.key)
    to = _owed(connection, row, amount) if currency == row.currency else None
    return post_payment(connection, link.creditor_id, payment, Booking(at.day, at.by, at.now), to=to, matched_by=MATCHED_BY).transaction


def _owed(connection: Connection, row: Row[Any], amount: Decimal) -> list[tuple[int, Decimal | None]]:
    held = balances.standing(connection, [ref for ref, _ in row.invoices])
    shares: list[tuple[int, Decimal | None]] = []
    for ref, _ in row.invoices:
        share = min(max(held[ref].open, ZERO) + max(held[ref].charges, ZERO), amount)
        if share > 0 and held[ref].stage not in ("written_off", "reversed"):
            shares.append((ref, share))
            amount -= share
    return shares


def _gone(connection: Connection, row: Row[Any], link: Row[Any], payment: Row[Any], back: Back, at: At) -> None:
    """Books money that went back, or came again after it had; where that cannot be, a person is asked."""
    key = f"{row.provider}:{back.id}"
    known = booked_as(connection, link.creditor_id, key)
    try:
        with connection.begin_nested():
            if back.stands and not known:
                booked = Booking(back.day, at.by, at.now, key, back.kind)
                take_back(connection, payment.transaction_id, back.amount, payment.amount, booked)
                _tell(connection, row, link, back, f"The invoices are open again for {back.amount} {payment.currency}.", at)
            elif known and not back.stands:
                _posted(connection, row, link, f"{key}:again", back.amount, payment.currency, at.day, at)
    except ReceivablesError as fault:
        _tell(connection, row, link, back, f"It could not be booked: {fault}", at)


def _tell(connection: Connection, row: Row[Any], link: Row[Any], back: Back, what: str, at: At) -> None:
    text = f"A payment by {row.provider} of {row.amount} {row.currency} went back ({back.kind}, {back.amount}). {what}"
    refs = tuple(ref for ref, _ in row.invoices)
    ask(connection, Task(f"went-back:{row.provider}:{back.id}", "triage", link.creditor_id, link.debtor_id, refs, at.day, text), at.day)
