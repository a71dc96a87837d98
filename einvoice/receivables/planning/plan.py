"""The plan of a day: at most one action a debtor, from snapshots, policy and law alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Action, Held, Note
from einvoice.receivables.law.ruling import Law
from einvoice.receivables.planning.credit import Holds, holds_on
from einvoice.receivables.planning.grouping import groups
from einvoice.receivables.planning.limits import caps
from einvoice.receivables.planning.morning import Morning
from einvoice.receivables.planning.pauses import pauses
from einvoice.receivables.planning.proposal import propose
from einvoice.receivables.planning.ready import ready
from einvoice.receivables.planning.steps import Line, Tables, tables_of
from einvoice.receivables.policy import Chosen, Policy, segment
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot

_OTHER_FIRST = Note("daily-cap", "another step of this debtor goes first today")
Prepared = Callable[[tuple[InvoiceSnapshot, ...]], bool]
_Last = tuple[str | None, str | None, int | None]


def plan(
    debtors: Iterable[DebtorSnapshot],
    policy: Policy,
    law: Law,
    day: date,
    *,
    held: Callable[[Held], None] | None = None,
    failed: Callable[[DebtorSnapshot, Exception], None] | None = None,
    now: datetime | None = None,
) -> Iterator[Action]:
    """The actions of a day, in the order of the debtors; pure: the same input gives the same actions.

    `held` hears of everything whose time had come and that waits, and why. `now`, an aware moment, leaves out debtors whose hours of
    contact are over. A debtor that cannot be planned is handed to `failed` and the others go on; without `failed` it raises
    ReceivablesError, which names the debtor.
    """
    morning = Morning(policy, law, day, held, now)
    may_be_ready = prefilter(morning.tables, day, with_gap=held is None)
    for debtor in debtors:
        if not may_be_ready(debtor.invoices):
            continue
        try:
            action = _decided(morning, debtor)
        except Exception as error:
            if failed is None:
                raise ReceivablesError(f"debtor {debtor.key} cannot be planned: {error}") from error
            failed(debtor, error)
            continue
        if action is not None:
            yield action


def horizon(policy: Policy, day: date) -> date:
    """The latest due date with which an invoice may have a step on a day: who owes nothing due by then need not be read."""
    return day - tables_of(policy).first


class _Latest(dict[_Last, date]):
    """The latest due date with which an invoice may have a step today, by the last step it met; worked out when it is asked for."""

    def __init__(self, tables: Tables, day: date) -> None:
        super().__init__()
        self.tables, self.day = tables, day

    def __missing__(self, last: _Last) -> date:
        soonest = self.tables.soonest(*last)
        self[last] = found = date.min if soonest is None else self.day - soonest
        return found


def prefilter(tables: Tables, day: date, *, with_gap: bool) -> Prepared:
    """A quick test that lets every debtor through who may have a step today: dates only, because most debtors have none."""
    horizon = day - tables.first
    rested = day - tables.gap if with_gap else day
    latest = _Latest(tables, day)

    def may_be_ready(invoices: tuple[InvoiceSnapshot, ...]) -> bool:
        for invoice in invoices:
            due = invoice.due
            if due > horizon:
                return False
            if invoice.stage != "open":
                continue
            stepped = invoice.stepped
            if stepped is None:
                if invoice.open > 0:
                    return True
                continue
            offset = invoice.offset
            if stepped > rested and (offset is None or offset >= 0):
                continue
            if due > day or due <= latest[invoice.flow, invoice.step, offset]:
                return True
        return False

    return may_be_ready


def _decided(morning: Morning, debtor: DebtorSnapshot) -> Action | None:
    """The action of a debtor today, if any; with `held`, every reason is told."""
    day = morning.day
    holds = holds_on(debtor, day)
    notes = pauses(debtor, holds, day)
    if (closed := morning.calendar.closed(debtor, day)) is not None:
        notes.append(Note("not-a-contact-day", closed.text, closed.source, closed.until))
    if (cap := caps(debtor.steps_on, morning.policy.limits, day)) is not None:
        notes.append(cap)
    if notes and morning.held is None:
        return None
    chosen = segment(morning.policy, debtor, day)
    if isinstance(chosen, Note):
        _tell(
            morning,
            debtor,
            None,
            [invoice for invoice in debtor.invoices if invoice.due <= day and invoice.open > 0],
            None,
            (*notes, chosen),
        )
        return None
    find = _first if morning.held is None else _first_told
    return find(morning, debtor, chosen, holds, tuple(notes))


def _first(morning: Morning, debtor: DebtorSnapshot, chosen: Chosen, holds: Holds, _: tuple[Note, ...]) -> Action | None:
    """The first group of ready invoices that becomes an action."""
    table = morning.tables.flows[chosen.flow]
    found = ready(debtor, table, morning.day, holds, manual=morning.manual, waiting=None)
    for group in groups(found, table.grouping) if found else ():
        if (action := propose(morning, debtor, chosen, holds, group).action) is not None:
            return action
    return None


def _first_told(morning: Morning, debtor: DebtorSnapshot, chosen: Chosen, holds: Holds, notes: tuple[Note, ...]) -> Action | None:
    """The same, with everything told that waits; `notes` hold the debtor as a whole."""

    def waiting(invoice: InvoiceSnapshot, line: Line, note: Note) -> None:
        _tell(morning, debtor, chosen.segment, [invoice], line.step.id, (*notes, note))

    table = morning.tables.flows[chosen.flow]
    action = None
    for group in groups(ready(debtor, table, morning.day, holds, manual=morning.manual, waiting=waiting), table.grouping):
        reasons = notes or ((_OTHER_FIRST,) if action else ())
        if not reasons:
            action, reasons = propose(morning, debtor, chosen, holds, group)
        gone = {claimed.invoice for claimed in action.invoices} if action else ()
        _tell(morning, debtor, chosen.segment, [one.invoice for one in group if one.invoice.id not in gone], group[0].line.step.id, reasons)
    return action


def _tell(
    morning: Morning,
    debtor: DebtorSnapshot,
    chosen: str | None,
    invoices: Sequence[InvoiceSnapshot],
    step: str | None,
    reasons: tuple[Note, ...],
) -> None:
    if morning.held is not None and invoices:
        morning.held(Held(debtor.id, tuple(invoice.id for invoice in invoices), chosen, step, reasons))
