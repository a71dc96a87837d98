"""The outbox in SQL: one transaction a message, several workers at once, and nothing is taken twice.

The transaction records what became of the last effect, takes the next that is due (SKIP LOCKED on PostgreSQL, one writer at a time on
SQLite), asks its owner, and marks it `sending`; what is withdrawn, expired or postponed is settled on the way. Only after it is
committed does a sender touch the network, so a killed worker leaves one effect `sending`: `sweep` finds it when its lease ends.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from einvoice.database import connect
from einvoice.outbox import mode, rows
from einvoice.outbox.effect import Effect, Outcome, Owner, Resend, Settled, State
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
_TAKE = update(OUTBOX).where(OUTBOX.c.id == bindparam("row"))


class SqlStore:
    """The outbox of a database. Only effects of the `owners` given are taken, each with its owner's permission.

    `recognising` names the channels whose provider recognises a key that it has seen; `ceiling` is the most that may leave,
    the settings unless told.
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
    ) -> None:
        self._engine = engine
        self._owners = owners
        self._recognising = recognising
        self._ceiling = ceiling or current().sending
        self._lease = lease
        self._attempts = attempts
        self._chance = chance or random.Random()  # noqa: S311 - it spreads retries, it keeps no secret

    def claim(self, worker: str, channels: frozenset[str], now: datetime, settled: Settled | None = None) -> Effect | None:
        """Records what became of the last effect, and takes the next; None where nothing is due, permitted and let out by the mode.

        Raises DatabaseError, OutboxError.
        """
        while True:
            with connect(self._engine) as connection:
                if settled is not None:
                    self._settle(connection, settled, now)
                    settled = None
                allowed = mode.effective(connection, self._ceiling)
                open_now = [channel for channel in sorted(channels) if allowed.takes(channel)]
                for _ in range(_AT_ONCE):
                    due = connection.execute(_DUE, {"now": now, "channels": open_now, "owners": list(self._owners)}).one_or_none()
                    if due is None:
                        return None
                    if taken := self._take(connection, due, worker, now, allowed):
                        return taken

    def settle(self, settled: Settled, now: datetime) -> None:
        """Records what became of an effect.

        Raises DatabaseError; OutboxError where its state cannot become this one.
        """
        with connect(self._engine) as connection:
            self._settle(connection, settled, now)

    def sweep(self, now: datetime) -> int:
        """Effects whose worker died become unknown, or planned again where that is safe; expired ones are cancelled. Their number.

        Raises DatabaseError.
        """
        return self._swept(_DIED, self._bury, now) + self._swept(_EXPIRED, self._expire, now)

    def _take(self, connection: Connection, due: Row[Any], worker: str, now: datetime, allowed: mode.Mode) -> Effect | None:
        """The effect, marked `sending`; None where it is withdrawn, expired or postponed instead."""
        if due.not_after is not None and due.not_after < now:
            self._expire(connection, due, now)
            return None
        effect = rows.effect_of(due)
        said = rows.permitted(connection, self._owners[due.owner], effect, now)
        if said is None or said.until is not None:
            later = now + _UNASKED if said is None or said.until is None else max(said.until, now + timedelta(seconds=1))
            connection.execute(_TAKE.values(next_at=bindparam("later", type_=OUTBOX.c.next_at.type)), {"row": due.id, "later": later})
            return None
        if said.cancel is not None:
            rows.change(connection, due, Outcome(State.CANCELLED, reason=said.cancel), now, self._owners)
            return None
        values = {
            "state": State.SENDING,
            "attempts": due.attempts + 1,
            "worker": worker,
            "lease_until": now + self._lease,
            "redirected": allowed.address,
        }
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == due.id).values(values))
        return effect._replace(attempts=due.attempts + 1, address=allowed.address or due.address, redirected=allowed.address)

    def _settle(self, connection: Connection, settled: Settled, now: datetime) -> None:
        effect, outcome = settled
        if outcome.state is State.UNKNOWN and self._is_safe_again(effect.resend, effect.channel):
            outcome = outcome._replace(state=State.PLANNED)
        if outcome.state is State.PLANNED and effect.attempts >= self._attempts:
            outcome = outcome._replace(state=State.DEAD)
        rows.settle(connection, effect, outcome, now, self._owners, now + self._pause(effect.attempts, outcome.retry_after))

    def _swept(self, which: Any, how: Any, now: datetime) -> int:
        swept = 0
        while True:
            with connect(self._engine) as connection:
                found = connection.execute(which, {"now": now}).all()
                for row in found:
                    how(connection, row, now)
            swept += len(found)
            if len(found) < _AT_ONCE:
                return swept

    def _bury(self, connection: Connection, row: Row[Any], now: datetime) -> None:
        state = State.UNKNOWN
        if self._is_safe_again(Resend(row.resend), row.channel):
            state = State.PLANNED if row.attempts < self._attempts else State.DEAD
        rows.change(connection, row, Outcome(state, reason=f"its worker {row.worker} ended while it was being sent"), now, self._owners)

    def _expire(self, connection: Connection, row: Row[Any], now: datetime) -> None:
        rows.change(connection, row, Outcome(State.CANCELLED, reason="its time passed before it was sent"), now, self._owners)

    def _is_safe_again(self, resend: Resend, channel: str) -> bool:
        return resend is Resend.SAME_BYTES or channel in self._recognising

    def _pause(self, attempts: int, stated: float | None) -> timedelta:
        """How long to wait before the next attempt: what the other side said, else twice as long as before, spread by chance."""
        if stated is not None:
            return timedelta(seconds=stated)
        longest = min(_FIRST.total_seconds() * 2 ** min(attempts - 1, 20), _LONGEST.total_seconds())
        return timedelta(seconds=longest * self._chance.uniform(0.5, 1.0))
