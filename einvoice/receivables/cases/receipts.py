"""What was paid on invoices since a case began: the ledger's word, by which promises and payment plans are judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, func, or_, select

from einvoice.money import ZERO
from einvoice.receivables.cases.case import SOME
from einvoice.receivables.store.tables import ENTRIES, HISTORY, TRANSACTIONS

_PAYS = ("payment", "allocation", "credit_note", "discount")
_OWED = ("principal", "charges")


def since(connection: Connection, invoices: Sequence[int], moment: datetime, until: date | None = None) -> Decimal:
    """What payments and credits took off the invoices that was posted from a moment on and booked by a day.

    A reversal counts where what it reverses counted; write-off and waiver do not. In the invoices' currency, never below zero.
    """
    origin = TRANSACTIONS.alias("origin")
    pays = [TRANSACTIONS.c.kind.in_(_PAYS), TRANSACTIONS.c.posted_at >= moment]
    reverses = [origin.c.kind.in_(_PAYS), origin.c.posted_at >= moment]
    if until is not None:
        pays.append(ENTRIES.c.booked <= until)
        reverses.append(origin.c.booked <= until)
    found = (
        select(func.coalesce(func.sum(ENTRIES.c.amount), 0, type_=ENTRIES.c.amount.type))
        .join_from(ENTRIES, TRANSACTIONS, TRANSACTIONS.c.id == ENTRIES.c.transaction_id)
        .outerjoin(origin, origin.c.id == TRANSACTIONS.c.reverses)
        .where(ENTRIES.c.invoice_id.in_(list(invoices)), ENTRIES.c.account.in_(_OWED), or_(and_(*pays), and_(*reverses)))
    )
    return max(ZERO, -Decimal(connection.execute(found).scalar_one()))


def paid_on(connection: Connection, invoices: Iterable[int]) -> set[int]:
    """Which of the invoices had a payment or credit at any time."""
    wanted = sorted(invoices)
    paid: set[int] = set()
    for start in range(0, len(wanted), SOME):
        found = select(ENTRIES.c.invoice_id).join_from(ENTRIES, TRANSACTIONS, TRANSACTIONS.c.id == ENTRIES.c.transaction_id).distinct()
        some = (ENTRIES.c.invoice_id.in_(wanted[start : start + SOME]), ENTRIES.c.account.in_(_OWED), TRANSACTIONS.c.kind.in_(_PAYS))
        paid.update(connection.scalars(found.where(*some)))
    return paid


def began(connection: Connection, kind: str, case: int, state: str) -> datetime:
    """The moment at which a case first came into a state."""
    moment = select(func.min(HISTORY.c.at, type_=HISTORY.c.at.type)).where(HISTORY.c.kind == kind, HISTORY.c.case_id == case)
    found: datetime = connection.execute(moment.where(HISTORY.c.became == state)).scalar_one()
    return found
