"""A creditor's day: what it is worked out from, and the plan of it, nothing written."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from einvoice.database import reading
from einvoice.errors import ReceivablesError
from einvoice.receivables import store
from einvoice.receivables.actions import Action, Held
from einvoice.receivables.dispatch import Failure, Progress
from einvoice.receivables.law import Laws
from einvoice.receivables.planning import horizon, plan
from einvoice.receivables.policy import Policy
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store import collector
from einvoice.receivables.store.tables import CREDITORS
from einvoice.settings import Settings

_log = logging.getLogger(__name__)


def _silent(_phase: str, _done: int) -> None:
    """Nobody watches."""


class Planned(NamedTuple):
    """What a day's plan came to: its actions, what was held by reason, who could not be planned."""

    actions: list[Action]
    held: Mapping[str, int]
    failures: tuple[Failure, ...]


class Setting(NamedTuple):
    """What a run works with."""

    engine: Engine
    creditor: int
    key: str
    policy: Policy
    law: Laws
    settings: Settings
    clock: Callable[[], datetime]
    day: date


def setting(engine: Engine, creditor: str, policy: Policy, law: Laws, settings: Settings, clock: Callable[[], datetime]) -> Setting:
    """What a run of a creditor works with; its day is the creditor's today.

    Raises ReceivablesError where there is no such creditor.
    """
    with reading(engine) as connection:
        row = connection.execute(select(CREDITORS).where(CREDITORS.c.key == creditor)).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no creditor {creditor!r}; add it with: einvoice receivables creditor add {creditor}")
    day = clock().astimezone(ZoneInfo(row.time_zone)).date()
    return Setting(engine, row.id, creditor, policy, law, settings, clock, day)


def planned(work: Setting, *, late: bool = False, progress: Progress = _silent) -> Planned:
    """The plan of the day, nothing written; `late` plans as if the hours of contact were still to come."""
    held: Counter[str] = Counter()
    failures: list[Failure] = []

    def hold(what: Held) -> None:
        held.update({note.code for note in what.notes})

    def fail(debtor: DebtorSnapshot, fault: Exception) -> None:
        _log.info("debtor %s could not be planned", debtor.key, exc_info=fault)
        failures.append(Failure(debtor.id, "plan", f"{type(fault).__name__}: {fault}"))

    with reading(work.engine) as connection, collector.paused():
        due_by = horizon(work.policy, work.day)
        debtors = _counted(store.snapshots(connection, work.creditor, work.day, due_by=due_by), progress)
        now = None if late else work.clock()
        actions = list(plan(debtors, work.policy, work.law, work.day, held=hold, failed=fail, now=now))
    return Planned(actions, dict(sorted(held.items())), tuple(failures))


def expected(actions: Iterable[Action], channels: frozenset[str]) -> dict[str, int]:
    """How many messages and tasks actions come to, by "flow.step channel"; what no channel here can send is a task."""
    counts: Counter[str] = Counter()
    for action in actions:
        name = f"{action.flow}.{action.step}"
        for message in action.messages:
            way = next((channel for channel in (message.channel, *message.instead) if channel in channels), None)
            counts[f"{name} {way or f'task ({message.channel})'}"] += 1
        if not action.messages:
            counts[f"{name} {f'hand-over to {action.handover}' if action.kind == 'handover' else f'task ({action.task})'}"] += 1
    return dict(sorted(counts.items()))


def _counted(debtors: Iterable[DebtorSnapshot], progress: Progress) -> Iterator[DebtorSnapshot]:
    for number, debtor in enumerate(debtors, 1):
        if number % 1000 == 0:
            progress("plan", number)
        yield debtor
