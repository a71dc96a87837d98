"""What happened to money."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from einvoice.events.parts import Allocation, Amount, Currency, Event, Id


class PaymentEvent(Event):
    """Money of a debtor, as the bank booked it."""

    payment: Id
    debtor: Id
    amount: Amount
    currency: Currency
    booked: date
    allocations: tuple[Allocation, ...]


class PaymentMatched(PaymentEvent):
    """A payment was allocated to invoices; what is left stands on the debtor's account.

    Where a line of the bank was matched, `confidence` (0 to 100) and `explanation` say how sure that is and on what it rests, in codes.
    """

    type: Literal["payment.matched"] = "payment.matched"
    by: Literal["reference", "amount", "mandate", "provider", "person"]
    confidence: Annotated[int, Field(ge=0, le=100)] | None = None
    explanation: tuple[Id, ...] = ()


class PaymentReversed(PaymentEvent):
    """A payment was taken back (a returned debit, a chargeback, a wrong match): the invoices are open again."""

    type: Literal["payment.reversed"] = "payment.reversed"
    reason: str
