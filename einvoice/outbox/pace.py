"""How fast channels send: never more than so many effects in any span of so many seconds, whoever sends them.

When an effect is handed to a channel that has a pace, the moment is written in the transaction that takes it, so that all workers of
all machines on one database share one pace. A channel that used its allowance up rests until the first moment that leaves room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, delete, func, insert, select

from einvoice.outbox.tables import PACES
from einvoice.settings.values import Pace

_BUSY = timedelta(milliseconds=50)


class Paces:
    """The paces of some channels, a channel may have several; which of them rest now is known to all workers of a relay."""

    def __init__(self, paces: Iterable[Pace] = ()) -> None:
        self._of: dict[str, list[Pace]] = defaultdict(list)
        for pace in paces:
            self._of[pace.channel].append(pace)
        self._until: dict[str, datetime] = {}
        self._lock = Lock()

    def has_room(self, connection: Connection, channel: str, now: datetime) -> bool:
        """Whether one more effect may be handed to a channel in this transaction; where not, the channel rests.

        Until the transaction ends nobody else hands one to this channel.
        """
        if channel not in self._of:
            return True
        until = self._full_until(connection, channel, now) if _alone(connection, channel) else now + _BUSY
        if until is None:
            return True
        with self._lock:
            self._until[channel] = until
        return False

    def took(self, connection: Connection, channel: str, now: datetime) -> None:
        """Writes down that an effect is handed to a channel."""
        if channel not in self._of:
            return
        longest = timedelta(seconds=max(pace.seconds for pace in self._of[channel]))
        connection.execute(delete(PACES).where(PACES.c.channel == channel, PACES.c.at <= now - longest))
        connection.execute(insert(PACES).values(channel=channel, at=now))

    def resting(self, now: datetime) -> frozenset[str]:
        """The channels that used up their allowance; those whose rest has ended are to be tried now, and forgotten."""
        with self._lock:
            self._until = {channel: until for channel, until in self._until.items() if now < until}
            return frozenset(self._until)

    def wait(self, now: datetime, channels: Collection[str]) -> timedelta | None:
        """How long until one of some channels that were found resting is to be tried again; None where none was."""
        with self._lock:
            return min((until - now for channel, until in self._until.items() if channel in channels), default=None)

    def _full_until(self, connection: Connection, channel: str, now: datetime) -> datetime | None:
        """The moment from which every pace of a channel has room; None where they have it now."""
        found = (self._opens(connection, pace, now) for pace in self._of[channel])
        return max((until for until in found if until is not None), default=None)

    def _opens(self, connection: Connection, pace: Pace, now: datetime) -> datetime | None:
        span = timedelta(seconds=pace.seconds)
        lately = (PACES.c.channel == pace.channel, PACES.c.at > now - span)
        if connection.execute(select(func.count()).where(*lately)).scalar_one() < pace.most:
            return None
        nth = select(PACES.c.at).where(*lately).order_by(PACES.c.at.desc()).offset(pace.most - 1).limit(1)
        at: datetime = connection.execute(nth).scalar_one()
        return at + span


def _alone(connection: Connection, channel: str) -> bool:
    """Whether nobody else counts this channel at this moment: SQLite has one writer at a time, PostgreSQL a lock that is not waited for."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext(f"einvoice pace {channel}")))))
