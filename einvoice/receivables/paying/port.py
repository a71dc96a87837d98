"""The port of payment providers: a payment is created under a key, looked at, ended; what it is now is always the provider's word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO


class Order(NamedTuple):
    """What is to be paid: `key` makes it one however often it is asked for; `back` is where the payer returns, `hook` where news goes.

    It holds no personal data: `description` names invoices.
    """

    key: str
    amount: Decimal
    currency: str
    description: str
    language: str
    back: str
    hook: str


class Back(NamedTuple):
    """Money of a payment that went back: `kind` is refund or chargeback; `stands` is False where that was taken back itself."""

    id: str
    kind: str
    amount: Decimal
    day: date
    stands: bool = True


class Seen(NamedTuple):
    """A payment as its provider has it now: `state` is open, pending, paid, failed or expired; `key` the order's.

    `amount` is what is to be paid, or was; `paid_on` the day on which it was; `url` where the payer pays while it is open.
    """

    id: str
    key: str | None
    state: str
    amount: Decimal
    currency: str
    paid_on: date | None = None
    url: str | None = None
    back: tuple[Back, ...] = ()

    @property
    def gone(self) -> Decimal:
        """What of it went back."""
        return sum((one.amount for one in self.back if one.stands), ZERO)


class Refused(ReceivablesError):
    """The provider refuses what was asked, for good; nothing was made."""


class Unavailable(ReceivablesError):
    """The provider did not answer, or not now: nobody knows whether something was made, so the same key asks again."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Provider(Protocol):
    """A payment provider."""

    name: str
    title: str

    def create(self, order: Order) -> Seen:
        """Makes a payment, or gives the one that the key made before.

        Raises Refused, Unavailable.
        """

    def look(self, ref: str) -> Seen | None:
        """What a payment is now, by any id of the provider's that leads to it; None where there is none.

        Raises Refused, Unavailable.
        """

    def end(self, ref: str) -> Seen | None:
        """Ends an open payment so that nobody pays it any more, where the provider lets us; what it is then.

        Raises Refused, Unavailable.
        """
