"""Charges: interest, costs and fees on an invoice, claimed once and claimable until paid or waived."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Charge
from einvoice.receivables.ledger import balances, booking
from einvoice.receivables.ledger.booking import INCOME, Booking, Entry, Posted
from einvoice.receivables.ledger.money import since
from einvoice.receivables.store.tables import CHARGES, INVOICES

KINDS = ("interest", "costs", "fee")


def post_charge(connection: Connection, charge: Charge, booked: Booking) -> Posted:
    """Adds a charge to what an invoice owes: `amount` and `vat` on top of what was charged before, with the lines of its computation.

    A kind is charged once for each `until` (the booking's day where it has none): the same again, under whatever key, changes nothing.
    Raises ReceivablesError where that was charged with another amount, and where the amount is not above zero.
    """
    invoice = balances.standing(connection, [charge.invoice])[charge.invoice]
    until = charge.until or booked.day
    if charge.kind not in KINDS:
        raise ReceivablesError(f"{charge.kind} is no kind of charge; use {', '.join(KINDS)}")
    if invoice.kind != "invoice" or invoice.stage == "reversed":
        raise ReceivablesError(f"{invoice.number} is a credit note or was reversed; charge an invoice that stands")
    total = booking.in_currency(charge.amount + charge.vat, invoice.currency, f"the {charge.kind} on invoice {invoice.number}")
    content = booking.digest("charge", charge.invoice, charge.kind, str(until), f"{charge.amount:.3f}", f"{charge.vat:.3f}")
    if before := _before(connection, charge, until, content):
        return before
    key = booking.key_of(booked, "charge", charge.invoice, charge.kind, until)
    if kept := booking.found(connection, invoice.creditor, key, content):
        return Posted(kept.id, False, _charge_of(connection, kept.id))
    made = booking.write(connection, invoice.creditor, "charge", booked, key, content)
    assert made is not None, "the invoice is locked"
    amounts = {"amount": charge.amount, "vat": charge.vat, "currency": invoice.currency}
    row = {"invoice_id": charge.invoice, "kind": charge.kind, "until": until, "transaction_id": made, "computation": list(charge.lines)}
    ref = connection.execute(CHARGES.insert().values(row | amounts).returning(CHARGES.c.id)).scalar_one()
    _move(connection, made, invoice, booked.day, total, "charge")
    count(connection, charge.invoice, charge.kind, total)
    return Posted(made, True, ref)


def count(connection: Connection, invoice: int, kind: str, amount: Decimal) -> None:
    """Adds to what was ever booked of interest or costs on an invoice: the law claims only what comes on top."""
    if kind in ("interest", "costs"):
        column = INVOICES.c[f"{kind}_booked"]
        connection.execute(INVOICES.update().where(INVOICES.c.id == invoice).values({column.name: column + amount}))


def _before(connection: Connection, charge: Charge, until: date, content: str) -> Posted | None:
    """The same kind charged for the same day before.

    Raises ReceivablesError where it was another amount.
    """
    where = (CHARGES.c.invoice_id == charge.invoice, CHARGES.c.kind == charge.kind, CHARGES.c.until == until)
    row = connection.execute(select(CHARGES.c.id, CHARGES.c.transaction_id).where(*where)).one_or_none()
    if row is None:
        return None
    if booking.transaction(connection, row.transaction_id).content != content:
        raise ReceivablesError(
            f"{charge.kind} until {until} was charged on this invoice before, with another amount (transaction {row.transaction_id}); "
            "charge the difference with a later day, or reverse the first"
        )
    return Posted(row.transaction_id, False, row.id)


def waive(connection: Connection, invoice: int, booked: Booking, amount: Decimal | None = None) -> Posted | None:
    """Gives up charges on an invoice that were not paid: all of them, or `amount`; None where there are none.

    Raises ReceivablesError where fewer charges are owed.
    """
    held = balances.standing(connection, [invoice])[invoice]
    content = booking.digest("waiver", invoice, amount and f"{amount:.3f}", str(booked.day))
    key = booking.key_of(booked, "waiver", invoice, booked.day)
    if kept := booking.found(connection, held.creditor, key, content):
        return Posted(kept.id, False, invoice)
    if amount is None and held.charges <= 0:
        return None
    given = booking.in_currency(held.charges if amount is None else amount, held.currency, f"what is waived on invoice {held.number}")
    if given > held.charges:
        raise ReceivablesError(f"invoice {held.number} owes {held.charges} of charges, not {given}; waive at most that")
    not_before(booked.day, since(connection, [invoice])[invoice].charges, f"the last charge on invoice {held.number}")
    made = booking.write(connection, held.creditor, "waiver", booked, key, content)
    assert made is not None, "the invoice is locked"
    _move(connection, made, held, booked.day, -given, "waiver")
    if given == held.charges:
        unwaived = (CHARGES.c.invoice_id == invoice, CHARGES.c.waived_on.is_(None))
        connection.execute(CHARGES.update().where(*unwaived).values(waived_on=booked.day))
    return Posted(made, True, invoice)


def not_before(day: date, earliest: date, what: str) -> None:
    """Refuses a booking that lowers what was not there yet.

    Raises ReceivablesError.
    """
    if day < earliest:
        raise ReceivablesError(f"{what} was booked on {earliest}; book this on that day or later, not on {day}")


def _move(connection: Connection, made: int, invoice: balances.Standing, day: date, amount: Decimal, kind: str) -> None:
    entries = [
        Entry(booking.CHARGES, amount, invoice.currency, invoice.debtor, invoice.id),
        Entry(INCOME, -amount, invoice.currency, invoice.debtor, invoice.id),
    ]
    booking.enter(connection, made, invoice.creditor, day, entries)
    balances.apply(connection, {invoice.id: invoice}, [balances.Change(invoice.id, day, kind, charges=amount)])


def _charge_of(connection: Connection, transaction: int) -> int:
    return int(connection.execute(select(CHARGES.c.id).where(CHARGES.c.transaction_id == transaction)).scalar_one())
