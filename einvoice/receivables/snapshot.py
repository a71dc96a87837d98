"""What the planner sees of a debtor on a day: plain tuples, no database behind them.

A store yields one `DebtorSnapshot` a debtor, invoices by due date and id; the SQL store and each ERP make the same ones. Amounts
are `Decimal` with VAT, in the invoice's currency; credit notes are invoices whose open amount is negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from einvoice.money import ZERO


class Kind(StrEnum):
    """Who a debtor is, as the law tells apart."""

    BUSINESS = "b2b"
    CONSUMER = "b2c"
    PUBLIC = "public"


class Reason(StrEnum):
    """Why follow-up pauses."""

    DISPUTE = "dispute"
    PLAN = "plan"
    PROMISE = "promise"
    PAYMENT_PENDING = "payment_pending"
    INSOLVENCY = "insolvency"
    MANUAL = "manual"


class CreditorSnapshot(NamedTuple):
    """Who is owed; `deducts_vat` decides whether Dutch collection costs bear VAT, `size` what terms are allowed."""

    id: int
    key: str
    name: str
    country: str
    language: str = "en"
    time_zone: str = "Europe/Brussels"
    currency: str = "EUR"
    deducts_vat: bool = True
    size: str | None = None


class Contact(NamedTuple):
    """A person or desk of a debtor, and the channels by which it can be reached: a bounced address is not among them."""

    id: int
    role: str
    name: str | None = None
    first_name: str | None = None
    language: str | None = None
    channels: frozenset[str] = frozenset()


class Hold(NamedTuple):
    """A pause: of one invoice or of all (`invoice` None), of a part of it or the whole (`amount` None), through `until` or until ended."""

    reason: str
    invoice: int | None = None
    amount: Decimal | None = None
    until: date | None = None


class InvoiceSnapshot(NamedTuple):
    """An open invoice (or credit note, with a negative `open`); the order of the fields is the order of the store's columns.

    `flow`, `step`, `offset` and `stepped` are the last step taken; `contacts` counts delivered contact moments; `notice` is the
    statutory notice that was given and `notice_on` the day it is presumed received; `trail` names every step that was taken, each as
    "flow.step" and a space, so that a debtor who leaves a flow and comes back meets none of its steps twice. `interest_booked` and
    `costs_booked` (VAT in it) are all charges ever booked, paid and waived ones too: the law claims what comes on top; `costs_stated`
    is what the statutory notice stated, which is the most that may be claimed; `heard` is the day on which the last message came back,
    was lost sight of, or was answered.
    """

    id: int
    number: str
    kind: str
    issued: date
    due: date
    entered: date
    currency: str
    amount: Decimal
    open: Decimal
    charges: Decimal = ZERO
    stage: str = "open"
    flow: str | None = None
    step: str | None = None
    offset: int | None = None
    stepped: date | None = None
    contacts: int = 0
    notice: str | None = None
    notice_on: date | None = None
    started: bool = False
    contract: Mapping[str, Any] | None = None
    trail: str = ""
    interest_booked: Decimal = ZERO
    costs_booked: Decimal = ZERO
    costs_stated: Decimal | None = None
    heard: date | None = None


class DebtorSnapshot(NamedTuple):
    """A debtor with everything that decides: who, how to reach, what is open, what holds, what was done lately.

    `unallocated` is money on account by currency, positive; `steps_on` are the days of steps in the last 30 days, oldest first, one
    entry a step; `consents` the latest word by channel; `posted` … `days_late` the payment behaviour so far.
    """

    id: int
    key: str
    creditor: CreditorSnapshot
    name: str
    kind: str
    country: str
    region: str | None = None
    language: str | None = None
    time_zone: str | None = None
    size: str | None = None
    sector: str | None = None
    score: int | None = None
    born: date | None = None
    customer_since: date | None = None
    pay_day: int | None = None
    parent: int | None = None
    hold_until: date | None = None
    insolvent_on: date | None = None
    posted: int = 0
    first_posted: date | None = None
    settled: int = 0
    settled_late: int = 0
    days_late: int = 0
    invoices: tuple[InvoiceSnapshot, ...] = ()
    contacts: tuple[Contact, ...] = ()
    consents: Mapping[str, bool] = {}
    holds: tuple[Hold, ...] = ()
    unallocated: Mapping[str, Decimal] = {}
    steps_on: tuple[date, ...] = ()
    reminders: int = 0  # reminders of any invoice in the last 365 days: Belgium's three free ones a year
    pending: bool = False  # an action of this debtor is planned or being sent
    disputes: int = 0  # disputes so far, closed ones too: no humour with who had one


def channels_of(*, email: bool, phone: bool, address: bool, peppol: bool) -> frozenset[str]:
    """The channels that these means of reaching somebody open."""
    return _CHANNELS[email, phone, address, peppol]


_MEANS = (("email",), ("sms", "whatsapp", "call", "computer_call"), ("letter", "registered_letter"), ("peppol",))
_CHANNELS = {
    means: frozenset(channel for has, channels in zip(means, _MEANS, strict=True) if has for channel in channels)
    for means in ((a, b, c, d) for a in (False, True) for b in (False, True) for c in (False, True) for d in (False, True))
}
