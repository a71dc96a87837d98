"""A channel that does not answer is left alone for a while: one dead server does not use up the attempts of every effect."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from einvoice.outbox.effect import State


class Breaker:
    """Counts the attempts in a row, per channel, that ended without an answer; after `limit` the channel rests for `rest`."""

    def __init__(self, limit: int = 5, rest: timedelta = timedelta(seconds=30)) -> None:
        self._limit = limit
        self._rest = rest
        self._failed: dict[str, int] = {}
        self._until: dict[str, datetime] = {}
        self._lock = Lock()

    def heard(self, channel: str, state: State, now: datetime, *, answered: bool = False) -> None:
        """What an attempt ended with, `answered` if the other side spoke. One more without an answer after a rest, and it rests again.

        Several debtors in a row whose mailboxes are full for now must not keep the others' mail back.
        """
        with self._lock:
            if answered or state not in (State.PLANNED, State.UNKNOWN):
                self._failed[channel] = 0
                return
            self._failed[channel] = self._failed.get(channel, 0) + 1
            if self._failed[channel] >= self._limit:
                self._until[channel] = now + self._rest

    def resting(self, now: datetime) -> frozenset[str]:
        """The channels to leave alone."""
        with self._lock:
            return frozenset(channel for channel, until in self._until.items() if now < until)
