"""A policy on trial: what would go out on a day, or on several in a row, and what would be held; nothing is written or sent.

From the second day on it is supposed that nobody pays, that everything planned goes out and arrives, and that new charges are booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.actions import Action, Held
from einvoice.receivables.law import Laws
from einvoice.receivables.planning import plan
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot

_REMEMBERED = timedelta(days=30)


class Simulated(NamedTuple):
    """A simulated day: its actions and what was held, each with its debtor, and the debtors that could not be planned, with the reason."""

    day: date
    actions: tuple[tuple[DebtorSnapshot, Action], ...]
    held: tuple[tuple[DebtorSnapshot, Held], ...]
    failures: tuple[tuple[DebtorSnapshot, str], ...]


def simulate(debtors: Iterable[DebtorSnapshot], policy: Policy, law: Laws, first: date, days: int = 1) -> Iterator[Simulated]:
    """What the policy would do on `days` days in a row; one day reads debtors as they come, several keep all of them."""
    kept = debtors if days == 1 else list(debtors)
    for number in range(days):
        day = first + timedelta(days=number)
        made = _one(kept, policy, law, day)
        yield made
        if number + 1 < days:
            taken = {debtor.id: action for debtor, action in made.actions}
            kept = [_after(each, taken[each.id], law) if each.id in taken else each for each in kept]


class _Watched:
    """Debtors on their way to the planner; `current` is the one that it looks at."""

    def __init__(self, debtors: Iterable[DebtorSnapshot]) -> None:
        self.debtors = debtors
        self.current: DebtorSnapshot | None = None

    def __iter__(self) -> Iterator[DebtorSnapshot]:
        for debtor in self.debtors:
            self.current = debtor
            yield debtor


def _one(debtors: Iterable[DebtorSnapshot], policy: Policy, law: Laws, day: date) -> Simulated:
    watched = _Watched(debtors)
    held: list[tuple[DebtorSnapshot, Held]] = []
    failures: list[tuple[DebtorSnapshot, str]] = []

    def hold(what: Held) -> None:
        assert watched.current is not None
        held.append((watched.current, what))

    def fail(debtor: DebtorSnapshot, fault: Exception) -> None:
        failures.append((debtor, f"{type(fault).__name__}: {fault}"))

    actions: list[tuple[DebtorSnapshot, Action]] = []
    for action in plan(watched, policy, law, day, held=hold, failed=fail):
        assert watched.current is not None
        actions.append((watched.current, action))
    return Simulated(day, tuple(actions), tuple(held), tuple(failures))


def _after(debtor: DebtorSnapshot, action: Action, law: Laws) -> DebtorSnapshot:
    """A debtor on the evening of a day on which an action went out and arrived."""
    asked = {claimed.invoice for claimed in action.invoices}
    invoices = tuple(_stepped(each, debtor, action, law) if each.id in asked else each for each in debtor.invoices)
    recent = tuple(day for day in (*debtor.steps_on, action.day) if day > action.day - _REMEMBERED)
    return debtor._replace(invoices=invoices, steps_on=recent, reminders=debtor.reminders + bool(action.messages))


def _stepped(invoice: InvoiceSnapshot, debtor: DebtorSnapshot, action: Action, law: Laws) -> InvoiceSnapshot:
    changes: dict[str, Any] = {"flow": action.flow, "step": action.step, "offset": action.offset, "stepped": action.day}
    changes["stage"] = "handed_over" if action.kind == "handover" else "final" if action.final else invoice.stage
    changes["contacts"] = invoice.contacts + (bool(action.messages) or action.task == "call")
    changes["trail"] = f"{invoice.trail}{action.flow}.{action.step} "
    if action.notice is not None and invoice.notice is None:
        changes |= _noticed(invoice, debtor, action, law)
    for charge in action.charges:
        if charge.invoice == invoice.id:
            kind = "interest_booked" if charge.kind == "interest" else "costs_booked"
            worth = charge.amount + charge.vat
            changes["charges"] = changes.get("charges", invoice.charges) + worth
            changes[kind] = changes.get(kind, getattr(invoice, kind)) + worth
    return invoice._replace(**changes)


def _noticed(invoice: InvoiceSnapshot, debtor: DebtorSnapshot, action: Action, law: Laws) -> dict[str, Any]:
    """The statutory notice that an action gives, received when the law presumes so, and what it states."""
    found = [receipt for each in action.messages if (receipt := law.receipt(debtor.country, each.channel, action.day))]
    if not found:
        return {}
    stated = sum((charge.amount + charge.vat for charge in action.announces if charge.invoice == invoice.id), ZERO)
    return {"notice": action.notice, "notice_on": min(receipt.on for receipt in found), "costs_stated": stated or None}
