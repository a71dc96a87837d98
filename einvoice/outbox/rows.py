"""Effects as rows: added once by key, changed only as `effect.NEXT` allows, each change told to its owner in the same transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from einvoice.errors import OutboxError
from einvoice.outbox.effect import NEXT, Effect, Outcome, Owner, Permission, Resend, State
from einvoice.outbox.tables import OUTBOX

LOG = logging.getLogger("einvoice.outbox")
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
    """Withdraws an effect that is still planned; False where it is not, because it is on its way or settled."""
    statement = update(OUTBOX).where(OUTBOX.c.id == row_id, OUTBOX.c.state == State.PLANNED)
    return connection.execute(statement.values(state=State.CANCELLED, reason=reason, settled_at=now)).rowcount == 1


def report(connection: Connection, row_id: int, outcome: Outcome, now: datetime, owners: Mapping[str, Owner]) -> None:
    """Records what is heard later of an effect: a bounce, a report of delivery, a person's word on what was unknown.

    The same news again changes nothing. Raises OutboxError where there is no such effect, and where the state it has cannot become
    this one.
    """
    found = connection.execute(BY_ID, {"row": row_id}).one_or_none()
    if found is None:
        raise OutboxError(f"there is no effect {row_id} in the outbox")
    if found.state != outcome.state:
        change(connection, found, outcome, now, owners)


def settle(
    connection: Connection, effect: Effect, outcome: Outcome, now: datetime, owners: Mapping[str, Owner], again_at: datetime
) -> None:
    """Records a sender's word. PLANNED is due at `again_at`; so is UNKNOWN where the same bytes may be sent again.

    A worker whose lease ended may still say what it knows. Raises OutboxError where the state cannot become this one.
    """
    found = connection.execute(BY_ID, {"row": effect.id}).one()
    if found.state == outcome.state != State.SENDING:
        return
    holds = found.state == State.SENDING and found.attempts == effect.attempts
    if not holds and found.state in (State.SENDING, State.PLANNED):
        if outcome.state not in _ARRIVED:
            return  # another attempt is on its way or due, and knows better
        if found.state == State.PLANNED:
            connection.execute(update(OUTBOX).where(OUTBOX.c.id == found.id).values(state=State.SENDING))
            found = connection.execute(BY_ID, {"row": effect.id}).one()
    change(connection, found, outcome, now, owners, again_at)


def change(
    connection: Connection,
    row: Row[Any],
    outcome: Outcome,
    now: datetime,
    owners: Mapping[str, Owner],
    again_at: datetime | None = None,
) -> None:
    """Changes a locked row's state, and tells its owner.

    Raises OutboxError where the one state cannot follow the other.
    """
    was, becomes = State(row.state), outcome.state
    if becomes not in NEXT[was]:
        raise OutboxError(f"effect {row.id} ({row.key}) is {was} and cannot become {becomes}")
    values: dict[str, Any] = {"state": becomes, "reason": outcome.reason, "lease_until": None, "worker": None}
    if becomes is State.PLANNED:
        values["next_at"] = again_at or now
    else:
        values["settled_at"] = now
    if becomes in _ARRIVED and row.sent_at is None:
        values["sent_at"] = now
    values |= {name: told for name, told in (("provider", outcome.provider), ("proof", outcome.proof)) if told is not None}
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(values))
    _tell(connection, owners.get(row.owner), effect_of(row), was, outcome, now)


def permitted(connection: Connection, owner: Owner, effect: Effect, now: datetime) -> Permission | None:
    """What the owner says; None where it cannot say, because asking it failed."""
    try:
        with connection.begin_nested():
            return owner.may_send(connection, effect, now)
    except Exception:
        LOG.exception("the owner %s could not be asked about effect %s", effect.owner, effect.key)
        return None


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
    )


def _tell(connection: Connection, owner: Owner | None, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
    if owner is None:
        return
    try:
        with connection.begin_nested():
            owner.happened(connection, effect, was, outcome, now)
    except Exception:
        LOG.exception("the owner %s did not hear that effect %s is %s", effect.owner, effect.key, outcome.state)


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
