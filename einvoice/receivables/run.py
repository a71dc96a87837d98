"""The run of a day: settle what is left over, move the clocks, plan, save, turn into messages, send what is due.

Every phase has its own transactions and begins with what the one before left in the database, so a run that is killed anywhere is
finished by the next; started twice on a day, the second adds nothing. What fails of one debtor is in the report, the others go on.

| Mode | What a run does |
|---|---|
| dry_run | plans, and writes nothing of it |
| redirect | plans, and mails what would go out to the one address; no step counts as taken |
| live | all of it |
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, insert, select, update

from einvoice.database import connect, reading
from einvoice.errors import ReceivablesError, SettingsError
from einvoice.outbox import Counts, Owner, Sender, SqlStore, State, add_all, mode, publishing, relay, webhooks
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import store
from einvoice.receivables.actions import Action
from einvoice.receivables.aftermath import expire, reconcile, settle_tasks
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.deliveries import deliveries
from einvoice.receivables.channels.installed import Means, installed, means
from einvoice.receivables.day import Setting, expected, planned, setting
from einvoice.receivables.dispatch import REHEARSAL, Dispatched, Failure, Progress, dispatch, rehearsal, rehearsed
from einvoice.receivables.documents.messages import OWNER, Letter
from einvoice.receivables.guard import ReceivablesOwner, RehearsalOwner
from einvoice.receivables.handover import handing
from einvoice.receivables.handover.owner import HandoverOwner
from einvoice.receivables.handover.recalling import recall
from einvoice.receivables.incoming.hearing import AFTER, afterwards, retry
from einvoice.receivables.incoming.mailboxes import look
from einvoice.receivables.law import Laws
from einvoice.receivables.lease import Lease
from einvoice.receivables.paying import prenotice, settling
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import POLICIES, RUNS
from einvoice.settings import Settings

_log = logging.getLogger(__name__)
Preview = Callable[[Action, Letter], None] | None


class Report(NamedTuple):
    """What a run did. Counts are by "flow.step channel" (planned, queued), by kind (tasks), by reason (held).

    `busy` names the run that is at work where this one did nothing; `waiting` are messages that go out later today, `later` when the
    first of them may.
    """

    creditor: str
    day: date
    mode: str
    busy: str | None = None
    run: int | None = None
    planned: Mapping[str, int] = {}
    saved: int = 0
    held: Mapping[str, int] = {}
    queued: Mapping[str, int] = {}
    tasks: Mapping[str, int] = {}
    clocks: Mapping[str, int] = {}
    sent: Counts = Counts()
    waiting: int = 0
    later: datetime | None = None
    failures: tuple[Failure, ...] = ()


def _silent(_phase: str, _done: int) -> None:
    """Nobody watches."""


def run(
    engine: Engine,
    creditor: str,
    policy: Policy,
    law: Laws,
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    silent: bool = False,
    progress: Progress = _silent,
    preview: Preview = None,
) -> Report:
    """Runs the day of a creditor, by its key, in the mode in force (`silent`: as dry_run, whatever the mode).

    `clock` gives aware times; the day is the creditor's. `preview` is handed every message that would go out, where nothing does.
    Raises DatabaseError where the database cannot be used, ReceivablesError where there is no such creditor.
    """
    work = setting(engine, creditor, policy, law, settings, clock)
    with reading(engine) as connection:
        now_in = mode.DRY_RUN if silent else mode.effective(connection, settings.sending).name
    report = Report(creditor, work.day, now_in)
    lease = Lease(engine, f"run:{work.creditor}", clock)
    if busy := lease.taken_by():
        return report._replace(busy=busy)
    try:
        return _PHASES[now_in](work, report, lease, progress, preview)
    finally:
        lease.release()


def _dry(work: Setting, report: Report, lease: Lease, progress: Progress, preview: Preview) -> Report:
    """Plans, composes, and shows; the clocks of cases run all the same."""
    clocks = _clocks(work, lease)
    found = planned(work, progress=progress)
    here = means(work.settings, frozenset(installed(work.settings)))
    failures = [*found.failures]
    with reading(work.engine) as connection:
        for action, made in rehearsed(connection, work.creditor, found.actions, here, work.clock(), failures):
            if preview is not None:
                for letter in made.letters:
                    preview(action, letter)
    shown = expected(found.actions, here.channels)
    return report._replace(planned=shown, held=found.held, failures=tuple(failures), clocks=clocks)


def _redirect(work: Setting, report: Report, lease: Lease, progress: Progress, preview: Preview) -> Report:  # noqa: ARG001 - one signature
    """Everything that fits the address goes there, as a rehearsal: no step is taken, the real message can still go out."""
    clocks = _clocks(work, lease, mailboxes=True)
    found = planned(work, late=True, progress=progress)
    here = means(work.settings, frozenset(installed(work.settings)))
    queued: Counter[str] = Counter()
    failures, now = [*found.failures], work.clock()
    with connect(work.engine) as connection:
        allowed = mode.effective(connection, work.settings.sending)
        for action, made in rehearsed(connection, work.creditor, found.actions, here, now, failures):
            fitting = [letter for letter in made.letters if allowed.takes(letter.channel)]
            queued.update(f"{action.flow}.{action.step} {letter.channel}" for letter in fitting)
            add_all(connection, (rehearsal(letter.effect, now) for letter in fitting), now)
    sent = _relay(work, lease, {REHEARSAL: RehearsalOwner()})
    shown = expected(found.actions, here.channels)
    found_out = report._replace(planned=shown, held=found.held, failures=tuple(failures), clocks=clocks)
    return found_out._replace(queued=dict(queued), sent=sent)


def _live(work: Setting, report: Report, lease: Lease, progress: Progress, preview: Preview) -> Report:  # noqa: ARG001 - one signature
    clocks = _clocks(work, lease, mailboxes=True)
    here = means(work.settings, frozenset(installed(work.settings)))
    found = planned(work, progress=progress)
    with _recorded(work, report.mode) as run_id:
        saved = store.save_all(work.engine, run_id, found.actions)
        done = _dispatched(work, here, lease, progress)
        clocks |= _recalled(work, here)
        sent = _relay(work, lease, _owners(work))
        waiting, later = _waiting(work)
        made = report._replace(
            run=run_id,
            planned=expected(found.actions, here.channels),
            saved=saved.saved,
            held=found.held,
            queued=done.queued,
            tasks=done.tasks,
            clocks=clocks,
            sent=sent,
            waiting=waiting,
            later=later,
            failures=(*found.failures, *done.failures),
        )
        _finish(work, run_id, made)
    return made


_PHASES: Mapping[str, Callable[[Setting, Report, Lease, Progress, Preview], Report]] = {
    mode.DRY_RUN: _dry,
    mode.REDIRECT: _redirect,
    mode.LIVE: _live,
}


def _recalled(work: Setting, here: Means) -> Mapping[str, int]:
    """Tells agencies of what was paid since they got it."""
    with connect(work.engine) as connection:
        return recall(connection, work.creditor, here, work.day, work.clock())


def _owners(work: Setting) -> dict[str, Owner]:
    return {
        OWNER: ReceivablesOwner(work.law),
        handing.OWNER: HandoverOwner(),
        prenotice.OWNER: prenotice.DebitOwner(),
        publishing.OWNER: webhooks.WebhookOwner(),
    }


def _senders(work: Setting) -> dict[str, Sender]:
    return {**installed(work.settings), **webhooks.senders(work.settings.webhooks)}


def _clocks(work: Setting, lease: Lease, *, mailboxes: bool = False) -> dict[str, int]:
    """What is left over of runs that ended early, then what time has brought: bounces, deliveries, disputes, promises, plans.

    `mailboxes` says whether those of the settings are read, which marks their mails.
    """
    SqlStore(work.engine, _owners(work), recognising=_recognising(work)).sweep(work.clock())
    counts: Counter[str] = Counter(_mails(work, lease) if mailboxes else ())
    phases: tuple[Callable[[Any], Mapping[str, int]], ...] = (
        lambda connection: retry(connection, work.clock(), work.law),
        lambda connection: reconcile(connection, work.creditor, work.clock(), work.law),
        lambda connection: expire(connection, work.creditor, work.clock()),
        lambda connection: tick(connection, work.creditor, work.policy, work.day, work.clock()),
        lambda connection: deliveries(connection, work.day, work.clock()),
        lambda connection: settle_tasks(connection, work.creditor, work.day),
    )
    for phase in phases:
        with connect(work.engine) as connection:
            counts.update(phase(connection))
        lease.keep()
    return {name: count for name, count in sorted(counts.items()) if count}


def _mails(work: Setting, lease: Lease) -> Counter[str]:
    """What arrived in the mailboxes of bounces, and what providers are asked about; a mailbox that cannot be read stops no run."""
    counts: Counter[str] = Counter()
    try:
        found = look(work.engine, work.settings, work.clock(), work.law, lambda _phase, _done: lease.keep())
        counts.update({f"mails.{name}": count for name, count in found.items()})
    except (ReceivablesError, SettingsError) as fault:
        _log.warning("%s", fault)
        counts["mailboxes.unreadable"] += 1
    afterwards(work.engine, AFTER, work.settings, work.clock())
    counts.update(_payments(work))
    return counts


def _payments(work: Setting) -> Mapping[str, int]:
    """What became of payments by link whose webhook may have been lost; a provider in trouble stops no run."""
    try:
        return settling.catch_up(work.engine, work.settings, work.clock())
    except (ReceivablesError, SettingsError) as fault:
        _log.warning("%s", fault)
        return {}


def _recognising(work: Setting) -> frozenset[str]:
    return frozenset(channel for channel, sender in _senders(work).items() if sender.recognises_keys)


def _dispatched(work: Setting, here: Means, lease: Lease, progress: Progress) -> Dispatched:
    def on(phase: str, done: int) -> None:
        lease.keep()
        progress(phase, done)

    return dispatch(work.engine, work.creditor, work.day, here, work.clock(), on)


def _relay(work: Setting, lease: Lease, owners: Mapping[str, Owner]) -> Counts:
    """Sends what is due until nothing is, or until another run has the lease."""
    return relay(
        work.engine,
        lambda: _senders(work),
        owners,
        work.clock,
        workers=work.settings.sending.workers,
        ceiling=work.settings.sending,
        stopped=lambda: not lease.keep(),
    )


def _waiting(work: Setting) -> tuple[int, datetime | None]:
    """How many messages to debtors are planned, and when the first may go out."""
    mine = (OUTBOX.c.owner == OWNER, OUTBOX.c.state == State.PLANNED.value)
    with reading(work.engine) as connection:
        row = connection.execute(select(func.count(), func.min(OUTBOX.c.next_at, type_=OUTBOX.c.next_at.type)).where(*mine)).one()
    return int(row[0]), row[1]


@contextmanager
def _recorded(work: Setting, in_mode: str) -> Iterator[int]:
    """A run's row, and the policy that decides in it."""
    policy = {"hash": work.policy.hash, "name": work.policy.name, "text": work.policy.text or work.policy.model_dump_json()}
    with connect(work.engine) as connection:
        if connection.scalar(select(POLICIES.c.hash).where(POLICIES.c.hash == work.policy.hash)) is None:
            connection.execute(insert(POLICIES).values(**policy, first_used_at=work.clock()))
        row = {"creditor_id": work.creditor, "day": work.day, "policy": work.policy.hash, "mode": in_mode, "started_at": work.clock()}
        made = connection.execute(insert(RUNS).values(row)).inserted_primary_key
    assert made is not None
    yield int(made[0])


def _finish(work: Setting, run_id: int, report: Report) -> None:
    counts = {
        "planned": dict(report.planned),
        "saved": report.saved,
        "held": dict(report.held),
        "queued": dict(report.queued),
        "tasks": dict(report.tasks),
        "sent": report.sent.sent + report.sent.delivered,
        "unknown": report.sent.unknown,
        "failed": report.sent.failed,
        "failures": len(report.failures),
    }
    with connect(work.engine) as connection:
        connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(finished_at=work.clock(), counts=counts))
