"""Preparing: what the gate accepted becomes a finished message, in one transaction with the effect that carries it.

Nobody takes it (a permanent answer): refused, with the reason. Nobody could be asked: tried again, twice as late each time, and given up
after so many attempts. A worker that dies leaves its row for another when its lease ends; nothing has left by then.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, select, update

from einvoice.database import connect
from einvoice.errors import BadIdentifier, DocumentError, EInvoiceError, ParticipantNotFound, ServiceNotFound
from einvoice.outbox import State, add
from einvoice_peppol.sending import effects, packing, rows
from einvoice_peppol.sending.means import Means
from einvoice_peppol.sending.packing import Packed
from einvoice_peppol.tables import OUTGOING

LOG = logging.getLogger("einvoice.peppol")
LEASE = timedelta(minutes=10)
ATTEMPTS = 24
"""After so many a row is dead: with the back-off, a day and a half after the first."""
_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=2)
_FOR_GOOD = (ParticipantNotFound, ServiceNotFound, BadIdentifier, DocumentError)


class Prepared(NamedTuple):
    """What came of it: rows that became effects, that nobody takes, that are tried again, that were given up."""

    prepared: int = 0
    refused: int = 0
    again: int = 0
    dead: int = 0


class Word(NamedTuple):
    """What became of a row: its state, the reason, and the finished message where there is one."""

    state: str
    reason: str | None = None
    packed: Packed | None = None


def prepare(
    engine: Engine,
    means: Means,
    now: datetime | None = None,
    *,
    only: Collection[int] | None = None,
    lease: timedelta = LEASE,
    stopped: Callable[[], bool] = lambda: False,
) -> Prepared:
    """Prepares what is due, at `now` unless the means' clock is to say; `only` these rows, `stopped` ends it between two.

    A row whose worker says nothing for a `lease` is another's. Raises DatabaseError.
    """
    found: Counter[str] = Counter()
    last: tuple[Row[Any], Word] | None = None
    while True:
        moment = now or means.clock()
        with connect(engine) as connection:
            if last is not None:
                found[_settle(connection, *last, moment)] += 1
                means.reached("before prepared")
            row = None if stopped() else _claim(connection, only, moment, lease)
        if last is not None:
            means.reached("prepared")
        if row is None:
            return Prepared(found[rows.PREPARED], found[rows.REFUSED], found[rows.ACCEPTED], found[State.DEAD])
        means.reached("claimed")
        last = row, _word(row, means)


def _claim(connection: Connection, only: Collection[int] | None, now: datetime, lease: timedelta) -> Row[Any] | None:
    """The next row that is due, which nobody else takes while its lease runs."""
    due = select(OUTGOING).where(OUTGOING.c.state == rows.ACCEPTED, OUTGOING.c.next_at <= now)
    if only is not None:
        due = due.where(OUTGOING.c.id.in_(only))
    row = connection.execute(due.order_by(OUTGOING.c.next_at, OUTGOING.c.id).limit(1).with_for_update(skip_locked=True)).one_or_none()
    if row is not None:
        values = {"next_at": now + lease, "attempts": row.attempts + 1}
        connection.execute(update(OUTGOING).where(OUTGOING.c.id == row.id).values(values))
    return row


def _word(row: Row[Any], means: Means) -> Word:
    """What becomes of a row, with everything that leaves this machine on the way; a fault of ours postpones it."""
    try:
        if row.via != rows.AS4:
            return Word(rows.PREPARED)
        service = packing.found(row, means)
        means.reached("looked up")
        return Word(rows.PREPARED, packed=packing.pack(row, service, means))
    except _FOR_GOOD as fault:
        return Word(rows.REFUSED, str(fault))
    except (EInvoiceError, OSError) as fault:
        return Word(rows.ACCEPTED, str(fault))
    except Exception as fault:
        LOG.exception("message %s could not be prepared", row.id)
        return Word(rows.ACCEPTED, f"a fault of ours: {type(fault).__name__}: {fault}")


def _settle(connection: Connection, row: Row[Any], word: Word, now: datetime) -> str:
    """Writes what became of a row; the state that it is in now, empty where another worker was quicker."""
    ours = (OUTGOING.c.id == row.id, OUTGOING.c.state == rows.ACCEPTED, OUTGOING.c.attempts == row.attempts + 1)
    values: dict[str, Any] = {"state": word.state, "reason": word.reason}
    if word.state == rows.ACCEPTED:
        is_over = row.attempts + 1 >= ATTEMPTS
        values |= {"state": State.DEAD.value} if is_over else {"next_at": now + _pause(row.attempts + 1)}
    elif word.state == rows.PREPARED:
        values |= {"prepared_at": now, "next_at": now, "attempts": 0} | effects.evidence(word.packed)
    if not connection.execute(update(OUTGOING).where(*ours).values(values)).rowcount:
        return ""
    if word.state == rows.PREPARED:
        add(connection, effects.made(connection, row, word.packed), now)
    return str(values["state"])


def _pause(attempts: int) -> timedelta:
    longest: timedelta = min(_FIRST * (1 << min(attempts - 1, 20)), _LONGEST)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing
