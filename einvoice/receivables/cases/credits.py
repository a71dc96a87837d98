"""The credit note that a dispute ends with: posted in the ledger and set off against the invoice it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.invoices import InvoiceIn, post_credit_note


def credit_for(connection: Connection, invoice: Row[Any], amount: Decimal | None, number: str, at: At) -> int:
    """Posts a credit note for a part of an invoice (None: all that was invoiced) and sets it off against it; the note's id.

    `amount` has VAT, in the invoice's currency. What is more than is still open stays on the note, for other invoices or a refund.
    Raises ReceivablesError where it is more than was invoiced, or the number stands for another document.
    """
    credited = invoice.amount if amount is None else amount
    if not 0 < credited <= invoice.amount:
        raise ReceivablesError(f"{credited} cannot be credited: {invoice.number} is {invoice.amount} {invoice.currency}")
    note = InvoiceIn(invoice.debtor_id, number, at.day, at.day, invoice.currency, credited, "credit_note")
    return post_credit_note(connection, note, Booking(at.day, at.by, at.now), to=invoice.id).id
