"""What was owed on any day: from the entries that were booked by then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from einvoice.money import ZERO
from einvoice.receivables.ledger.booking import CHARGES, OWED, PRINCIPAL, UNALLOCATED
from einvoice.receivables.store.tables import DEBTORS, ENTRIES, INVOICES

BANDS = (30, 60, 90, 120)
"""The last day late of each band of an ageing but the last."""


class OpenItem(NamedTuple):
    """An invoice or credit note of which something was owed; a credit note's amounts are negative. Ids are the store's."""

    invoice: int
    number: str
    kind: str
    debtor: int
    issued: date
    due: date
    currency: str
    amount: Decimal
    open: Decimal
    charges: Decimal
    days_late: int


class Balance(NamedTuple):
    """What a debtor owed in a currency: principal less credit notes, charges; `unallocated` is money on account, positive."""

    principal: Decimal = ZERO
    charges: Decimal = ZERO
    unallocated: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """What is owed after what is on account."""
        return self.principal + self.charges - self.unallocated


class Ageing(NamedTuple):
    """Open principal in a currency by days late, credit notes by their own dates; charges and money on account stand beside it."""

    currency: str
    not_due: Decimal
    to_30: Decimal
    to_60: Decimal
    to_90: Decimal
    to_120: Decimal
    beyond: Decimal
    charges: Decimal
    unallocated: Decimal

    @property
    def principal(self) -> Decimal:
        """All bands together."""
        return self.not_due + self.to_30 + self.to_60 + self.to_90 + self.to_120 + self.beyond


def open_items(connection: Connection, creditor: int, day: date, *, debtor: int | None = None) -> Iterator[OpenItem]:
    """What was open at the end of a day, by debtor, due date and id."""
    items = _open(creditor, day, debtor)
    columns = (INVOICES.c.number, INVOICES.c.kind, INVOICES.c.debtor_id, INVOICES.c.issued, INVOICES.c.due, INVOICES.c.currency)
    query = (
        select(INVOICES.c.id, *columns, INVOICES.c.amount, items.c.open, items.c.charges)
        .join_from(items, INVOICES, INVOICES.c.id == items.c.invoice_id)
        .order_by(INVOICES.c.debtor_id, INVOICES.c.due, INVOICES.c.id)
    )
    for row in connection.execute(query):
        yield OpenItem(*row[:10], max(0, (day - row.due).days))


def balance(connection: Connection, debtor: int, day: date, *, children: bool = False) -> dict[str, Balance]:
    """What a debtor owed at the end of a day, by currency; with `children` what the debtors below it owed too."""
    whose = select(DEBTORS.c.id).where(DEBTORS.c.id == debtor)
    if children:
        below = whose.cte("below", recursive=True)
        below = below.union(select(DEBTORS.c.id).join(below, DEBTORS.c.parent_id == below.c.id))
        whose = select(below.c.id)
    query = (
        select(ENTRIES.c.currency, *(_sum_of(account) for account in OWED))
        .where(ENTRIES.c.debtor_id.in_(whose), ENTRIES.c.account.in_(OWED), ENTRIES.c.booked <= day)
        .group_by(ENTRIES.c.currency)
        .order_by(ENTRIES.c.currency)
    )
    found = {currency: Balance(principal, charges, -money) for currency, principal, charges, money in connection.execute(query)}
    return {currency: owed for currency, owed in found.items() if any(owed)}


def ageing(connection: Connection, creditor: int, day: date) -> list[Ageing]:
    """What was open at the end of a day by how late it was, a row a currency."""
    items = _open(creditor, day, None)
    first = [day, *(day - timedelta(days=last) for last in BANDS)]
    bands = [INVOICES.c.due >= first[0], *(_between(older, newer) for newer, older in pairwise(first))]
    bands.append(INVOICES.c.due < first[-1])
    sums = [func.sum(case((band, items.c.open), else_=ZERO)) for band in bands]
    query = (
        select(INVOICES.c.currency, *sums, func.sum(items.c.charges))
        .join_from(items, INVOICES, INVOICES.c.id == items.c.invoice_id)
        .group_by(INVOICES.c.currency)
    )
    rows: dict[str, Any] = {row[0]: row[1:] for row in connection.execute(query)}
    money = _on_account(connection, creditor, day)
    empty: Any = (ZERO,) * (len(bands) + 1)
    return [Ageing._make((currency, *rows.get(currency, empty), money.get(currency, ZERO))) for currency in sorted(rows.keys() | money)]


def _open(creditor: int, day: date, debtor: int | None) -> Any:
    """Invoices of which something was owed, as a subquery."""
    principal, charges = (_sum_of(account) for account in (PRINCIPAL, CHARGES))
    where = [ENTRIES.c.creditor_id == creditor, ENTRIES.c.booked <= day, ENTRIES.c.account.in_((PRINCIPAL, CHARGES))]
    if debtor is not None:
        where.append(ENTRIES.c.debtor_id == debtor)
    return (
        select(ENTRIES.c.invoice_id, principal.label("open"), charges.label("charges"))
        .where(*where)
        .group_by(ENTRIES.c.invoice_id)
        .having((principal != ZERO) | (charges != ZERO))
        .subquery()
    )


def _sum_of(account: str) -> ColumnElement[Any]:
    return func.sum(case((ENTRIES.c.account == account, ENTRIES.c.amount), else_=ZERO))


def _between(older: date, newer: date) -> ColumnElement[bool]:
    return and_(INVOICES.c.due >= older, INVOICES.c.due < newer)


def _on_account(connection: Connection, creditor: int, day: date) -> dict[str, Decimal]:
    query = (
        select(ENTRIES.c.currency, func.sum(ENTRIES.c.amount))
        .where(ENTRIES.c.creditor_id == creditor, ENTRIES.c.account == UNALLOCATED, ENTRIES.c.booked <= day)
        .group_by(ENTRIES.c.currency)
        .having(func.sum(ENTRIES.c.amount) != ZERO)
    )
    return {currency: -total for currency, total in connection.execute(query)}
