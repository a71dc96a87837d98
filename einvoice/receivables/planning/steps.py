"""The next step of an invoice: the earliest of its flow that was not done, severe ones never by skipping."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from einvoice.receivables.policy.model import Flow, Policy, Step
from einvoice.receivables.snapshot import InvoiceSnapshot

IGNORED = "call-after-ignored"
"""The id of the call that follows a first reminder which nothing answered (policy option `call_after_ignored`)."""
_BY_VOICE = frozenset({"call", "computer_call"})


class Line(NamedTuple):
    """A step in its flow: `delay` from due date to step (grace with it), `before` the step that a severe one needs, `mark` its trail.

    `number` counts the steps of the flow from 1; a notice before the due date has 0.
    """

    flow: str
    version: str
    step: Step
    delay: timedelta
    firmness: int
    is_severe: bool
    before: str | None
    is_last: bool
    mark: str
    number: int
    text: str


class Table:
    """The steps of one flow in the order of their offsets, ready to be searched."""

    def __init__(self, name: str, flow: Flow, policy: Policy) -> None:
        self.name = name
        self.gap = timedelta(days=flow.gap or policy.limits.gap)
        self.pay_day = flow.pay_day
        self.grouping = flow.grouping or policy.grouping
        self.resumes = policy.entry == "resume"
        ahead = [step for step in (*policy.prelude, *flow.steps) if step.offset < 0]
        self.prelude = [line._replace(number=0, is_last=line.step.final) for line in _lines(name, flow, ahead)]
        self.lines = _lines(name, flow, [step for step in flow.steps if step.offset >= 0])
        self.offsets = [line.step.offset for line in self.lines]
        self.places = {line.step.id: place for place, line in enumerate(self.lines)}
        self.first = min(line.delay for line in (*self.prelude[:1], *self.lines[:1]))
        self.ignored = self._call(policy)
        if self.ignored:
            self.places[IGNORED] = 0

    def _call(self, policy: Policy) -> Line | None:
        if policy.call_after_ignored is None or not self.lines or _BY_VOICE & {*self.lines[0].step.all_of, *self.lines[0].step.any_of}:
            return None
        first = self.lines[0]
        step = Step(id=IGNORED, offset=first.step.offset, all_of=("call",), to=first.step.to)
        wait = timedelta(days=max(policy.call_after_ignored.after_days, self.gap.days))
        text = f"call after the first reminder of flow {self.name} that nothing answered, {wait.days} days after it"
        return Line(self.name, first.version, step, wait, first.firmness, False, None, False, f" {self.name}.{IGNORED} ", 1, text)

    def next(self, invoice: InvoiceSnapshot, day: date) -> Line | None:
        """The step that an invoice meets next, whether its time has come or not; before the due date a notice of the prelude only."""
        trail = f" {invoice.trail}"
        if invoice.due > day:
            last = invoice.offset
            return next((line for line in self.prelude if (last is None or line.step.offset > last) and line.mark not in trail), None)
        place = self._place(invoice)
        if self.ignored and place == 1 and invoice.step == self.lines[0].step.id and invoice.flow == self.name:
            return self._or_call(invoice, trail, day)
        return self._from(place, invoice, trail)

    def _place(self, invoice: InvoiceSnapshot) -> int:
        """Where in the flow to look for the next step first."""
        if invoice.offset is None:
            return self._entry(invoice)
        if invoice.flow == self.name and (known := self.places.get(invoice.step or "")) is not None:
            return known + 1
        return bisect_right(self.offsets, invoice.offset)

    def _entry(self, invoice: InvoiceSnapshot) -> int:
        """The first step; with `entry: resume` that of the age which an invoice had when it entered."""
        if not self.resumes or invoice.entered <= invoice.due:
            return 0
        age = invoice.entered - invoice.due
        return max(sum(line.delay <= age for line in self.lines) - 1, 0)

    def _or_call(self, invoice: InvoiceSnapshot, trail: str, day: date) -> Line | None:
        """The call after an ignored first reminder, where the flow's next step does not come first.

        What came back was not ignored, nor what was answered.
        """
        line = self._from(1, invoice, trail)
        call = self.ignored
        if call is None or call.mark in trail or invoice.stepped is None:
            return line
        if invoice.heard is not None and invoice.stepped <= invoice.heard <= day:
            return line
        return call if line is None or invoice.stepped + call.delay < invoice.due + line.delay else line

    def _from(self, place: int, invoice: InvoiceSnapshot, trail: str) -> Line | None:
        lines = self.lines
        while place < len(lines) and lines[place].mark in trail:
            place += 1
        if place >= len(lines):
            return None
        here = invoice.step if invoice.flow == self.name else None
        done = lines[0].step.id if here == IGNORED else here
        while (line := lines[place]).is_severe and line.before is not None and line.before != done and lines[place - 1].mark not in trail:
            place -= 1
        return line

    def soonest(self, flow: str | None, step: str | None, offset: int | None) -> timedelta | None:
        """The least time from the due date to any step that may follow the last one; None where none may."""
        if offset is None:
            return self.lines[0].delay if self.lines else None
        place = bisect_right(self.offsets, offset)
        if flow == self.name and step in self.places:
            if self.ignored and self.places[step] == 0:
                return timedelta(0)
            place = min(place, self.places[step] + 1)
        if place >= len(self.lines):
            return None
        while place and self.lines[place].is_severe:
            place -= 1
        return self.lines[place].delay

    def due_on(self, line: Line, invoice: InvoiceSnapshot) -> date:
        """The day on which a step is due by the policy, before anything moves it."""
        if line.step.id == IGNORED and invoice.stepped is not None:
            return invoice.stepped + line.delay
        return invoice.due + line.delay

    def rests_until(self, line: Line, invoice: InvoiceSnapshot) -> date | None:
        """The first day that the gap after the last step leaves; a notice before the due date does not delay the flow's first step."""
        if invoice.stepped is None or ((invoice.offset or 0) < 0 <= line.step.offset):
            return None
        return invoice.stepped + self.gap


def _lines(name: str, flow: Flow, steps: list[Step]) -> list[Line]:
    lines: list[Line] = []
    steps = sorted(steps, key=lambda step: step.offset)
    for number, step in enumerate(steps, 1):
        firmness = flow.firmness_of(step.id) if step.offset >= 0 else step.firmness or 0
        before = lines[-1].step.id if lines else None
        delay = timedelta(days=step.offset + (flow.grace if step.offset >= 0 else 0))
        is_last = step.final or number == len(steps)
        mark = f" {name}.{step.id} "
        lines.append(
            Line(name, flow.version, step, delay, firmness, step.is_severe, before, is_last, mark, number, _text(name, step, delay))
        )
    return lines


def _text(name: str, step: Step, delay: timedelta) -> str:
    """A step in words: where it stands, and when the policy wants it."""
    days, grace = abs(step.offset), delay.days - step.offset
    when = f"{days} day{'' if days == 1 else 's'} {'after' if step.offset > 0 else 'before'} the due date" if days else "on the due date"
    return f"step {step.id} of flow {name}: {when}{f' and {grace} of grace' if grace else ''}"


class Tables(NamedTuple):
    """Every flow of a policy, and what no invoice can be ready without."""

    flows: Mapping[str, Table]
    gap: timedelta
    first: timedelta

    def soonest(self, flow: str | None, step: str | None, offset: int | None) -> timedelta | None:
        """The least time from the due date to any step of any flow that may follow the last one; None where none may."""
        every = (table.soonest(flow, step, offset) for table in self.flows.values())
        return min((delay for delay in every if delay is not None), default=None)


def tables_of(policy: Policy) -> Tables:
    """The steps of a policy's flows, ready to be searched: made once for a day."""
    flows = {name: Table(name, flow, policy) for name, flow in policy.flows.items()}
    return Tables(flows, min(table.gap for table in flows.values()), min(table.first for table in flows.values()))
