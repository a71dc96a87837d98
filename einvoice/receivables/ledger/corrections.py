"""What lowers an invoice without money coming in: an early-payment discount, a write-off."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.ledger import balances, booking
from einvoice.receivables.ledger.booking import CHARGES, DISCOUNT, LOSS, PRINCIPAL, Booking, Entry, Posted
from einvoice.receivables.ledger.charges import not_before
from einvoice.receivables.ledger.money import since


def discount(connection: Connection, invoice: int, amount: Decimal, booked: Booking) -> Posted:
    """Lowers an invoice by a discount, for instance for early payment.

    Raises ReceivablesError where less is open.
    """
    posted = _lower(connection, invoice, booked, "discount", DISCOUNT, amount)
    assert posted is not None, "an amount is given"
    return posted


def write_off(connection: Connection, invoice: int, booked: Booking, amount: Decimal | None = None) -> Posted | None:
    """Gives up what is open of an invoice: all of it with its charges, or `amount` of the principal; None where nothing is owed.

    Money that comes later stays on account until the write-off is reversed. Raises ReceivablesError where less is open.
    """
    return _lower(connection, invoice, booked, "write_off", LOSS, amount)


def _lower(connection: Connection, invoice: int, booked: Booking, kind: str, account: str, amount: Decimal | None) -> Posted | None:
    held = balances.standing(connection, [invoice])[invoice]
    content = booking.digest(kind, invoice, None if amount is None else f"{amount:.3f}", str(booked.day))
    key = booking.key_of(booked, kind, invoice, booked.day)
    if kept := booking.found(connection, held.creditor, key, content):
        return Posted(kept.id, False, invoice)
    principal, charges = (max(held.open, ZERO), held.charges) if amount is None else (amount, ZERO)
    if amount is None and not principal + charges:
        return None
    given = booking.in_currency(principal + charges, held.currency, f"the {kind} on invoice {held.number}")
    if principal > max(held.open, ZERO):
        raise ReceivablesError(f"{held.open} is open of invoice {held.number}, not {amount}; book at most that as a {kind}")
    grew = since(connection, [invoice])[invoice]
    not_before(booked.day, max(grew.principal, grew.charges) if charges else grew.principal, f"what invoice {held.number} owes")
    made = booking.write(connection, held.creditor, kind, booked, key, content)
    assert made is not None, "the invoice is locked"
    parts = [(PRINCIPAL, -principal), (CHARGES, -charges), (account, given)]
    entries = [Entry(name, part, held.currency, held.debtor, invoice) for name, part in parts if part]
    booking.enter(connection, made, held.creditor, booked.day, entries)
    balances.apply(connection, {invoice: held}, [balances.Change(invoice, booked.day, kind, -principal, -charges)])
    return Posted(made, True, invoice)
