"""Turns saved actions into effects of the outbox, messages and tasks, a hundred in a transaction.

An action that cannot be turned into anything (no address left, a field missing) fails alone: a person is asked, the others go on.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from einvoice.database import connect
from einvoice.errors import EInvoiceError
from einvoice.outbox import Effect, add_all
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import store
from einvoice.receivables.actions import Action
from einvoice.receivables.aftermath import book_charges
from einvoice.receivables.cases.tasks import ask
from einvoice.receivables.channels.installed import Means
from einvoice.receivables.documents.attached import Copies
from einvoice.receivables.documents.facts import Loaded, load, pay_token
from einvoice.receivables.documents.messages import HandOver, Letter, Prepared, failed, prepared
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.handover import handing
from einvoice.receivables.paying import links
from einvoice.receivables.store.tables import ACTIONS, MESSAGES

_log = logging.getLogger(__name__)
_AT_ONCE = 100
REHEARSAL = "rehearsal"
Progress = Callable[[str, int], None]


def _silent(_phase: str, _done: int) -> None:
    """Nobody watches."""


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
        self.queued.update(f"{action.flow}.{action.step} hand-over" for _ in made.effects)
        self.tasks.update(task.kind for task in made.tasks)

    def result(self) -> Dispatched:
        return Dispatched(dict(sorted(self.queued.items())), dict(sorted(self.tasks.items())), tuple(self.failures))


def dispatch(engine: Engine, creditor: int, day: date, means: Means, now: datetime, progress: Progress = _silent) -> Dispatched:
    """Turns every action that is saved and not yet on its way into effects, messages and tasks.

    Raises DatabaseError where the database cannot be used; what an action lacks is a failure in the result.
    """
    tally, done = _Tally(), 0
    while True:
        with connect(engine) as connection:
            waiting = _claimed(connection, list(islice(store.pending(connection, creditor, day), _AT_ONCE)))
            if not waiting:
                return tally.result()
            desk = _Desk(connection, _desk(connection, creditor, [stored.action for stored in waiting], means, now), day, tally)
            desk.write([(stored, made) for stored in waiting if (made := desk.composed(stored)) is not None])
        done += len(waiting)
        progress("dispatch", done)


def _claimed(connection: Connection, waiting: Sequence[store.Stored]) -> list[store.Stored]:
    """Those of the actions that are ours: of two that dispatch at once, the second finds them taken."""
    mine = update(ACTIONS).where(ACTIONS.c.id.in_([stored.id for stored in waiting]), ACTIONS.c.state == "planned")
    taken = set(connection.scalars(mine.values(state="queued").returning(ACTIONS.c.id)))
    return [stored for stored in waiting if stored.id in taken]


class _Given(NamedTuple):
    """What some actions are composed from."""

    found: Loaded
    copies: Copies
    means: Means
    now: datetime
    hand_over: HandOver | None = None

    def prepared(self, action: Action, key: str) -> Prepared:
        """What an action becomes. Raises what `messages.prepared` raises."""
        return prepared(self.found, action, key, self.means, self.now, self.hand_over, self.copies)


def _desk(connection: Connection, creditor: int, actions: Sequence[Action], means: Means, now: datetime, *, keep: bool = True) -> _Given:
    """What actions are composed from; with `keep` the dossiers of hand-overs are kept, a rehearsal writes nothing."""
    found = load(connection, creditor, actions, means.portal, means.pages, means.templates)
    hand_over = partial(handing.prepared, connection, found, means, now, keep=keep)
    return _Given(found, Copies(connection, creditor, actions, found.invoices), means, now, hand_over)


class _Desk:
    """Some actions at once, in one transaction: those that can be composed are written together, the others given up one by one."""

    def __init__(self, connection: Connection, given: _Given, day: date, tally: _Tally) -> None:
        self._connection = connection
        self._given = given
        self._found = given.found
        self._now = given.now
        self._day = day
        self._tally = tally

    def composed(self, stored: store.Stored) -> Prepared | None:
        """What an action becomes; None where it cannot, and then a person is asked."""
        try:
            return self._given.prepared(stored.action, _key(stored))
        except Exception as fault:
            self._give_up(stored, fault)
            return None

    def write(self, ready: Sequence[tuple[store.Stored, Prepared]]) -> None:
        """Writes what was composed: all at once, or one by one where that fails."""
        try:
            with self._connection.begin_nested():
                self._write(ready)
        except (OperationalError, InterfaceError):  # the database, not a debtor
            raise
        except Exception as fault:
            if len(ready) == 1:
                self._give_up(ready[0][0], fault)
                return
            for one in ready:
                self.write([one])
            return
        for stored, made in ready:
            self._tally.add(stored.action, made)

    def _write(self, ready: Sequence[tuple[store.Stored, Prepared]]) -> None:
        letters = [(stored, letter) for stored, made in ready for letter in made.letters]
        others = [effect for _, made in ready for effect in made.effects]
        add_all(self._connection, (*(letter.effect for _, letter in letters), *others), self._now)
        keys = [letter.effect.key for _, letter in letters]
        known = self._connection.execute(select(OUTBOX.c.key, OUTBOX.c.id).where(OUTBOX.c.key.in_(keys)))
        ids = {row.key: row.id for row in known}
        if letters:
            rows = [_row(stored.id, stored.action, letter, ids[letter.effect.key]) for stored, letter in letters]
            self._connection.execute(insert(MESSAGES), rows)
        self._keep_links([stored for stored, _ in ready])
        for stored, made in ready:
            for task in made.tasks:
                ask(self._connection, task, self._day)
            if not made.letters and not made.effects:  # a person has it now
                book_charges(self._connection, stored.id, stored.action, self._day, self._now)
                store.complete(self._connection, stored.id, self._day)

    def _keep_links(self, ready: Sequence[store.Stored]) -> None:
        """The links to pay that messages and scripts name."""
        if self._found.pages is None:
            return
        rows = [_link(self._found, stored, self._day) for stored in ready if stored.action.invoices and stored.action.kind != "handover"]
        links.keep(self._connection, rows)

    def _give_up(self, stored: store.Stored, fault: Exception) -> None:
        """Marks an action as failed, which frees its invoices for the next plan, and tells a person."""
        action = stored.action
        reason = str(fault) if isinstance(fault, EInvoiceError) else f"{type(fault).__name__}: {fault}"
        if not isinstance(fault, EInvoiceError):
            _log.error("action %s of debtor %s could not be turned into messages", stored.id, action.debtor, exc_info=fault)
        self._tally.failures.append(Failure(action.debtor, f"{action.flow}.{action.step}", reason))
        store.fail(self._connection, stored.id, reason, self._day)
        try:
            with self._connection.begin_nested():
                ask(self._connection, failed(self._found, action, reason), self._day)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            _log.exception("no task could be made of the failed action %s", stored.id)


def _key(stored: store.Stored) -> str:
    """An action's key: decided anew on the same day, it has another."""
    return f"{stored.id}:{stored.run}"


def _link(found: Loaded, stored: store.Stored, day: date) -> dict[str, object]:
    action = stored.action
    invoices = [claimed.invoice for claimed in action.invoices]
    token = pay_token(found, _key(stored))
    return links.row(action.creditor, action.debtor, invoices, action.currency, stored.id, spoken(action.language), token, day)


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
        "code": letter.code or None,
    }


def rehearsed(
    connection: Connection, creditor: int, actions: Iterable[Action], means: Means, now: datetime, failures: list[Failure]
) -> Iterator[tuple[Action, Prepared]]:
    """What actions would become, without anything being written; those that would fail are added to `failures`."""
    waiting = iter(actions)
    while some := list(islice(waiting, _AT_ONCE)):
        given = _desk(connection, creditor, some, means, now, keep=False)
        for action in some:
            try:
                yield action, given.prepared(action, f"{action.id}:{REHEARSAL}")
            except EInvoiceError as fault:
                failures.append(Failure(action.debtor, f"{action.flow}.{action.step}", str(fault)))


def rehearsal(effect: Effect, now: datetime) -> Effect:
    """An effect as it is sent in rehearsal: at once, for another owner under another key, so that the real one can still go out."""
    return effect._replace(key=f"{REHEARSAL}:{effect.key}", owner=REHEARSAL, not_before=None, not_after=now + timedelta(days=1))
