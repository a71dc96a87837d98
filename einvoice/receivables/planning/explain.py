"""What an action says of itself: its step, and what it waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from einvoice.receivables.actions import Note
from einvoice.receivables.planning.calendar import Calendar
from einvoice.receivables.planning.grouping import Group
from einvoice.receivables.planning.limits import caps
from einvoice.receivables.planning.ready import Ready
from einvoice.receivables.policy.model import Limits
from einvoice.receivables.snapshot import DebtorSnapshot

_ONE = timedelta(days=1)
_LOOKED_AT = 10  # the last days of contact before the step: one that waited longer is not told every day of it


def told(debtor: DebtorSnapshot, group: Group, day: date, calendar: Calendar, limits: Limits) -> tuple[str, tuple[Note, ...]]:
    """The step of a group in words, with the day it was due, and what it waited for since: of the invoice that waited longest."""
    first = group[0] if len(group) == 1 else min(group, key=lambda one: (one.since, one.invoice.due, one.invoice.id))
    text = f"{first.line.text}, due on {first.due_on}"
    return text, () if first.due_on >= day else (*_moved(first), *_waited(debtor, first, day, calendar, limits))


def _moved(one: Ready) -> list[Note]:
    """What moved the step itself: it was due before the invoice entered, before the gap was over, before the pay day."""
    invoice, notes = one.invoice, []
    if invoice.entered > one.due_on:
        notes.append(Note("entered-late", f"{invoice.number} entered on {invoice.entered}, the step was due on {one.due_on}"))
    begin = max(one.due_on, invoice.entered)
    if one.rest is not None and one.rest > begin:
        begin = one.rest
        notes.append(Note("gap", f"due on {one.due_on}; the step before was on {invoice.stepped}", until=begin - _ONE))
    if one.since > begin:
        notes.append(Note("pay-day", f"due on {one.due_on}; rolled to the pay day {one.since}", until=one.since - _ONE))
    return notes


def _waited(debtor: DebtorSnapshot, one: Ready, day: date, calendar: Calendar, limits: Limits) -> Sequence[Note]:
    """What the days since then were: no days of contact, days of a pause that ended or of a cap, days without a run."""
    if one.since >= day:
        return ()
    closed, possible = calendar.waited(debtor, one.since, day)
    return [*closed, *_on_days(debtor, one, possible, limits)] if possible else closed


def _on_days(debtor: DebtorSnapshot, one: Ready, days: tuple[date, ...], limits: Limits) -> list[Note]:
    """What kept the step back on days of contact: the last day of each reason."""
    last = days[-1]
    if not (debtor.holds or debtor.steps_on or debtor.hold_until):
        return [_missed(last)]
    found: dict[str, Note] = {}
    pausing = bool(debtor.holds or debtor.hold_until)
    for each in days[-_LOOKED_AT:]:
        note = _ended(debtor, one.invoice.id, each) if pausing else None
        if note is None and debtor.steps_on and each >= debtor.steps_on[0]:
            note = caps(tuple(step for step in debtor.steps_on if step <= each), limits, each)
        found[note.code if note else "missed"] = note or _missed(each)
    return list(found.values())


def _missed(day: date) -> Note:
    return Note("missed", f"nothing was sent on {day}: no run, or what held it has ended", until=day)


def _ended(debtor: DebtorSnapshot, invoice: int, day: date) -> Note | None:
    if debtor.hold_until is not None and debtor.hold_until >= day:
        return Note("manual", f"held by a person through {debtor.hold_until}", until=debtor.hold_until)
    for hold in debtor.holds:
        if hold.invoice in (None, invoice) and hold.amount is None and hold.until is not None and hold.until >= day:
            return Note(hold.reason.replace("_", "-"), f"paused through {hold.until}", until=hold.until)
    return None
