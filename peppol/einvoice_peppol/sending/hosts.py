"""Which access points do not answer: each rests for itself, so that a dead one is in nobody's way.

All of them share one channel of the outbox. Its breaker would let five silent calls of one host stop the messages for all others; so a
host's silence is told to it only where several hosts in a row are silent, which is the fault of our own line.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import urlsplit

_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=15)


class Hosts:
    """Counts the calls in a row that a host did not answer; after `limit` it rests: 30 seconds, then twice as long each time.

    `several` different hosts that are silent with no answer of any between them are our own line's fault.
    """

    def __init__(self, limit: int = 3, several: int = 3) -> None:
        self._limit = limit
        self._several = several
        self._silences: dict[str, int] = {}
        self._until: dict[str, datetime] = {}
        self._lately: set[str] = set()
        self._lock = Lock()

    def spoke(self, url: str) -> None:
        """A host answered, whatever it said."""
        with self._lock:
            self._silences.pop(_host(url), None)
            self._until.pop(_host(url), None)
            self._lately.clear()

    def silent(self, url: str, now: datetime) -> bool:
        """A host did not answer, or broke off; whether it is alone in that, so that the line itself is in order."""
        host = _host(url)
        with self._lock:
            count = self._silences[host] = self._silences.get(host, 0) + 1
            if count >= self._limit:
                self._until[host] = now + min(_FIRST * 2 ** min(count - self._limit, 10), _LONGEST)
            self._lately.add(host)
            return len(self._lately) < self._several

    def resting(self, url: str, now: datetime) -> datetime | None:
        """Until when a host is left alone; None where it may be called."""
        with self._lock:
            until = self._until.get(_host(url))
            return until if until is not None and now < until else None


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
