"""What was found is remembered for a while: bounded in number and in time, what was not found for a short time only.

What could not be asked (LookupFailed) is not remembered: it is asked again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar, cast

from einvoice.errors import ParticipantNotFound, PeppolError, ServiceNotFound

T = TypeVar("T")


class _Entry(NamedTuple):
    since: datetime
    until: datetime
    value: object
    fault: type[PeppolError] | None


class Cache:
    """At most `most` answers, each for at most `seconds`, or `negative` seconds where it says that there is nothing."""

    def __init__(self, clock: Callable[[], datetime], *, most: int = 1_000, seconds: float = 600, negative: float = 60) -> None:
        self._clock = clock
        self._most = most
        self._seconds = timedelta(seconds=seconds)
        self._negative = timedelta(seconds=negative)
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many answers are remembered."""
        return len(self._entries)

    def get(self, key: Hashable, ask: Callable[[], tuple[T, datetime | None]]) -> T:
        """What is remembered of a key, else what `ask` answers: a value, and the moment until which it holds, None for as long as any.

        Raises what `ask` raises; ParticipantNotFound and ServiceNotFound are remembered.
        """
        now = self._clock()
        entry = self._fresh(key, now)
        if entry is None:
            entry = self._asked(ask, now)
            self._keep(key, entry)
        if entry.fault is not None:
            raise entry.fault(str(entry.value))
        return cast(T, entry.value)

    def _fresh(self, key: Hashable, now: datetime) -> _Entry | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if not entry.since <= now < entry.until:  # a clock that was set back makes nothing hold for longer
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return entry

    def _asked(self, ask: Callable[[], tuple[T, datetime | None]], now: datetime) -> _Entry:
        try:
            value, holds_until = ask()
        except (ParticipantNotFound, ServiceNotFound) as fault:
            return _Entry(now, now + self._negative, str(fault), type(fault))
        longest = now + self._seconds
        return _Entry(now, min(longest, holds_until) if holds_until else longest, value, None)

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
