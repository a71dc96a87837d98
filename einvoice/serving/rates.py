"""How often somebody may ask: so many times in so many seconds, remembered in this process for a bounded number of askers."""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock


class Rate:
    """At most `most` in `seconds` for each key; of more than `keys` askers the one that was silent longest is forgotten."""

    def __init__(self, most: int, seconds: float, keys: int = 10_000) -> None:
        self._most = most
        self._seconds = seconds
        self._keys = keys
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def takes(self, key: str, now: float) -> bool:
        """Whether one more is taken at a moment, in seconds of any clock that only goes on; what is not does not count."""
        with self._lock:
            times = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while times and times[0] <= now - self._seconds:
                times.popleft()
            if len(self._seen) > self._keys:
                self._seen.popitem(last=False)
            if len(times) >= self._most:
                return False
            times.append(now)
            return True
