"""What a statement of account says: opening balance, everything booked, closing balance, what is open and how late, by currency.

It is read from the entries alone, so that its balances are those of `ledger.asof` on every day, to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.ledger.asof import BANDS, OpenItem, open_items
from einvoice.receivables.ledger.booking import OWED, UNALLOCATED
from einvoice.receivables.store.tables import CHARGES, DEBTORS, ENTRIES, INVOICES, TRANSACTIONS

KINDS: Mapping[str, str] = {
    "invoice": "invoice",
    "credit_note": "credit_note",
    "payment": "payment",
    "allocation": "payment",
    "discount": "discount",
    "refund": "refund",
    "reversal": "reversal",
    "write_off": "write_off",
    "waiver": "other",
}
"""What a row is called by the kind of its transaction; charges are called what they are: interest, costs, fee."""


class Entered(NamedTuple):
    """What was booked on a day: `amount` above zero is owed, below zero paid, credited or given up; `balance` is the account's after it.

    `number` is the invoice's that it is about, `due` an invoice's day; `transaction` and `invoice` are the ledger's ids.
    """

    day: date
    kind: str
    number: str
    amount: Decimal
    balance: Decimal
    due: date | None
    transaction: int
    invoice: int | None


class Account(NamedTuple):
    """What happened in a currency: balances at the beginning of the first day and the end of the last one, what was open then.

    `ageing` is open principal not due, then by the bands of `asof.BANDS` and beyond; `charges` and `unallocated` stand beside it.
    """

    currency: str
    opening: Decimal
    rows: tuple[Entered, ...]
    closing: Decimal
    items: tuple[OpenItem, ...]
    ageing: tuple[Decimal, ...]
    charges: Decimal
    unallocated: Decimal


class Statement(NamedTuple):
    """A debtor's statement from a day until another, both included; an account for each currency that was ever used."""

    creditor: int
    debtor: int
    key: str
    name: str
    since: date
    until: date
    accounts: tuple[Account, ...]


def read(connection: Connection, creditor: int, debtor: int, since: date | None, until: date) -> Statement:
    """The statement of a debtor; `since` None is the day of the first booking.

    Raises ReceivablesError where there is no such debtor, or the days are in the wrong order.
    """
    who = connection.execute(select(DEBTORS.c.key, DEBTORS.c.name).where(DEBTORS.c.id == debtor, DEBTORS.c.creditor_id == creditor)).first()
    if who is None:
        raise ReceivablesError(f"there is no debtor {debtor} of this creditor; `einvoice receivables ageing` lists those there are")
    first = since or connection.scalar(select(func.min(ENTRIES.c.booked, type_=ENTRIES.c.booked.type)).where(ENTRIES.c.debtor_id == debtor))
    first = min(first or until, until) if since is None else since
    if first > until:
        raise ReceivablesError(f"a statement from {first} cannot end on {until}; give the days in their order")
    items = list(open_items(connection, creditor, until, debtor=debtor))
    accounts = tuple(_account(currency, entries, first, items) for currency, entries in _entries(connection, debtor, until))
    return Statement(creditor, debtor, who.key, who.name, first, until, accounts)


def rows(connection: Connection, creditor: int, debtor: int, since: date | None, until: date) -> tuple[Entered, ...]:
    """Everything that was booked of a debtor from a day until another, by currency and day."""
    return tuple(row for account in read(connection, creditor, debtor, since, until).accounts for row in account.rows)


def _entries(connection: Connection, debtor: int, until: date) -> Iterator[tuple[str, list[Row[Any]]]]:
    """The entries about what is owed through a day, by currency, in the order of days and transactions."""
    columns = (ENTRIES.c.currency, ENTRIES.c.booked, ENTRIES.c.transaction_id, ENTRIES.c.account, ENTRIES.c.amount, ENTRIES.c.invoice_id)
    query = (
        select(*columns, TRANSACTIONS.c.kind, CHARGES.c.kind.label("charge"), INVOICES.c.number, INVOICES.c.due)
        .join_from(ENTRIES, TRANSACTIONS, TRANSACTIONS.c.id == ENTRIES.c.transaction_id)
        .outerjoin(INVOICES, INVOICES.c.id == ENTRIES.c.invoice_id)
        .outerjoin(CHARGES, and_(CHARGES.c.invoice_id == ENTRIES.c.invoice_id, CHARGES.c.transaction_id == ENTRIES.c.transaction_id))
        .where(ENTRIES.c.debtor_id == debtor, ENTRIES.c.account.in_(OWED), ENTRIES.c.booked <= until)
        .order_by(ENTRIES.c.currency, ENTRIES.c.booked, ENTRIES.c.transaction_id, ENTRIES.c.id)
    )
    found: Sequence[Any] = connection.execute(query).all()
    for currency, some in groupby(found, key=lambda row: row.currency):
        yield currency, list(some)


def _account(currency: str, entries: Sequence[Row[Any]], since: date, items: Iterable[OpenItem]) -> Account:
    opening = sum((entry.amount for entry in entries if entry.booked < since), ZERO)
    made = tuple(_rows([entry for entry in entries if entry.booked >= since], opening))
    mine = tuple(item for item in items if item.currency == currency)
    closing = made[-1].balance if made else opening
    unallocated = -sum((entry.amount for entry in entries if entry.account == UNALLOCATED), ZERO)
    return Account(currency, opening, made, closing, mine, ageing(mine), sum((item.charges for item in mine), ZERO), unallocated)


def _rows(entries: Sequence[Row[Any]], balance: Decimal) -> Iterator[Entered]:
    """A row for each transaction and day; of an invoice that was paid before it entered, a row for each of the two."""
    for _, group in groupby(entries, key=_together):
        some = list(group)
        amount = sum((entry.amount for entry in some), ZERO)
        if not amount:
            continue
        balance += amount
        first = some[0]
        named = {entry.invoice_id: entry for entry in some if entry.invoice_id is not None}
        one = next(iter(named.values())) if len(named) == 1 else None
        kind = _kind(first, amount)
        due = one.due if one is not None and kind == "invoice" else None
        number, invoice = (one.number, one.invoice_id) if one is not None else ("", None)
        yield Entered(first.booked, kind, number, amount, balance, due, first.transaction_id, invoice)


def _together(entry: Row[Any]) -> tuple[Any, ...]:
    apart = entry.amount > 0 if entry.kind in ("invoice", "credit_note") else None
    return entry.booked, entry.transaction_id, apart


def _kind(entry: Row[Any], amount: Decimal) -> str:
    if entry.kind == "charge":
        return str(entry.charge or "other")
    if (entry.kind == "invoice" and amount < 0) or (entry.kind == "credit_note" and amount > 0):
        return "payment" if amount < 0 else "refund"
    return KINDS.get(entry.kind, "other")


def ageing(items: Iterable[OpenItem]) -> tuple[Decimal, ...]:
    """Open principal not due, then by days late in the bands of `asof.BANDS`, and beyond."""
    sums = [ZERO] * (len(BANDS) + 2)
    for item in items:
        late = item.days_late
        band = 0 if late == 0 else next((number for number, last in enumerate(BANDS, 1) if late <= last), len(BANDS) + 1)
        sums[band] += item.open
    return tuple(sums)
