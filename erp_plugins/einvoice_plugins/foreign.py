"""The one outbox over an ERP's own table, in the ERP's own transactions: `einvoice.outbox.Store`, of five methods that an ERP writes.

The states, policies and leases are those of the SQL store (`einvoice.outbox.sql`), written once more over `Rows`, so that a plugin
only finds, locks and changes rows of its ERP. An effect is planned by creating a row with `planned(effect, now)` in the transaction of
what it belongs to: what is rolled back was never planned. The ERP's cron then calls `einvoice.outbox.relaying.deliver(store, …)`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol

from einvoice.errors import OutboxError, SettingsError
from einvoice.outbox.effect import NEXT, Effect, Outcome, Owner, Permission, Resend, Settled, State
from einvoice.outbox.hearing import Hearing
from einvoice.outbox.mode import Mode
from einvoice.outbox.sql import ATTEMPTS, LEASE

_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=2)
_UNASKED = timedelta(minutes=5)
_AT_ONCE = 100
_ARRIVED = frozenset({State.SENT, State.DELIVERED})


class Row(NamedTuple):
    """A row of the ERP's table of effects, whose columns have these names; `key` is unique. Moments are UTC, with or without saying so."""

    id: int
    key: str
    owner: str
    subject: str
    channel: str
    address: str
    payload: bytes
    headers: Mapping[str, Any]
    resend: str
    state: str
    next_at: datetime
    attempts: int = 0
    not_after: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    provider: str | None = None
    proof: str | None = None
    reason: str | None = None
    redirected: str | None = None
    doubtful: bool = False  # an attempt may have arrived, nobody knows
    created_at: datetime | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def effect(self) -> Effect:
        """The effect that the row holds."""
        return Effect(
            key=self.key,
            owner=self.owner,
            subject=self.subject,
            channel=self.channel,
            address=self.address,
            payload=self.payload,
            headers=self.headers,
            resend=Resend(self.resend),
            not_before=_utc(self.next_at),
            not_after=_utc(self.not_after) if self.not_after else None,
            id=self.id,
            attempts=self.attempts,
            redirected=self.redirected,
            proof=self.proof,
        )


class Rows(Protocol):
    """The ERP's table of effects within one transaction of the ERP; every row given is locked until it ends.

    `handle` is what owners are given of the transaction: a cursor, a pool, a Connection.
    """

    @property
    def handle(self) -> Any:
        """The transaction, as owners know it."""

    def due(self, channels: Sequence[str], owners: Sequence[str], now: datetime) -> Row | None:
        """The first planned row by `next_at` and `id` with `next_at` ≤ now, of these channels and owners, that nobody else has locked."""

    def by_id(self, row: int) -> Row | None:
        """A row."""

    def change(self, row: int, values: Mapping[str, Any]) -> None:
        """Writes columns of a row."""

    def expired(self, now: datetime, most: int) -> Sequence[Row]:
        """Planned rows with `not_after` < now that nobody else has locked."""

    def died(self, now: datetime, most: int) -> Sequence[Row]:
        """Rows that are being sent with `lease_until` < now and that nobody else has locked."""


Begin = Callable[[], AbstractContextManager[Rows]]
"""Opens a transaction of the ERP: committed where the block ends well, rolled back where it raises."""


def planned(effect: Effect, now: datetime) -> dict[str, Any]:
    """The columns of a new row. Its key is unique, so where a row has it already none is created: the effect was asked for before."""
    return {
        "key": effect.key,
        "owner": effect.owner,
        "subject": effect.subject,
        "channel": effect.channel,
        "address": effect.address,
        "payload": effect.payload,
        "headers": dict(effect.headers),
        "resend": effect.resend.value,
        "state": State.PLANNED.value,
        "next_at": max(effect.not_before or now, now),
        "not_after": effect.not_after,
        "created_at": now,
        "attempts": 0,
        "doubtful": False,
    }


def cancel(rows: Rows, row: int, reason: str, now: datetime) -> bool:
    """Withdraws an effect that is still planned; False where it is settled, on its way, or may have arrived."""
    found = rows.by_id(row)
    if found is None or found.state != State.PLANNED or found.doubtful:
        return False
    rows.change(row, {"state": State.CANCELLED.value, "reason": reason, "settled_at": now})
    return True


def report(rows: Rows, row: int, outcome: Outcome, now: datetime, owners: Mapping[str, Owner]) -> None:
    """Records what is heard later of an effect: a bounce, a report of delivery, a person's word. The same news again changes nothing.

    Raises OutboxError where there is no such effect and where its state cannot become this one; and whatever its owner raises.
    """
    found = rows.by_id(row)
    if found is None:
        raise OutboxError(f"there is no effect {row} in the outbox")
    if found.state != outcome.state:
        _change(rows, found, outcome, now, now)
        if owner := owners.get(found.owner):
            owner.happened(rows.handle, found.effect, State(found.state), outcome, now)


class ForeignStore:
    """The outbox in an ERP. Only effects of the `owners` given are taken, each with its owner's permission.

    `begin` opens the ERP's transactions; `allowed` says within one what may leave (its handle is given): `Mode("live")`,
    `Mode("redirect", ADDRESS)`, or nothing in `Mode()`. `recognising` names channels whose provider recognises a key that it has seen.
    """

    def __init__(
        self,
        begin: Begin,
        owners: Mapping[str, Owner],
        allowed: Callable[[Any], Mode],
        *,
        recognising: frozenset[str] = frozenset(),
        lease: timedelta = LEASE,
        attempts: int = ATTEMPTS,
        chance: random.Random | None = None,
    ) -> None:
        self._begin = begin
        self._owners = owners
        self._allowed = allowed
        self._recognising = recognising
        self._lease = lease
        self._attempts = attempts
        self._chance = chance or random.Random()  # noqa: S311 - it spreads retries, it keeps no secret

    def claim(self, worker: str, channels: frozenset[str], now: datetime, settled: Settled | None = None) -> Effect | None:
        """Records what became of the last effect, and takes the next; None where nothing is due, permitted and let out by the mode.

        Raises OutboxError, and what the ERP's transaction raises.
        """
        hearing = Hearing(self._owners)
        while True:
            taken, is_done = hearing.within(self._begin, partial(self._claimed, hearing, worker, channels, now, settled))
            if is_done:
                return taken
            settled = None

    def settle(self, settled: Settled, now: datetime) -> None:
        """Records what became of an effect.

        Raises OutboxError where its state cannot become this one.
        """
        hearing = Hearing(self._owners)
        hearing.within(self._begin, lambda rows: self._settle(rows, hearing, settled, now))

    def sweep(self, now: datetime) -> int:
        """Effects whose worker died become unknown, or planned again where that is safe; expired ones are cancelled. Their number."""
        hearing = Hearing(self._owners)

        def died(rows: Rows) -> int:
            found = rows.died(now, _AT_ONCE)
            for row in found:
                self._bury(rows, hearing, row, now)
            return len(found)

        def expired(rows: Rows) -> int:
            found = rows.expired(now, _AT_ONCE)
            for row in found:
                self._expire(rows, hearing, row, now)
            return len(found)

        return self._swept(hearing, died) + self._swept(hearing, expired)

    def _swept(self, hearing: Hearing, some: Callable[[Rows], int]) -> int:
        swept = 0
        while count := hearing.within(self._begin, some):
            swept += count
        return swept

    def _claimed(
        self, hearing: Hearing, worker: str, channels: frozenset[str], now: datetime, settled: Settled | None, rows: Rows
    ) -> tuple[Effect | None, bool]:
        """One transaction of a claim: the effect taken, and whether the claim is done; a long row of withdrawn ones is cut in pieces."""
        if settled is not None:
            self._settle(rows, hearing, settled, now)
        try:
            mode = self._allowed(rows.handle)
        except SettingsError:  # the mode leads nowhere: what was sent is recorded all the same, and nothing more leaves
            return None, True
        open_to_us = [channel for channel in sorted(channels) if mode.takes(channel)]
        for _ in range(_AT_ONCE):
            due = rows.due(open_to_us, sorted(self._owners), now) if open_to_us else None
            if due is None:
                return None, True
            if taken := self._take(rows, hearing, due, worker, now, mode):
                return taken, True
        return None, False

    def _take(self, rows: Rows, hearing: Hearing, due: Row, worker: str, now: datetime, mode: Mode) -> Effect | None:
        """The effect, marked `sending`; None where it is withdrawn, expired or postponed instead."""
        effect = due.effect
        if effect.not_after is not None and effect.not_after < now:
            self._expire(rows, hearing, due, now)
            return None
        said = hearing.ask(rows.handle, effect, now)
        if said is None or said.until is not None:
            rows.change(due.id, {"next_at": _later(said, now)})
            return None
        if said.cancel is not None:
            self._withdraw(rows, hearing, due, said.cancel, now)
            return None
        attempts = due.attempts + 1
        taken = {"state": State.SENDING.value, "attempts": attempts, "worker": worker, "lease_until": now + self._lease}
        rows.change(due.id, {**taken, "redirected": mode.address})
        return effect._replace(attempts=attempts, address=mode.address or due.address, redirected=mode.address)

    def _settle(self, rows: Rows, hearing: Hearing, settled: Settled, now: datetime) -> None:
        effect, outcome = settled
        assert effect.id is not None
        if outcome.state is State.UNKNOWN and self._is_safe_again(effect.resend, effect.channel):
            outcome = outcome._replace(state=State.PLANNED)
            rows.change(effect.id, {"doubtful": True})
        if outcome.state is State.PLANNED and effect.attempts >= self._attempts:
            outcome = outcome._replace(state=State.DEAD)
        found = rows.by_id(effect.id)
        if found is None:
            raise OutboxError(f"effect {effect.id} ({effect.key}) was deleted while it was being sent")
        if _settled(rows, found, effect, outcome, now, now + self._pause(effect.attempts, outcome.retry_after)):
            hearing.tell(rows.handle, effect, State(found.state), outcome, now)

    def _bury(self, rows: Rows, hearing: Hearing, row: Row, now: datetime) -> None:
        state = State.UNKNOWN
        if self._is_safe_again(Resend(row.resend), row.channel):
            state = State.PLANNED if row.attempts < self._attempts else State.DEAD
            rows.change(row.id, {"doubtful": True})
        self._move(rows, hearing, row, Outcome(state, reason=f"its worker {row.worker} ended while it was being sent"), now)

    def _expire(self, rows: Rows, hearing: Hearing, row: Row, now: datetime) -> None:
        self._withdraw(rows, hearing, row, "its time passed before it was sent", now)

    def _withdraw(self, rows: Rows, hearing: Hearing, row: Row, reason: str, now: datetime) -> None:
        """Cancels an effect; one of which an attempt may have arrived is unknown: whoever planned it anew would send it twice."""
        self._move(rows, hearing, row, Outcome(State.UNKNOWN if row.doubtful else State.CANCELLED, reason=reason), now)

    def _move(self, rows: Rows, hearing: Hearing, row: Row, outcome: Outcome, now: datetime) -> None:
        _change(rows, row, outcome, now, now)
        hearing.tell(rows.handle, row.effect, State(row.state), outcome, now)

    def _is_safe_again(self, resend: Resend, channel: str) -> bool:
        return resend is Resend.SAME_BYTES or channel in self._recognising

    def _pause(self, attempts: int, stated: float | None) -> timedelta:
        """How long to wait before the next attempt: what the other side said, else twice as long as before, spread by chance."""
        if stated is not None:
            return timedelta(seconds=stated)
        longest = min(_FIRST.total_seconds() * 2 ** min(attempts - 1, 20), _LONGEST.total_seconds())
        return timedelta(seconds=longest * self._chance.uniform(0.5, 1.0))


def _later(said: Permission | None, now: datetime) -> datetime:
    """When an effect that waits is looked at again."""
    return now + _UNASKED if said is None or said.until is None else max(said.until, now + timedelta(seconds=1))


def _settled(rows: Rows, row: Row, effect: Effect, outcome: Outcome, now: datetime, again_at: datetime) -> bool:
    """Whether a sender's word changes a row; a worker whose lease ended may still say what it knows.

    Raises OutboxError where the state cannot become this one.
    """
    is_ours = row.state == State.SENDING and row.attempts == effect.attempts
    if is_ours and outcome.state in NEXT[State.SENDING]:
        rows.change(row.id, _news(outcome, now, again_at, row.sent_at))
        return True
    if row.state == outcome.state != State.SENDING:
        return False
    if row.state == State.PLANNED or (row.state == State.SENDING and not is_ours):
        if outcome.state not in _ARRIVED:
            return False  # another attempt is on its way or due, and knows better
        rows.change(row.id, _news(outcome, now, again_at, row.sent_at))
        return True
    _change(rows, row, outcome, now, again_at)
    return True


def _change(rows: Rows, row: Row, outcome: Outcome, now: datetime, again_at: datetime) -> None:
    if outcome.state not in NEXT[State(row.state)]:
        raise OutboxError(f"effect {row.id} ({row.key}) is {row.state} and cannot become {outcome.state}")
    rows.change(row.id, _news(outcome, now, again_at, row.sent_at))


def _news(outcome: Outcome, now: datetime, again_at: datetime, sent_at: datetime | None) -> dict[str, Any]:
    """The columns that an outcome changes."""
    values: dict[str, Any] = {"state": outcome.state.value, "reason": outcome.reason, "lease_until": None, "worker": None}
    values |= {"next_at": again_at} if outcome.state is State.PLANNED else {"settled_at": now}
    if outcome.state in _ARRIVED:
        values["sent_at"] = sent_at or now
    return values | {name: told for name, told in (("provider", outcome.provider), ("proof", outcome.proof)) if told is not None}


def _utc(moment: datetime) -> datetime:
    """A moment that says that it is in UTC, as most ERPs keep it without saying so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
