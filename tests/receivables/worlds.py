"""Worlds for the planner: builders of snapshots, a law that allows everything, and an in-memory loop that takes what is planned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from einvoice.money import ZERO
from einvoice.receivables import policy as policies
from einvoice.receivables.actions import Action, Held, Note
from einvoice.receivables.law import Laws
from einvoice.receivables.law.ruling import Asked, Law, Ruling
from einvoice.receivables.planning import plan
from einvoice.receivables.policy import Policy
from einvoice.receivables.snapshot import Contact, CreditorSnapshot, DebtorSnapshot, InvoiceSnapshot, channels_of

CREDITOR = CreditorSnapshot(1, "acme", "Acme BV", "NL", language="nl", time_zone="Europe/Amsterdam", size="small")
EVERYTHING = channels_of(email=True, phone=True, address=True, peppol=True)
DUE = date(2026, 3, 2)
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Lenient:
    """A law without a say: every step as it is, every day, no claims. The double for tests of what the policy decides."""

    rates = "0" * 64

    def rule(self, asked: Asked) -> Ruling:
        """The step as it is."""
        del asked
        return Ruling()

    def contact_day(self, country: str, day: date) -> Note | None:
        """Every day will do."""
        del country, day
        return None

    def no_call(self, country: str) -> bool:
        """Calls are fine but in one made-up country."""
        return country == "ZZ"


LENIENT: Law = Lenient()


def policy_of(text: str = "", *, every_day: bool = True, prelude: bool = False, **changes: Any) -> Policy:
    """A policy from YAML text, the default where it is empty; without weekends, holidays and notices before the due date unless told."""
    found = policies.load(text) if text else policies.default()
    if every_day:
        changes.setdefault("calendar", found.calendar.model_copy(update={"days": EVERY_DAY, "holidays": "none"}))
    if not prelude:
        changes.setdefault("prelude", ())
    return found.model_copy(update=changes)


def contact(number: int = 1, role: str = "general", **changes: Any) -> Contact:
    """A contact who is reached by every channel unless told otherwise."""
    return Contact(**{"id": number, "role": role, "name": f"Contact {number}", "channels": EVERYTHING, **changes})


def invoice(number: int = 1, due: date = DUE, amount: str = "1000.00", **changes: Any) -> InvoiceSnapshot:
    """An open invoice of 30 days, entered on the day it was issued."""
    issued = due - timedelta(days=30)
    given = {"id": number, "number": f"F{number}", "kind": "invoice", "issued": issued, "due": due, "entered": issued, "currency": "EUR"}
    return InvoiceSnapshot(**{**given, "amount": Decimal(amount), "open": Decimal(amount), **changes})


def credit_note(number: int, amount: str, due: date = DUE, **changes: Any) -> InvoiceSnapshot:
    """An open credit note of so much."""
    return invoice(number, due, f"-{amount}", kind="credit_note", **changes)


def debtor(*invoices: InvoiceSnapshot, number: int = 1, **changes: Any) -> DebtorSnapshot:
    """A small company in the Netherlands that may be reached by every channel: flow b2b_sme of the default policy."""
    given = {"id": number, "key": f"D{number}", "creditor": CREDITOR, "name": f"Debtor {number}", "kind": "b2b", "country": "NL"}
    given |= {"size": "small", "language": "nl", "invoices": invoices, "contacts": (contact(number),)}
    return DebtorSnapshot(**{**given, "consents": {"whatsapp": True, "computer_call": True}, **changes})


def planned(one: DebtorSnapshot, day: date, policy: Policy | None = None, law: Law = LENIENT, **options: Any) -> Action | None:
    """The action of one debtor on a day, if any."""
    return next(plan([one], policy or policy_of(), law, day, **options), None)


def held(one: DebtorSnapshot, day: date, policy: Policy | None = None, law: Law = LENIENT, **options: Any) -> list[Held]:
    """What waits of one debtor on a day."""
    told: list[Held] = []
    for _ in plan([one], policy or policy_of(), law, day, held=told.append, **options):
        pass
    return told


def codes(told: Iterable[Held]) -> set[str]:
    """The codes of all reasons."""
    return {note.code for one in told for note in one.notes}


class World:
    """Debtors in memory; what is planned is taken at once and delivered, as a store and a run would do it."""

    def __init__(self, debtors: Iterable[DebtorSnapshot], policy: Policy, law: Law = LENIENT) -> None:
        self.debtors = {one.id: one for one in debtors}
        self.policy = policy
        self.law = law
        self.taken: list[Action] = []
        self.delivers: Callable[[Action], bool] = lambda _: True

    def morning(self, day: date) -> list[Action]:
        """Plans a day and takes what was planned."""
        actions = list(plan(self.debtors.values(), self.policy, self.law, day))
        for action in actions:
            self.take(action)
        return actions

    def mornings(self, first: date, count: int) -> list[Action]:
        """Plans so many days in a row."""
        return [action for number in range(count) for action in self.morning(first + timedelta(days=number))]

    def take(self, action: Action) -> None:
        """An action as the store writes it down: follow-up of its invoices, the day of the step, the delivered contact."""
        one = self.debtors[action.debtor]
        ids = {claimed.invoice for claimed in action.invoices}
        invoices = tuple(self._stepped(each, action) if each.id in ids else each for each in one.invoices)
        steps = tuple(each for each in (*one.steps_on, action.day) if each > action.day - timedelta(days=30))
        self.debtors[action.debtor] = one._replace(invoices=invoices, steps_on=steps)
        self.taken.append(action)

    def _stepped(self, each: InvoiceSnapshot, action: Action) -> InvoiceSnapshot:
        stage = "handed_over" if action.kind == "handover" else "final" if action.final else each.stage
        reaches = bool(action.messages) and self.delivers(action)
        follow_up: Mapping[str, Any] = {"flow": action.flow, "step": action.step, "offset": action.offset, "stepped": action.day}
        trail = f"{each.trail}{action.flow}.{action.step} "
        booked = self._noticed(self._charged(each, action), action)
        return booked._replace(**follow_up, stage=stage, contacts=each.contacts + reaches, trail=trail)

    def _charged(self, each: InvoiceSnapshot, action: Action) -> InvoiceSnapshot:
        """The invoice with the charges of the action booked on it."""
        for charge in action.charges:
            if charge.invoice == each.id:
                total, booked = charge.amount + charge.vat, f"{'interest' if charge.kind == 'interest' else 'costs'}_booked"
                each = each._replace(charges=each.charges + total, **{booked: getattr(each, booked) + total})
        return each

    def _noticed(self, each: InvoiceSnapshot, action: Action) -> InvoiceSnapshot:
        """The invoice with the statutory notice that the action gives, presumed received as the law says."""
        if action.notice is None or each.notice is not None or not isinstance(self.law, Laws):
            return each
        country = self.debtors[action.debtor].country
        receipts = [found for one in action.messages if (found := self.law.receipt(country, one.channel, action.day))]
        stated = sum((charge.amount + charge.vat for charge in action.announces if charge.invoice == each.id), ZERO)
        return each._replace(notice=action.notice, notice_on=min(found.on for found in receipts), costs_stated=stated or None)

    def change(self, number: int, **changes: Any) -> None:
        """Changes a debtor."""
        self.debtors[number] = self.debtors[number]._replace(**changes)

    def change_invoice(self, number: int, invoice_id: int, **changes: Any) -> None:
        """Changes an invoice of a debtor."""
        one = self.debtors[number]
        invoices = tuple(each._replace(**changes) if each.id == invoice_id else each for each in one.invoices)
        self.debtors[number] = one._replace(invoices=invoices)
