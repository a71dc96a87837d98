"""Hands what came to its handlers: by lease, each message by one worker at a time, its effects once.

A message is leased in a transaction of its own, so that a worker that dies with it is counted as an attempt, and the message is due
again when the lease ends. A second transaction sees that the lease is still ours, lets the handlers write, and marks it `handed`: what
they write and the mark are committed together or not at all. What fails is tried again later and later; after `ATTEMPTS`, or at once
where its document can never be taken, it is `failed`, with the reason, for a person.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from einvoice.database import connect
from einvoice.errors import DatabaseError, DocumentError, EInvoiceError
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.inbox.handlers import Handler, Preparing
from einvoice_peppol.inbox.incoming import Incoming, incoming
from einvoice_peppol.tables import INBOX

LEASE = timedelta(minutes=10)
"""How long a worker may take for one message; longer than its handlers need together."""
ATTEMPTS = 12
"""After so many a message is failed: with the back-off, some ten hours after the first."""
After = Callable[[Connection, Incoming, str | None], None]
"""Whoever is told, in the same transaction, that a message was handed over (None) or failed for good (the reason)."""
_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=2)
_REASON = 2_000
_log = logging.getLogger(__name__)
_NOW = bindparam("now", type_=INBOX.c.next_at.type)
_DUE = (
    select(INBOX)
    .where(INBOX.c.state == "received", INBOX.c.next_at <= _NOW, INBOX.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(INBOX.c.next_at, INBOX.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_DIED = (
    select(INBOX)
    .where(INBOX.c.state == "leased", INBOX.c.lease_until < _NOW, INBOX.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(INBOX.c.next_at, INBOX.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_MINE = (
    select(INBOX.c.id)
    .where(
        INBOX.c.id == bindparam("row"),
        INBOX.c.state == "leased",
        INBOX.c.worker == bindparam("name"),
        INBOX.c.attempts == bindparam("attempt"),
    )
    .with_for_update()
)
_BY_ID = update(INBOX).where(INBOX.c.id == bindparam("row"))


class Handed(NamedTuple):
    """How many messages were handed over, are to be tried again, failed for good."""

    handed: int = 0
    retried: int = 0
    failed: int = 0


def hand_over(
    engine: Engine,
    handlers: Sequence[Handler],
    worker: str,
    clock: Callable[[], datetime],
    bodies: Bodies,
    *,
    after: After | None = None,
    lease: timedelta = LEASE,
    attempts: int = ATTEMPTS,
    more: Callable[[], bool] = lambda: True,
) -> Handed:
    """Hands over everything that is due and that some handler takes, while `more` says so.

    Every handler of a message's kind gets it, in their order. Raises DatabaseError.
    """
    desk = Desk(engine, handlers, worker, bodies, after=after, lease=lease, attempts=attempts)
    done = Handed()
    while more() and (taken := desk.take(clock())) is not None:
        state = desk.hand(taken, clock)
        done = Handed(done.handed + (state == "handed"), done.retried + (state == "received"), done.failed + (state == "failed"))
    return done


class Desk:
    """Where one worker takes messages and hands them over."""

    def __init__(
        self,
        engine: Engine,
        handlers: Sequence[Handler],
        worker: str,
        bodies: Bodies,
        *,
        after: After | None = None,
        lease: timedelta = LEASE,
        attempts: int = ATTEMPTS,
        transaction: Callable[[], AbstractContextManager[Connection]] | None = None,
    ) -> None:
        """`transaction` opens one, where they take turns with others of this process; of the engine unless told."""
        self._transaction = transaction or (lambda: connect(engine))
        self._handlers = tuple(handlers)
        self._worker = worker
        self._bodies = bodies
        self._after = after
        self._lease = lease
        self._attempts = attempts
        self._kinds = sorted({kind for handler in handlers for kind in handler.kinds})

    def take(self, now: datetime) -> Incoming | None:
        """Leases the next message that is due; None where there is none. One whose workers died too often fails instead.

        Raises DatabaseError.
        """
        if not self._kinds:
            return None
        while True:
            with self._transaction() as connection:
                asked = {"now": now, "kinds": self._kinds}
                row = connection.execute(_DIED, asked).one_or_none() or connection.execute(_DUE, asked).one_or_none()
                if row is None:
                    return None
                taken = self._leased(connection, row, now)
            if taken.attempts <= self._attempts:
                return taken
            died = f"its worker {row.worker} ended while it was being handed over, {row.attempts} times"
            self._over(taken, row.reason or died, now)

    def hand(self, taken: Incoming, clock: Callable[[], datetime]) -> str:
        """Lets the handlers take a leased message; the state it has then: handed, received (to be tried again), failed, or leased
        where another worker has it by now.

        Raises DatabaseError.
        """
        try:
            for handler in self._of(taken):
                if isinstance(handler, Preparing):
                    handler.prepare(taken)
            with self._transaction() as connection:
                if not self._is_mine(connection, taken):
                    return "leased"
                return self._hand(connection, taken, clock)
        except DatabaseError:
            raise
        except Exception as fault:
            return self._failed(taken, fault, clock())

    def _hand(self, connection: Connection, taken: Incoming, clock: Callable[[], datetime]) -> str:
        change(connection, taken.id, reason=None)  # of an earlier attempt; a handler may say something of its own
        for handler in self._of(taken):
            handler.handle(connection, taken)
        change(connection, taken.id, state="handed", handed_at=clock(), worker=None, lease_until=None)
        if self._after is not None:
            self._after(connection, taken, None)
        return "handed"

    def _failed(self, taken: Incoming, fault: Exception, now: datetime) -> str:
        """What becomes of a message that its handlers did not take."""
        if not isinstance(fault, EInvoiceError):
            _log.exception("message %s of the inbox could not be handed over", taken.id, exc_info=fault)
        reason = f"{type(fault).__name__}: {fault}"
        if isinstance(fault, DocumentError) or taken.attempts >= self._attempts:
            return self._over(taken, reason, now)
        return self._put_back(taken, reason, now)

    def _over(self, taken: Incoming, reason: str, now: datetime) -> str:
        """Fails a message for good; where what follows from that fails, it stays to be tried, so that it is not forgotten."""
        try:
            with self._transaction() as connection:
                if not self._is_mine(connection, taken):
                    return "leased"
                change(connection, taken.id, state="failed", reason=reason[:_REASON], next_at=now, worker=None, lease_until=None)
                if self._after is not None:
                    self._after(connection, taken, reason)
                return "failed"
        except DatabaseError:
            raise
        except Exception as second:
            _log.exception("what follows from message %s of the inbox failed", taken.id)
            return self._put_back(taken, f"{reason}; then {type(second).__name__}: {second}", now)

    def _put_back(self, taken: Incoming, reason: str, now: datetime) -> str:
        with self._transaction() as connection:
            if not self._is_mine(connection, taken):
                return "leased"
            later = now + pause(taken.attempts)
            change(connection, taken.id, state="received", reason=reason[:_REASON], next_at=later, worker=None, lease_until=None)
            return "received"

    def _leased(self, connection: Connection, row: Row[Any], now: datetime) -> Incoming:
        attempts = row.attempts + 1
        change(connection, row.id, state="leased", attempts=attempts, worker=self._worker, lease_until=now + self._lease)
        return incoming(row, self._bodies)._replace(attempts=attempts)

    def _is_mine(self, connection: Connection, taken: Incoming) -> bool:
        asked = {"row": taken.id, "name": self._worker, "attempt": taken.attempts}
        return connection.execute(_MINE, asked).one_or_none() is not None

    def _of(self, taken: Incoming) -> list[Handler]:
        return [handler for handler in self._handlers if taken.kind in handler.kinds]


def change(connection: Connection, row: int, **values: Any) -> None:
    """Changes columns of a row of the inbox."""
    connection.execute(_BY_ID.values(**values), {"row": row})


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 10 seconds, then twice as long each time, two hours at most."""
    return min(_FIRST * (1 << min(attempts - 1, 20)), _LONGEST)
