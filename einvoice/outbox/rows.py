"""Effects as rows: added once by key, changed only as `effect.NEXT` allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from einvoice.errors import OutboxError
from einvoice.outbox.effect import NEXT, Effect, Outcome, Owner, Resend, State
from einvoice.outbox.tables import OUTBOX

BY_ID = select(OUTBOX).where(OUTBOX.c.id == bindparam("row")).with_for_update()
_AT_ONCE = 500
_ARRIVED = frozenset({State.SENT, State.DELIVERED})


def add(connection: Connection, effect: Effect, now: datetime) -> int:
    """Plans one effect and gives its id; where its key is there already nothing changes, and the id is that one's."""
    add_all(connection, (effect,), now)
    found: int = connection.execute(select(OUTBOX.c.id).where(OUTBOX.c.key == effect.key)).scalar_one()
    return found


def add_all(connection: Connection, effects: Iterable[Effect], now: datetime) -> None:
    """Plans effects; those whose key is there already stay as they are."""
    insert = sqlite.insert(OUTBOX) if connection.dialect.name == "sqlite" else postgresql.insert(OUTBOX)
    statement = insert.on_conflict_do_nothing(index_elements=[OUTBOX.c.key])
    batch: list[dict[str, Any]] = []
    for effect in effects:
        batch.append(_values(effect, now))
        if len(batch) == _AT_ONCE:
            connection.execute(statement, batch)
            batch = []
    if batch:
        connection.execute(statement, batch)


def cancel(connection: Connection, row_id: int, reason: str, now: datetime) -> bool:
    """Withdraws an effect that is still planned; False where it is not, because it is settled, on its way, or may have arrived."""
    statement = update(OUTBOX).where(OUTBOX.c.id == row_id, OUTBOX.c.state == State.PLANNED, OUTBOX.c.doubtful.is_(False))
    return connection.execute(statement.values(state=State.CANCELLED, reason=reason, settled_at=now)).rowcount == 1


def report(connection: Connection, row_id: int, outcome: Outcome, now: datetime, owners: Mapping[str, Owner]) -> None:
    """Records what is heard later of an effect: a bounce, a report of delivery, a person's word on what was unknown.

    The same news again changes nothing. Raises OutboxError where there is no such effect, and where the state it has cannot become
    this one; and whatever its owner raises.
    """
    found = connection.execute(BY_ID, {"row": row_id}).one_or_none()
    if found is None:
        raise OutboxError(f"there is no effect {row_id} in the outbox")
    if found.state != outcome.state:
        change(connection, found, outcome, now)
        if owner := owners.get(found.owner):
            owner.happened(connection, effect_of(found), State(found.state), outcome, now)


def settle(connection: Connection, effect: Effect, outcome: Outcome, now: datetime, again_at: datetime) -> State | None:
    """Records a sender's word, and gives the state that was before; None where it changes nothing. PLANNED is due at `again_at`.

    A worker whose lease ended may still say what it knows. Raises OutboxError where the state cannot become this one.
    """
    if outcome.state in NEXT[State.SENDING]:
        ours = update(OUTBOX).where(OUTBOX.c.id == effect.id, OUTBOX.c.state == State.SENDING, OUTBOX.c.attempts == effect.attempts)
        if connection.execute(ours.values(_news(outcome, now, again_at))).rowcount:
            return State.SENDING
    return _settled_late(connection, connection.execute(BY_ID, {"row": effect.id}).one(), effect, outcome, now, again_at)


def change(connection: Connection, row: Row[Any], outcome: Outcome, now: datetime, again_at: datetime | None = None) -> None:
    """Changes a locked row's state.

    Raises OutboxError where the one state cannot follow the other.
    """
    if outcome.state not in NEXT[State(row.state)]:
        raise OutboxError(f"effect {row.id} ({row.key}) is {row.state} and cannot become {outcome.state}")
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(_news(outcome, now, again_at or now, row.sent_at)))


def _settled_late(
    connection: Connection, row: Row[Any], effect: Effect, outcome: Outcome, now: datetime, again_at: datetime
) -> State | None:
    """The word of a worker that no longer holds the effect."""
    if row.state == outcome.state != State.SENDING:
        return None
    if row.state == State.PLANNED or (row.state == State.SENDING and row.attempts != effect.attempts):
        if outcome.state not in _ARRIVED:
            return None  # another attempt is on its way or due, and knows better
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(_news(outcome, now, again_at, row.sent_at)))
    else:
        change(connection, row, outcome, now, again_at)
    return State(row.state)


def _news(outcome: Outcome, now: datetime, again_at: datetime, sent_at: datetime | None = None) -> dict[str, Any]:
    """The columns that an outcome changes."""
    state = outcome.state
    values: dict[str, Any] = {"state": state, "reason": outcome.reason, "lease_until": None, "worker": None}
    values |= {"next_at": again_at} if state is State.PLANNED else {"settled_at": now}
    if state in _ARRIVED:
        values["sent_at"] = sent_at or now
    return values | {name: told for name, told in (("provider", outcome.provider), ("proof", outcome.proof)) if told is not None}


def effect_of(row: Row[Any]) -> Effect:
    """The effect that a row holds."""
    return Effect(
        key=row.key,
        owner=row.owner,
        subject=row.subject,
        channel=row.channel,
        address=row.address,
        payload=row.payload,
        headers=row.headers,
        resend=Resend(row.resend),
        not_before=row.next_at,
        not_after=row.not_after,
        id=row.id,
        attempts=row.attempts,
        redirected=row.redirected,
        proof=row.proof,
    )


def _values(effect: Effect, now: datetime) -> dict[str, Any]:
    return {
        "key": effect.key,
        "owner": effect.owner,
        "subject": effect.subject,
        "channel": effect.channel,
        "resend": effect.resend,
        "state": State.PLANNED,
        "address": effect.address,
        "headers": dict(effect.headers),
        "payload": effect.payload,
        "next_at": max(effect.not_before or now, now),
        "not_after": effect.not_after,
        "created_at": now,
        "attempts": 0,
    }
