"""Invoices whose next step has come: the day it is due, pay days, gaps, pauses of the invoice, credits."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from einvoice.receivables.actions import Note
from einvoice.receivables.planning.credit import Asked, Holds, asked
from einvoice.receivables.planning.pauses import note_on
from einvoice.receivables.planning.steps import Line, Table
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot

_LONGEST_ROLL = timedelta(days=10)
Waiting = Callable[[InvoiceSnapshot, Line, Note], None]
"""Hears of an invoice whose step has come and that waits all the same."""


class Ready(NamedTuple):
    """An invoice and the step that it meets: due by the policy on `due_on`, rested on `rest`, able to go since `since`; what is asked."""

    invoice: InvoiceSnapshot
    line: Line
    due_on: date
    rest: date | None
    since: date
    amount: Decimal
    asks: Asked | None


def ready(debtor: DebtorSnapshot, table: Table, day: date, holds: Holds, *, manual: bool, waiting: Waiting | None) -> list[Ready]:
    """The invoices of a debtor that meet a step of a flow on a day; `manual` keeps those overdue at entry for a person to start."""
    pay_day = debtor.pay_day if table.pay_day == "party" else table.pay_day
    horizon, rested = day - table.first, day - table.gap if waiting is None else day
    found = []
    for invoice in debtor.invoices:
        if invoice.due > horizon:
            break
        if invoice.stepped is not None and invoice.stepped > rested and (invoice.offset or 0) >= 0:
            continue
        if invoice.stage != "open" or invoice.open <= 0 or (line := table.next(invoice, day)) is None:
            continue
        due_on = table.due_on(line, invoice)
        if due_on > day:
            continue
        rest = table.rests_until(line, invoice)
        since = max(due_on, invoice.entered, rest or due_on)
        if pay_day and line.step.offset >= 0:
            since = rolled(since, pay_day)
        note = _waits(invoice, rest, since, day, holds, manual=manual)
        if note is None:
            found.append(Ready(invoice, line, due_on, rest, since, invoice.open, None))
        elif waiting:
            waiting(invoice, line, note)
    return _after_credits(debtor, found, holds, waiting) if found else found


def rolled(day: date, pay_day: int) -> date:
    """The next such day of the month (its last day where it has fewer), at most 10 days on; else the day itself."""
    end = monthrange(day.year, day.month)[1]
    on = day.replace(day=min(pay_day, end))
    if on < day:
        first = day.replace(day=1) + timedelta(days=end)
        on = first.replace(day=min(pay_day, monthrange(first.year, first.month)[1]))
    return on if on - day <= _LONGEST_ROLL else day


def _waits(invoice: InvoiceSnapshot, rest: date | None, since: date, day: date, holds: Holds, *, manual: bool) -> Note | None:
    if (hold := holds.whole.get(invoice.id)) is not None:
        return note_on(hold, invoice.number)
    if manual and not invoice.started and invoice.offset is None and invoice.entered > invoice.due:
        return Note("entry-manual", f"{invoice.number} was overdue when it entered; a person starts its follow-up")
    if rest is not None and rest > day:
        return Note("gap", f"the last step was on {invoice.stepped}", until=rest - timedelta(days=1))
    return Note("pay-day", f"waits for the pay day {since}", until=since - timedelta(days=1)) if since > day else None


def _after_credits(debtor: DebtorSnapshot, found: list[Ready], holds: Holds, waiting: Waiting | None) -> list[Ready]:
    """What is left to ask of each, less what credits cover and holds keep back."""
    asks = asked(debtor, holds)
    if not asks:
        return found
    left = []
    for one in found:
        part = asks.get(one.invoice.id)
        if part is None or part.amount > 0:
            left.append(one if part is None else one._replace(amount=part.amount, asks=part))
        elif waiting:
            waiting(one.invoice, one.line, _covered(one.invoice, part, holds))
    return left


def _covered(invoice: InvoiceSnapshot, part: Asked, holds: Holds) -> Note:
    if part.credited:
        return Note("covered-by-credit", f"money on account or credit notes cover {part.credited} of {invoice.number}")
    return note_on(holds.parts[invoice.id][0], f"all of {invoice.number}")
