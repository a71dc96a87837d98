"""What the planner decides: actions, each with its explanation, and what it held back.

An action is one contact moment with a debtor (a step counts once, whatever its channels) about one or more invoices, or a hand-over.
It is data: the store keeps it as JSON, `run` turns it into messages.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from einvoice.money import ZERO


class Charge(NamedTuple):
    """Interest, costs or a fee that an action claims: `lines` is the computation, one text a line, with the law."""

    invoice: int
    kind: str
    amount: Decimal
    vat: Decimal = ZERO
    until: date | None = None
    lines: tuple[str, ...] = ()


class Claimed(NamedTuple):
    """An invoice in an action: what of it is asked for, after credits and disputed parts."""

    invoice: int
    number: str
    due: date
    amount: Decimal
    charges: Decimal = ZERO


class Message(NamedTuple):
    """A message to send: `channel` to `contact`; `instead` are the channels to fall back to, in order; `cc` further contacts."""

    channel: str
    contact: int | None
    role: str
    instead: tuple[str, ...] = ()
    cc: tuple[int, ...] = ()


class Note(NamedTuple):
    """A reason: `code` for programs (`weekend`, `be-free-reminder`, …), `text` for people, `source` the law, `until` how long."""

    code: str
    text: str
    source: str | None = None
    until: date | None = None


class Why(NamedTuple):
    """Why: the segment, what of the debtor it looked at, the step, what delayed it, what the law says, the arm of an experiment.

    `notes` are what else was decided: credits set off, disputed parts left out, who is written to instead of whom.
    """

    segment: str
    because: str
    step: str
    delayed: tuple[Note, ...] = ()
    law: tuple[Note, ...] = ()
    arm: str | None = None
    notes: tuple[Note, ...] = ()


class Action(NamedTuple):
    """One contact moment or hand-over, planned for `day` between `not_before` and `not_after` (UTC).

    `kind` is message, task (a person acts) or handover; `task` says what the person does, also beside messages: `call`,
    `decide` (a hand-over that only a person may do) or `repair_address` (no channel reaches the debtor); `notice` names the
    statutory notice that it gives; `policy`, `rates` are SHA-256 of the policy's text and the rate tables.
    """

    kind: str
    creditor: int
    debtor: int
    day: date
    flow: str
    flow_version: str
    step: str
    offset: int
    invoices: tuple[Claimed, ...]
    currency: str
    amount: Decimal
    messages: tuple[Message, ...]
    document: str
    firmness: int
    voice: str | None
    language: str
    contents: tuple[str, ...]
    charges: tuple[Charge, ...]
    final: bool
    handover: str | None
    notice: str | None
    not_before: datetime
    not_after: datetime
    why: Why
    policy: str
    rates: str
    task: str | None = None
    announces: tuple[Charge, ...] = ()  # what its notice says will be owed unless it is paid in time; nothing is claimed yet

    @property
    def id(self) -> str:
        """40 hex digits of what it is: planned twice, it is the same action."""
        what = (self.creditor, self.debtor, self.day, self.flow_version, self.step, *(claimed.invoice for claimed in self.invoices))
        return hashlib.sha256(repr([str(part) for part in what]).encode()).hexdigest()[:40]


class Held(NamedTuple):
    """What did not become an action today, and why; `until` of a note says when it is looked at again."""

    debtor: int
    invoices: tuple[int, ...]
    segment: str | None
    step: str | None
    notes: tuple[Note, ...]


def to_json(value: Any) -> Any:
    """An action or part of it as JSON values: tuples with names become objects, amounts and dates text."""
    if hasattr(value, "_fields"):
        return {name: to_json(part) for name, part in zip(value._fields, value, strict=True) if part not in (None, ())}
    if isinstance(value, tuple | list):
        return [to_json(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
