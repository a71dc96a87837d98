"""What an ERP gives of its debtors, and keeps of their reminders: the protocols behind `repository.Repository`.

`Book` reads what the ERP has. Each method is one query, whatever the number of debtors, and gives its rows in the order of the debtors'
ids, so that they are merged as streams and never all in memory. `debtors` None means all. `Diary` keeps what the plugin's own three
tables hold: actions, what they took, and the follow-up of each open item. `Desk` is both, within one transaction of the ERP.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from einvoice.money import ZERO
from einvoice.receivables.snapshot import Contact, CreditorSnapshot, DebtorSnapshot, Hold, InvoiceSnapshot

Some = Collection[int] | None


class Follow(NamedTuple):
    """The follow-up of an open item, whose columns have these names: a table of the plugin's, a row an item once anything was done.

    The fields mean what those of `InvoiceSnapshot` mean. `charges` is what is open of booked interest and costs.
    """

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


class Kept(NamedTuple):
    """An action as a row; `body` is its JSON, `state` planned, queued, done, cancelled or failed, `settled` the day it was settled."""

    id: str
    run: int
    creditor: int
    debtor: int
    day: date
    kind: str
    flow: str
    flow_version: str
    step: str
    offset: int
    final: bool
    notice: str | None
    body: str
    state: str = "planned"
    reason: str | None = None
    settled: date | None = None


class Taken(NamedTuple):
    """That an action took a step with an item by a channel, and where its follow-up stood before; unique while `live` by the first four."""

    invoice: int
    flow_version: str
    step: str
    channel: str
    action: str
    amount: Decimal
    live: bool = True
    was_flow: str | None = None
    was_step: str | None = None
    was_offset: int | None = None
    was_on: date | None = None
    was_stage: str = "open"


class Past(NamedTuple):
    """What is read of an earlier action."""

    debtor: int
    day: date
    kind: str
    offset: int
    notice: str | None
    state: str


class Book(Protocol):
    """The ERP's debtors and what they owe on a day; everything is in the order of the debtors' ids."""

    def creditor(self, creditor: int) -> CreditorSnapshot:
        """Who is owed: the company."""

    def parties(self, creditor: int, day: date, debtors: Some) -> Iterable[DebtorSnapshot]:
        """Everybody who owes something: who they are, without what follows `invoices`."""

    def items(self, creditor: int, day: date, debtors: Some) -> Iterable[tuple[int, InvoiceSnapshot]]:
        """Debtor and open item, as far as `open`; a credit note's amounts are negative. What was done is joined by `follow`."""

    def follow(self, creditor: int, debtors: Some) -> Iterable[tuple[int, int, Follow]]:
        """Debtor, item and its follow-up, of items about which something was done; items that are no longer open may be among them."""

    def contacts(self, creditor: int, day: date, debtors: Some) -> Iterable[tuple[int, Contact]]:
        """Debtor and contact, by id: the channels that reach it today."""

    def consents(self, creditor: int, day: date, debtors: Some) -> Iterable[tuple[int, str, bool]]:
        """Debtor, channel and whether it may be used; of one channel the latest word last."""

    def holds(self, creditor: int, day: date, debtors: Some) -> Iterable[tuple[int, Hold]]:
        """Debtor and what pauses on the day: disputes, plans, promises, a person's word."""

    def on_account(self, creditor: int, debtors: Some) -> Iterable[tuple[int, str, Decimal]]:
        """Debtor, currency and money that is not yet matched, positive."""

    def past(self, creditor: int, day: date, since: date, debtors: Some) -> Iterable[Past]:
        """Actions of the days after `since` up to the day, and older ones that are still planned or queued; by debtor and day."""

    def disputes(self, creditor: int, day: date, debtors: Some) -> Iterable[tuple[int, int]]:
        """Debtor and how many disputes there were."""


class Diary(Protocol):
    """The plugin's own tables in the ERP. What is read to be changed is locked until the transaction ends."""

    def alone(self, creditor: int) -> None:
        """Waits for others who save for the creditor."""

    def of_days(self, debtors: Collection[int], days: Collection[date]) -> Iterable[Kept]:
        """Actions of these debtors on these days."""

    def taken_of(self, invoices: Collection[int]) -> Iterable[Taken]:
        """What was taken of these items and is live."""

    def followed(self, invoices: Collection[int]) -> Mapping[int, Follow]:
        """The follow-up of these items, of those that have one."""

    def write(self, actions: Sequence[Kept]) -> None:
        """Writes actions: new rows, and rows of the same id anew."""

    def take(self, rows: Sequence[Taken]) -> None:
        """Adds rows; those of the same action, item and channel are replaced."""

    def set_follow(self, follow: Mapping[int, Follow]) -> None:
        """Writes the follow-up of items."""

    def action(self, action: str) -> Kept | None:
        """An action, locked."""

    def settle(self, action: str, state: str, reason: str | None, settled: date | None) -> None:
        """Writes the state of an action."""

    def taken_by(self, action: str) -> Sequence[Taken]:
        """What an action took and is live."""

    def give_back(self, action: str) -> None:
        """What an action took is live no longer."""

    def planned(self, creditor: int, day: date) -> Iterable[Kept]:
        """Planned actions up to a day, by day, debtor and id."""


class Desk(Book, Diary, Protocol):
    """All of it, within one transaction of the ERP."""
