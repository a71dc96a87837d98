"""What is left of payments and credit notes, and since when it can be moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, case, func, or_, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.ledger import balances, booking
from einvoice.receivables.ledger.booking import CHARGES, PRINCIPAL, UNALLOCATED
from einvoice.receivables.store.tables import ENTRIES, INVOICES, PAYMENTS, TRANSACTIONS


class Money(NamedTuple):
    """What is left of a payment or credit note: of whom, since when it can be moved; `invoice` is the credit note's id."""

    left: Decimal
    currency: str
    debtor: int | None
    day: date
    invoice: int | None = None


class Since(NamedTuple):
    """The last days on which an invoice's principal and charges grew: what lowers them is booked no earlier.

    So on no day is less than nothing owed, whatever was corrected in between.
    """

    principal: date
    charges: date


def on_account(connection: Connection, source: int) -> Money:
    """What is left of a payment or credit note (`source` is its transaction), locked until the transaction ends.

    Raises ReceivablesError where the transaction is neither.
    """
    kept = booking.transaction(connection, source)
    if kept.kind == "credit_note":
        return _credit(connection, kept)
    if kept.kind != "payment":
        raise ReceivablesError(f"transaction {source} is a {kept.kind}; only payments and credit notes have money to allocate")
    query = select(PAYMENTS.c.debtor_id, PAYMENTS.c.currency).where(PAYMENTS.c.transaction_id == source)
    payment = connection.execute(query.with_for_update()).one()
    of = or_(TRANSACTIONS.c.id == source, TRANSACTIONS.c.moves == source)
    grew = case((ENTRIES.c.amount < ZERO, ENTRIES.c.booked))
    total, day = connection.execute(
        select(func.sum(ENTRIES.c.amount), func.max(grew))
        .join_from(ENTRIES, TRANSACTIONS, ENTRIES.c.transaction_id == TRANSACTIONS.c.id)
        .where(of, ENTRIES.c.account == UNALLOCATED)
    ).one()
    return Money(-total, payment.currency, payment.debtor_id, day)


def sources(connection: Connection, debtor: int) -> list[int]:
    """The transactions of a debtor's credit notes and payments that have money left: credit notes first, the oldest first."""
    joined = select(TRANSACTIONS.c.id).distinct().join_from(TRANSACTIONS, ENTRIES, ENTRIES.c.transaction_id == TRANSACTIONS.c.id)
    open_notes = select(INVOICES.c.id).where(INVOICES.c.debtor_id == debtor, INVOICES.c.open < ZERO)
    notes = joined.where(TRANSACTIONS.c.kind == "credit_note", ENTRIES.c.invoice_id.in_(open_notes)).order_by(TRANSACTIONS.c.id)
    source = func.coalesce(TRANSACTIONS.c.moves, TRANSACTIONS.c.id)
    payments = (
        select(source)
        .join_from(ENTRIES, TRANSACTIONS, ENTRIES.c.transaction_id == TRANSACTIONS.c.id)
        .where(ENTRIES.c.debtor_id == debtor, ENTRIES.c.account == UNALLOCATED)
        .group_by(source)
        .having(func.sum(ENTRIES.c.amount) < ZERO)
        .order_by(func.min(ENTRIES.c.booked), source)
    )
    return [*connection.execute(notes).scalars(), *connection.execute(payments).scalars()]


def since(connection: Connection, invoices: Iterable[int]) -> dict[int, Since]:
    """For each invoice the last day on which its principal and its charges grew."""
    grew = ENTRIES.c.amount * case((INVOICES.c.kind == "credit_note", -1), else_=1) > ZERO
    query = (
        select(ENTRIES.c.invoice_id, ENTRIES.c.account, func.max(ENTRIES.c.booked))
        .join_from(ENTRIES, INVOICES, ENTRIES.c.invoice_id == INVOICES.c.id)
        .where(ENTRIES.c.account.in_((PRINCIPAL, CHARGES)), grew)
        .group_by(ENTRIES.c.invoice_id, ENTRIES.c.account)
    )
    days: dict[int, dict[str, date]] = {}
    wanted = list(invoices)
    for some in range(0, len(wanted), balances.SOME):
        these = query.where(ENTRIES.c.invoice_id.in_(wanted[some : some + balances.SOME]))
        for invoice, account, day in connection.execute(these).all():
            days.setdefault(invoice, {})[account] = day
    return {ref: Since(found[PRINCIPAL], found.get(CHARGES, found[PRINCIPAL])) for ref, found in days.items()}


def payment_of(connection: Connection, transaction: int) -> int:
    """The payment that a transaction booked."""
    return int(connection.execute(select(PAYMENTS.c.id).where(PAYMENTS.c.transaction_id == transaction)).scalar_one())


def _credit(connection: Connection, kept: booking.Kept) -> Money:
    where = (ENTRIES.c.transaction_id == kept.id, ENTRIES.c.account == PRINCIPAL)
    ref = connection.execute(select(ENTRIES.c.invoice_id).where(*where).limit(1)).scalar_one()
    note = balances.standing(connection, [ref])[ref]
    return Money(-note.open, note.currency, note.debtor, since(connection, [ref])[ref].principal, ref)
