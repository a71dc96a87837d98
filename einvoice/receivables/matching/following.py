"""What follows from matches besides payments: discounts, direct debits collected and returned, money taken back and refunded."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger import corrections, payments, reversal
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.money import since
from einvoice.receivables.matching.fitting import payment_key
from einvoice.receivables.matching.values import Match, Said
from einvoice.receivables.paying import collections, returns
from einvoice.receivables.store.tables import BANK_LINES, PAYMENTS

_WAITING = ("open", "account")


def follow(connection: Connection, creditor: int, matches: Sequence[Match], booked: Booking) -> list[Match]:
    """Books what follows; a match that cannot be booked after all is open, with the reason."""
    followed = [_one(connection, creditor, one, booked) for one in matches]
    back = {one.reverses for one in followed if one.state == "matched" and one.reverses}
    return [one._replace(state="done") if one.state in _WAITING and payment_key(one.line) in back else one for one in followed]


def _one(connection: Connection, creditor: int, one: Match, booked: Booking) -> Match:
    if one.discount:
        _discount(connection, one, booked)
    if one.state != "matched" or one.posts:
        return one
    try:
        with connection.begin_nested():
            done = _book(connection, creditor, one, booked)
    except ReceivablesError as fault:
        return _opened(one, str(fault))
    return one if done else _opened(one, "the ledger knows it otherwise by now")


def _discount(connection: Connection, one: Match, booked: Booking) -> None:
    """What is left of an invoice that was paid within the days of its discount."""
    ((invoice, _),) = one.allocations
    day = max(one.line.booked, since(connection, [invoice])[invoice].principal)
    corrections.discount(connection, invoice, one.discount, Booking(day, booked.by, booked.at, f"discount:{invoice}"))


def _book(connection: Connection, creditor: int, one: Match, booked: Booking) -> bool:
    line, day = one.line, booked._replace(key=None)
    if one.source is not None:
        payments.refund(connection, one.source, -line.amount, booked._replace(day=line.booked, key=f"refund:{line.key}"))
        return True
    if one.reverses:
        return _reverse(connection, creditor, one, booked)
    if line.amount < 0:
        reason = line.reason or "MS03"
        return returns.returned(connection, creditor, line.end_to_end, reason, line.booked, day, amount=-line.amount) is not None
    if line.many > 1:
        return collections.collected_batch(connection, creditor, line.batch, line.amount, line.booked, day) is not None
    return collections.collected(connection, creditor, line.end_to_end, line.amount, line.booked, day) is not None


def _reverse(connection: Connection, creditor: int, one: Match, booked: Booking) -> bool:
    query = select(PAYMENTS.c.transaction_id).where(PAYMENTS.c.creditor_id == creditor, PAYMENTS.c.key == one.reverses)
    transaction = connection.scalar(query)
    if transaction is None:
        return False
    ref = select(PAYMENTS.c.id).where(PAYMENTS.c.transaction_id == transaction).scalar_subquery()
    waits = (BANK_LINES.c.payment_id == ref, BANK_LINES.c.state.in_(_WAITING))
    connection.execute(update(BANK_LINES).where(*waits).values(state="done", settled_on=booked.day, settled_by=booked.by))
    reversal.reverse(connection, transaction, booked._replace(day=one.line.booked, key=None, note=f"bank line {one.line.key}"))
    return True


def _opened(one: Match, why: str) -> Match:
    said = (*one.explanation, Said("not-booked", why, False))
    return one._replace(state="open", confidence=min(one.confidence, 50), explanation=said)
