"""A debt as the ledger has it: an invoice, its principal day by day, its notice and contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.law.debt import NOTHING, Debt
from einvoice.receivables.law.interest import Movement
from einvoice.receivables.law.laws import Laws
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, ENTRIES, INVOICES

PRINCIPAL = "principal"
_FACTS = (
    INVOICES.c.id,
    INVOICES.c.issued,
    INVOICES.c.due,
    INVOICES.c.currency,
    INVOICES.c.contract,
    INVOICES.c.notice,
    INVOICES.c.notice_on,
    DEBTORS.c.kind,
    DEBTORS.c.country,
    CREDITORS.c.deducts_vat,
)


def debt_of(connection: Connection, laws: Laws, creditor: int, number: str, until: date) -> tuple[str, Debt]:
    """The debtor's country and the debt of an invoice as it stood at the end of a day.

    Raises ReceivablesError where the creditor has no such invoice.
    """
    query = (
        select(*_FACTS)
        .join_from(INVOICES, DEBTORS, INVOICES.c.debtor_id == DEBTORS.c.id)
        .join(CREDITORS, INVOICES.c.creditor_id == CREDITORS.c.id)
        .where(INVOICES.c.creditor_id == creditor, INVOICES.c.number == number)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ReceivablesError(f"the ledger has no invoice {number}; name one that `einvoice receivables import` has entered")
    movements = _movements(connection, row.id, until)
    return row.country, Debt(
        kind=row.kind,
        principal=movements[-1].principal,
        issued=row.issued,
        due=row.due,
        until=until,
        currency=row.currency,
        movements=movements,
        ends=_ends(laws, row),
        contract=row.contract or NOTHING,
        deducts_vat=row.deducts_vat,
    )


def _ends(laws: Laws, row: Any) -> date | None:
    """The last day of the term of the notice that was given, if it is the one that the law wants."""
    if row.notice is None or row.notice_on is None or row.notice != laws.notice_id(row.country, row.kind):
        return None
    return laws.notice_ends(row.country, row.kind, row.notice_on)


def _movements(connection: Connection, invoice: int, until: date) -> tuple[Movement, ...]:
    """The principal after each day on which it changed."""
    query = (
        select(ENTRIES.c.booked, func.sum(ENTRIES.c.amount))
        .where(ENTRIES.c.invoice_id == invoice, ENTRIES.c.account == PRINCIPAL, ENTRIES.c.booked <= until)
        .group_by(ENTRIES.c.booked)
        .order_by(ENTRIES.c.booked)
    )
    days: Iterable[tuple[date, Decimal]] = [(day, amount) for day, amount in connection.execute(query)]
    sums = accumulate((amount for _, amount in days), initial=ZERO)
    return (Movement(date.min, ZERO), *(Movement(day, owed) for (day, _), owed in zip(days, list(sums)[1:], strict=True)))
