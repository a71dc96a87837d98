"""What a plugin gives to the kit: one object that drives a real ERP with the plugin in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from einvoice.outbox import Outcome, Sender
from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store.saving import Saved
from einvoice_plugins.delivery import Delivery
from einvoice_plugins.records import Record


class Blocked(Exception):
    """The ERP refused to post; its text is what the user reads."""


class Plugin(Protocol):
    """An ERP with the plugin installed, empty but for its company (`cases.SELLER`); every check gets one of its own.

    Each call is a transaction of the ERP, unless it is made within `unit`: then all of them are one. `document` is the ERP's own id of an
    invoice, as text.
    """

    def set(self, name: str, value: Any) -> None:
        """Sets one of `settings.SETTINGS`. Raises SettingsError for what none is."""

    def post(self, record: Record) -> str:
        """Enters parties, lines, quantities, prices, taxes and prepayment of a record as a draft, posts it with the ERP's own arithmetic.

        Raises Blocked where the plugin refuses; the draft stays then, and `draft` finds it.
        """

    def draft(self, number: str) -> str | None:
        """The draft of a record's number, None where there is none."""

    def is_posted(self, document: str) -> bool:
        """Whether it is in the ledger."""

    def open(self, document: str) -> Decimal:
        """What the ledger's receivable lines leave to be paid."""

    def xml(self, document: str) -> bytes | None:
        """The XML that the plugin has kept beside it."""

    def submit(self, document: str) -> None:
        """Asks for it to be sent; asked twice it is one. Raises NotValid or Blocked for what may not be sent."""

    def unit(self) -> AbstractContextManager[Any]:
        """One transaction around several calls; rolled back where the block raises."""

    def network(self, sender: Sender) -> None:
        """From now on this is what carries documents."""

    def cron(self) -> None:
        """The ERP's own job: sends what is due, sweeps."""

    def later(self, time: timedelta) -> datetime:
        """Time passes for the ERP; what it is now."""

    def delivery(self, document: str) -> Delivery:
        """Where the plugin says that it stands."""

    def report(self, document: str, outcome: Outcome) -> None:
        """A carrier says later what became of it."""

    def answer(self, document: str, status: str, at: str) -> None:
        """The receiver's Invoice Response arrives; `at` is its date."""

    def enter(self, debtors: Sequence[DebtorSnapshot]) -> None:
        """Enters debtors with contacts, open items and holds in the ERP's own way; ids are the ERP's, `key` and `number` stay."""

    def snapshots(self, day: date) -> Sequence[DebtorSnapshot]:
        """What the plugin's repository gives."""

    def save(self, actions: Sequence[Action]) -> Saved:
        """Keeps planned actions through the plugin's repository."""

    def cancel(self, action: str) -> bool:
        """Withdraws an action through the plugin's repository."""

    def uninstall(self) -> None:
        """Removes the plugin as its documentation says. `post`, `is_posted` and `open` go on, without it."""
