"""What was paid on invoices since a case began: the ledger's word, by which promises and payment plans are judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

from einvoice.money import ZERO
from einvoice.receivables.cases.case import SOME
from einvoice.receivables.store.tables import ENTRIES, HISTORY, TRANSACTIONS

_PAYS = ("payment", "allocation", "credit_note", "discount")
_OWED = ("principal", "charges")


class Receipt(NamedTuple):
    """What a payment or credit took off an invoice; a reversal takes a negative amount, at the moment and day of what it reverses."""

    amount: Decimal
    posted: datetime
    booked: date


Receipts = Mapping[int, Sequence[Receipt]]

_origin = TRANSACTIONS.alias("origin")
_FOUND = (
    select(
        ENTRIES.c.invoice_id,
        ENTRIES.c.amount,
        func.coalesce(_origin.c.posted_at, TRANSACTIONS.c.posted_at, type_=TRANSACTIONS.c.posted_at.type).label("posted"),
        func.coalesce(_origin.c.booked, ENTRIES.c.booked, type_=ENTRIES.c.booked.type).label("booked"),
    )
    .join_from(ENTRIES, TRANSACTIONS, TRANSACTIONS.c.id == ENTRIES.c.transaction_id)
    .outerjoin(_origin, _origin.c.id == TRANSACTIONS.c.reverses)
    .where(ENTRIES.c.invoice_id.in_(bindparam("invoices", expanding=True)), ENTRIES.c.account.in_(_OWED))
    .where(or_(TRANSACTIONS.c.kind.in_(_PAYS), _origin.c.kind.in_(_PAYS)))
)


def received(connection: Connection, invoices: Iterable[int]) -> Receipts:
    """The payments and credits of invoices, in a query for each few hundred; write-off and waiver are none."""
    found: dict[int, list[Receipt]] = defaultdict(list)
    for some in _in_parts(invoices):
        for row in connection.execute(_FOUND, {"invoices": some}):
            found[row.invoice_id].append(Receipt(-row.amount, row.posted, row.booked))
    return found


def paid(receipts: Receipts, invoices: Iterable[int], moment: datetime, until: date | None = None) -> Decimal:
    """What came in on invoices that was posted from a moment on and booked by a day; never below zero, in their currency."""
    came = (one for invoice in set(invoices) for one in receipts.get(invoice, ()) if one.posted >= moment)
    return max(ZERO, sum((one.amount for one in came if until is None or one.booked <= until), ZERO))


def began(connection: Connection, kind: str, state: str, cases: Iterable[int]) -> Mapping[int, datetime]:
    """The moments at which cases first came into a state."""
    found: dict[int, datetime] = {}
    for some in _in_parts(cases):
        moment = func.min(HISTORY.c.at, type_=HISTORY.c.at.type).label("moment")
        these = (HISTORY.c.kind == kind, HISTORY.c.case_id.in_(some), HISTORY.c.became == state)
        rows = connection.execute(select(HISTORY.c.case_id, moment).where(*these).group_by(HISTORY.c.case_id))
        found.update({row.case_id: row.moment for row in rows})
    return found


def _in_parts(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    wanted = sorted(set(ids))
    return (wanted[start : start + SOME] for start in range(0, len(wanted), SOME))
