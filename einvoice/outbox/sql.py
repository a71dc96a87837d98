"""The outbox in SQL: one transaction a message, several workers at once, and nothing is taken twice.

The transaction records what became of the last effect, takes the next that is due (SKIP LOCKED on PostgreSQL, one writer at a time on
SQLite), asks its owner, and marks it `sending`; what is withdrawn, expired or postponed is settled on the way. Only after it is
committed does a sender touch the network, so a killed worker leaves one effect `sending`: `sweep` finds it when its lease ends.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from einvoice.errors import SettingsError
from einvoice.outbox import mode, rows
from einvoice.outbox.effect import Effect, Outcome, Owner, Resend, Settled, State
from einvoice.outbox.hearing import Hearing
from einvoice.outbox.pace import Paces
from einvoice.outbox.tables import OUTBOX
from einvoice.settings import Sending, current

LEASE = timedelta(minutes=10)
"""How long a worker may take for one effect; longer than any sender's time-outs together."""
ATTEMPTS = 24
"""After so many an effect is dead: with the back-off, a day and a half after the first."""
_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=2)
_UNASKED = timedelta(minutes=5)
_AT_ONCE = 100
_DUE = (
    select(OUTBOX)
    .where(
        OUTBOX.c.state == State.PLANNED,
        OUTBOX.c.next_at <= bindparam("now", type_=OUTBOX.c.next_at.type),
        OUTBOX.c.channel.in_(bindparam("channels", expanding=True)),
        OUTBOX.c.owner.in_(bindparam("owners", expanding=True)),
    )
    .order_by(OUTBOX.c.next_at, OUTBOX.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_DIED = (
    select(OUTBOX)
    .where(OUTBOX.c.state == State.SENDING, OUTBOX.c.lease_until < bindparam("now", type_=OUTBOX.c.lease_until.type))
    .limit(_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_EXPIRED = (
    select(OUTBOX)
    .where(OUTBOX.c.state == State.PLANNED, OUTBOX.c.not_after < bindparam("now", type_=OUTBOX.c.not_after.type))
    .limit(_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_BY_ID = update(OUTBOX).where(OUTBOX.c.id == bindparam("row"))


class SqlStore:
    """The outbox of a database. Only effects of the `owners` given are taken, each with its owner's permission.

    `recognising` names the channels whose provider recognises a key that it has seen; `ceiling` is the most that may leave,
    the settings unless told; `paces` how fast.
    """

    def __init__(
        self,
        engine: Engine,
        owners: Mapping[str, Owner],
        *,
        recognising: frozenset[str] = frozenset(),
        ceiling: Sending | None = None,
        lease: timedelta = LEASE,
        attempts: int = ATTEMPTS,
        chance: random.Random | None = None,
        paces: Paces | None = None,
    ) -> None:
        self._engine = engine
        self._owners = owners
        self._recognising = recognising
        self._ceiling = ceiling or current().sending
        self._lease = lease
        self._attempts = attempts
        self._paces = paces or Paces()
        self._chance = chance or random.Random()  # noqa: S311 - it spreads retries, it keeps no secret

    def claim(self, worker: str, channels: frozenset[str], now: datetime, settled: Settled | None = None) -> Effect | None:
        """Records what became of the last effect, and takes the next; None where nothing is due, permitted and let out by the mode.

        Raises DatabaseError, OutboxError.
        """
        hearing = Hearing(self._owners)
        while True:
            taken, is_done = hearing.run(self._engine, partial(self._claimed, hearing, worker, channels, now, settled))
            if is_done:
                return taken
            settled = None

    def settle(self, settled: Settled, now: datetime) -> None:
        """Records what became of an effect.

        Raises DatabaseError; OutboxError where its state cannot become this one.
        """
        hearing = Hearing(self._owners)
        hearing.run(self._engine, lambda connection: self._settle(connection, hearing, settled, now))

    def sweep(self, now: datetime) -> int:
        """Effects whose worker died become unknown, or planned again where that is safe; expired ones are cancelled. Their number.

        Raises DatabaseError.
        """
        return self._swept(_DIED, self._bury, now) + self._swept(_EXPIRED, self._expire, now)

    def _claimed(
        self, hearing: Hearing, worker: str, channels: frozenset[str], now: datetime, settled: Settled | None, connection: Connection
    ) -> tuple[Effect | None, bool]:
        """One transaction of a claim: the effect taken, and whether the claim is done; a long row of withdrawn ones is cut in pieces."""
        if settled is not None:
            self._settle(connection, hearing, settled, now)
        try:
            allowed = mode.effective(connection, self._ceiling)
        except SettingsError:  # the mode leads nowhere: what was sent is recorded all the same, and nothing more leaves
            return None, True
        open_to_us = [channel for channel in sorted(channels) if allowed.takes(channel)]
        asked: dict[str, Any] = {"now": now, "channels": open_to_us, "owners": list(self._owners)}
        for _ in range(_AT_ONCE):
            due = connection.execute(_DUE, asked).one_or_none() if asked["channels"] else None
            if due is None:
                return None, True
            if not self._paces.has_room(connection, due.channel, now):
                asked["channels"] = [channel for channel in asked["channels"] if channel != due.channel]
            elif taken := self._take(connection, hearing, due, worker, now, allowed):
                return taken, True
        return None, False

    def _take(
        self, connection: Connection, hearing: Hearing, due: Row[Any], worker: str, now: datetime, allowed: mode.Mode
    ) -> Effect | None:
        """The effect, marked `sending`; None where it is withdrawn, expired or postponed instead."""
        if due.not_after is not None and due.not_after < now:
            self._expire(connection, hearing, due, now)
            return None
        effect = rows.effect_of(due)
        said = hearing.ask(connection, effect, now)
        if said is None or said.until is not None:
            later = now + _UNASKED if said is None or said.until is None else max(said.until, now + timedelta(seconds=1))
            connection.execute(_BY_ID.values(next_at=later), {"row": due.id})
            return None
        if said.cancel is not None:
            self._withdraw(connection, hearing, due, said.cancel, now)
            return None
        attempts, lease = due.attempts + 1, now + self._lease
        values = {"state": State.SENDING, "attempts": attempts, "worker": worker, "lease_until": lease, "redirected": allowed.address}
        connection.execute(_BY_ID.values(values), {"row": due.id})
        self._paces.took(connection, due.channel, now)
        return effect._replace(attempts=attempts, address=allowed.address or due.address, redirected=allowed.address)

    def _settle(self, connection: Connection, hearing: Hearing, settled: Settled, now: datetime) -> None:
        effect, outcome = settled
        if outcome.state is State.UNKNOWN and self._is_safe_again(effect.resend, effect.channel):
            outcome = outcome._replace(state=State.PLANNED)
            connection.execute(_BY_ID.values(doubtful=True), {"row": effect.id})
        if outcome.state is State.PLANNED and effect.attempts >= self._attempts:
            outcome = outcome._replace(state=State.DEAD)
        was = rows.settle(connection, effect, outcome, now, now + self._pause(effect.attempts, outcome.retry_after))
        if was is not None:
            hearing.tell(connection, effect, was, outcome, now)

    def _swept(self, which: Any, how: Callable[[Connection, Hearing, Row[Any], datetime], None], now: datetime) -> int:
        hearing, swept = Hearing(self._owners), 0

        def some(connection: Connection) -> int:
            found = connection.execute(which, {"now": now}).all()
            for row in found:
                how(connection, hearing, row, now)
            return len(found)

        while count := hearing.run(self._engine, some):
            swept += count
        return swept

    def _bury(self, connection: Connection, hearing: Hearing, row: Row[Any], now: datetime) -> None:
        state = State.UNKNOWN
        if self._is_safe_again(Resend(row.resend), row.channel):
            state = State.PLANNED if row.attempts < self._attempts else State.DEAD
            connection.execute(_BY_ID.values(doubtful=True), {"row": row.id})
        outcome = Outcome(state, reason=f"its worker {row.worker} ended while it was being sent")
        self._change(connection, hearing, row, outcome, now)

    def _expire(self, connection: Connection, hearing: Hearing, row: Row[Any], now: datetime) -> None:
        self._withdraw(connection, hearing, row, "its time passed before it was sent", now)

    def _withdraw(self, connection: Connection, hearing: Hearing, row: Row[Any], reason: str, now: datetime) -> None:
        """Cancels an effect; one of which an attempt may have arrived is unknown: whoever planned it anew would send it twice."""
        state = State.UNKNOWN if row.doubtful else State.CANCELLED
        self._change(connection, hearing, row, Outcome(state, reason=reason), now)

    def _change(self, connection: Connection, hearing: Hearing, row: Row[Any], outcome: Outcome, now: datetime) -> None:
        rows.change(connection, row, outcome, now)
        hearing.tell(connection, rows.effect_of(row), State(row.state), outcome, now)

    def _is_safe_again(self, resend: Resend, channel: str) -> bool:
        return resend is Resend.SAME_BYTES or channel in self._recognising

    def _pause(self, attempts: int, stated: float | None) -> timedelta:
        """How long to wait before the next attempt: what the other side said, else twice as long as before, spread by chance."""
        if stated is not None:
            return timedelta(seconds=stated)
        longest = min(_FIRST.total_seconds() * 2 ** min(attempts - 1, 20), _LONGEST.total_seconds())
        return timedelta(seconds=longest * self._chance.uniform(0.5, 1.0))
