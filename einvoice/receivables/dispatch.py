"""Turns saved actions into effects of the outbox, messages and tasks: an action at a time behind a savepoint, many a transaction.

An action that cannot be turned into anything (no address left, a field missing) fails alone: a person is asked, the others go on.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import InterfaceError, OperationalError

from einvoice.database import connect
from einvoice.errors import EInvoiceError
from einvoice.outbox import Effect, add
from einvoice.receivables import store
from einvoice.receivables.actions import Action
from einvoice.receivables.aftermath import book_charges
from einvoice.receivables.cases.tasks import ask
from einvoice.receivables.channels.installed import Means
from einvoice.receivables.documents.facts import Loaded, load
from einvoice.receivables.documents.messages import Letter, Prepared, failed, prepared
from einvoice.receivables.store.tables import MESSAGES

_log = logging.getLogger(__name__)
_AT_ONCE = 100
REHEARSAL = "rehearsal"
Progress = Callable[[str, int], None]


class Failure(NamedTuple):
    """An action that came to nothing, and why."""

    debtor: int
    step: str
    reason: str


class Dispatched(NamedTuple):
    """What went into the outbox (by "flow.step channel"), what people were asked (by kind), and what failed."""

    queued: Mapping[str, int]
    tasks: Mapping[str, int]
    failures: tuple[Failure, ...]


class _Tally:
    def __init__(self) -> None:
        self.queued: Counter[str] = Counter()
        self.tasks: Counter[str] = Counter()
        self.failures: list[Failure] = []

    def add(self, action: Action, made: Prepared) -> None:
        self.queued.update(f"{action.flow}.{action.step} {letter.channel}" for letter in made.letters)
        self.tasks.update(task.kind for task in made.tasks)

    def result(self) -> Dispatched:
        return Dispatched(dict(sorted(self.queued.items())), dict(sorted(self.tasks.items())), tuple(self.failures))


def dispatch(engine: Engine, creditor: int, day: date, means: Means, now: datetime, progress: Progress = lambda *_: None) -> Dispatched:
    """Turns every action that is saved and not yet on its way into effects, messages and tasks.

    Raises DatabaseError where the database cannot be used; what an action lacks is a failure in the result.
    """
    tally, done = _Tally(), 0
    while True:
        with connect(engine) as connection:
            waiting = list(islice(store.pending(connection, creditor, day), _AT_ONCE))
            if not waiting:
                return tally.result()
            found = load(connection, creditor, [stored.action for stored in waiting], means.portal)
            for stored in waiting:
                _one(connection, found, stored, means, now, day, tally)
        done += len(waiting)
        progress("dispatch", done)


def _one(connection: Connection, found: Loaded, stored: store.Stored, means: Means, now: datetime, day: date, tally: _Tally) -> None:
    key, action = stored.id, stored.action
    try:
        with connection.begin_nested():
            if not store.queue(connection, key):  # of two that dispatch at once, the second finds it taken
                return
            made = prepared(found, action, f"{key}:{stored.run}", means, now)
            _write(connection, key, action, made, now, day)
    except (OperationalError, InterfaceError):  # the database, not this debtor
        raise
    except Exception as fault:
        reason = str(fault) if isinstance(fault, EInvoiceError) else f"{type(fault).__name__}: {fault}"
        if not isinstance(fault, EInvoiceError):
            _log.exception("action %s of debtor %s could not be turned into messages", key, action.debtor)
        tally.failures.append(Failure(action.debtor, f"{action.flow}.{action.step}", reason))
        _give_up(connection, found, key, action, reason, day)
    else:
        tally.add(action, made)


def _write(connection: Connection, key: str, action: Action, made: Prepared, now: datetime, day: date) -> None:
    for letter in made.letters:
        connection.execute(insert(MESSAGES).values(_row(key, action, letter, add(connection, letter.effect, now))))
    for task in made.tasks:
        ask(connection, task, day)
    if not made.letters:  # a person has it now
        book_charges(connection, key, action, day, now)
        store.complete(connection, key, day)


def _row(key: str, action: Action, letter: Letter, effect: int) -> dict[str, object]:
    return {
        "action_id": key,
        "debtor_id": action.debtor,
        "contact_id": letter.contact,
        "channel": letter.channel,
        "outbox_id": effect,
        "template": letter.template,
        "document": letter.document,
        "state": "planned",
    }


def _give_up(connection: Connection, found: Loaded, key: str, action: Action, reason: str, day: date) -> None:
    """Marks an action as failed, which frees its invoices for the next plan, and tells a person."""
    store.fail(connection, key, reason, day)
    try:
        with connection.begin_nested():
            ask(connection, failed(found, action, reason), day)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _log.exception("no task could be made of the failed action %s", key)


def rehearsed(
    connection: Connection, creditor: int, actions: Iterable[Action], means: Means, now: datetime, failures: list[Failure]
) -> Iterator[tuple[Action, Prepared]]:
    """What actions would become, without anything being written; those that would fail are added to `failures`."""
    waiting = iter(actions)
    while some := list(islice(waiting, _AT_ONCE)):
        found = load(connection, creditor, some, means.portal)
        for action in some:
            try:
                yield action, prepared(found, action, f"{action.id}:{REHEARSAL}", means, now)
            except EInvoiceError as fault:
                failures.append(Failure(action.debtor, f"{action.flow}.{action.step}", str(fault)))


def rehearsal(effect: Effect, now: datetime) -> Effect:
    """An effect as it is sent in rehearsal: at once, for another owner under another key, so that the real one can still go out."""
    return effect._replace(key=f"{REHEARSAL}:{effect.key}", owner=REHEARSAL, not_before=None, not_after=now + timedelta(days=1))
