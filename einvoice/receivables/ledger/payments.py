"""Payments: money of a debtor comes in on account, and goes out again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger import balances, booking
from einvoice.receivables.ledger.allocation import PRINCIPAL_FIRST, Order, To, allocate
from einvoice.receivables.ledger.booking import BANK, PRINCIPAL, UNALLOCATED, Booking, Entry, Posted
from einvoice.receivables.ledger.money import on_account, payment_of
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, PAYMENTS


class PaymentIn(NamedTuple):
    """A payment as the bank booked it: `key` is the bank's id of it, `debtor` the store's id or None where nobody knows yet whose it is."""

    key: str
    amount: Decimal
    currency: str
    booked: date
    debtor: int | None = None
    reference: str | None = None
    payer: str | None = None
    iban: str | None = None

    @property
    def content(self) -> str:
        """SHA-256 of what came in; the same key with another content is another payment."""
        return booking.digest("payment", self.key, f"{self.amount:.3f}", self.currency, str(self.booked))


def post_payment(
    connection: Connection,
    creditor: int,
    payment: PaymentIn,
    booked: Booking,
    *,
    to: To | None = None,
    order: Order = PRINCIPAL_FIRST,
    matched_by: str = "person",
) -> Posted:
    """Books a payment on account, on the day the bank did, and allocates it to the invoices `to` where some are named.

    The same key with the same content again changes nothing. Raises ReceivablesError where the key stands for another payment.
    """
    key = booking.key_of(booked._replace(key=None), "payment", payment.key)
    amount = booking.in_currency(payment.amount, payment.currency, f"payment {payment.key}: the amount")
    if kept := booking.found(connection, creditor, key, payment.content):
        return Posted(kept.id, False, payment_of(connection, kept.id))
    _known(connection, creditor, payment.debtor)
    with connection.begin_nested():
        made = booking.write(connection, creditor, "payment", booked._replace(day=payment.booked), key, payment.content)
        if made is None:
            return post_payment(connection, creditor, payment, booked)
        row = {"creditor_id": creditor, "debtor_id": payment.debtor, "transaction_id": made, "key": payment.key, "state": "posted"}
        row |= {name: getattr(payment, name) for name in ("amount", "currency", "booked", "reference", "payer", "iban")}
        ref = connection.execute(PAYMENTS.insert().values(row).returning(PAYMENTS.c.id)).scalar_one()
        booking.enter(connection, made, creditor, payment.booked, entries_of(payment.debtor, amount, payment.currency))
        if to:
            allocate(connection, made, booked._replace(key=None), to=to, order=order, matched_by=matched_by)
    return Posted(made, True, ref)


def entries_of(debtor: int | None, amount: Decimal, currency: str) -> list[Entry]:
    """What a payment books: the bank gains, and the debtor has it on account."""
    return [Entry(BANK, amount, currency, debtor), Entry(UNALLOCATED, -amount, currency, debtor)]


def assign(connection: Connection, payment: int, debtor: int, booked: Booking) -> Posted:
    """Says whose a payment is that came in without a debtor.

    Raises ReceivablesError where it has another already.
    """
    row = connection.execute(select(PAYMENTS).where(PAYMENTS.c.id == payment).with_for_update()).one_or_none()
    if row is None or row.state == "reversed":
        raise ReceivablesError(f"the ledger has no payment {payment} that stands")
    key, content = booking.key_of(booked, "assignment", payment), booking.digest("assignment", payment, debtor)
    if kept := booking.found(connection, row.creditor_id, key, content):
        return Posted(kept.id, False, payment)
    if row.debtor_id is not None:
        raise ReceivablesError(f"payment {payment} is debtor {row.debtor_id}'s; reverse it and book it again for another")
    _known(connection, row.creditor_id, debtor)
    made = booking.write(connection, row.creditor_id, "allocation", booked, key, content, moves=row.transaction_id)
    assert made is not None, "the payment is locked"
    moved = [Entry(UNALLOCATED, row.amount, row.currency, None), Entry(UNALLOCATED, -row.amount, row.currency, debtor)]
    booking.enter(connection, made, row.creditor_id, max(booked.day, row.booked), moved)
    connection.execute(PAYMENTS.update().where(PAYMENTS.c.id == payment).values(debtor_id=debtor))
    return Posted(made, True, payment)


def refund(connection: Connection, source: int, amount: Decimal, booked: Booking) -> Posted:
    """Pays back what is left of a payment or credit note (`source` is its transaction); returns the transaction, and the source's again.

    Raises ReceivablesError where less is left.
    """
    kept = booking.transaction(connection, source)
    content = booking.digest("refund", source, f"{amount:.3f}", str(booked.day))
    key = booking.key_of(booked, "refund", source, booked.day)
    if before := booking.found(connection, kept.creditor, key, content):
        return Posted(before.id, False, source)
    money = on_account(connection, source)
    booking.in_currency(amount, money.currency, "the refund")
    if amount > money.left:
        raise ReceivablesError(f"{money.left} {money.currency} is left of transaction {source}, not {amount}; refund at most that")
    if booked.day < money.day:
        raise ReceivablesError(f"the money came on {money.day}; book its refund on that day or later, not on {booked.day}")
    made = booking.write(connection, kept.creditor, "refund", booked, key, content, moves=source)
    if made is None:
        return refund(connection, source, amount, booked)
    account = PRINCIPAL if money.invoice else UNALLOCATED
    entries = [Entry(account, amount, money.currency, money.debtor, money.invoice), Entry(BANK, -amount, money.currency, money.debtor)]
    held = balances.standing(connection, [money.invoice] if money.invoice else [])
    booking.enter(connection, made, kept.creditor, booked.day, entries)
    balances.apply(connection, held, [balances.Change(ref, booked.day, "refund", amount) for ref in held])
    return Posted(made, True, source)


def _known(connection: Connection, creditor: int, debtor: int | None) -> None:
    if debtor is None:
        wanted = select(CREDITORS.c.id).where(CREDITORS.c.id == creditor)
    else:
        wanted = select(DEBTORS.c.id).where(DEBTORS.c.id == debtor, DEBTORS.c.creditor_id == creditor)
    if connection.execute(wanted).scalar_one_or_none() is None:
        raise ReceivablesError(f"creditor {creditor} is unknown" if debtor is None else f"creditor {creditor} has no debtor {debtor}")
