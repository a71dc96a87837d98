"""The seam between planner and law: what is asked of it about a step, and what it answers."""

from __future__ import annotations

from datetime import date, time
from typing import NamedTuple, Protocol

from einvoice.receivables.actions import Charge, Note
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot


class Asked(NamedTuple):
    """A step that the policy wants to take on `day` for these invoices of a debtor.

    `document` is the policy's word (reminder, statutory_notice, aanmaning, notice_of_default, legal_letter …), `claims` what it would
    add to the debt: "none", "interest", "costs" or "all"; `handover` says that a third party would get it.
    """

    debtor: DebtorSnapshot
    invoices: tuple[InvoiceSnapshot, ...]
    day: date
    document: str
    claims: str
    channels: tuple[str, ...]
    handover: bool = False


class Ruling(NamedTuple):
    """The answer: take it as it is, not before `not_before`, or not at all (`veto`).

    `charges` are what may be claimed, never more than was asked; `notice` names the statutory notice that this step gives, and
    `announces` the costs that the law wants stated in it, to the cent, as they will be claimed where it is not paid in time;
    `window` bounds the hours of contact; `notes` explain, each with its source.
    """

    not_before: date | None = None
    veto: Note | None = None
    charges: tuple[Charge, ...] = ()
    notice: str | None = None
    window: tuple[time, time] | None = None
    notes: tuple[Note, ...] = ()
    announces: tuple[Charge, ...] = ()


class Law(Protocol):
    """The law of every country that has a pack."""

    @property
    def rates(self) -> str:
        """SHA-256 of all tables in force here: what an action was computed with."""

    def rule(self, asked: Asked) -> Ruling:
        """What the law says of a step. Pure: the same question has the same answer."""

    def contact_day(self, country: str, day: date) -> Note | None:
        """Why debtors in a country may not be contacted on a day (Sunday, holiday); None where they may."""

    def no_call(self, country: str) -> bool:
        """Whether a country's law or custom rules out calling debtors."""
