"""Looking at IN: which files stay as they are, which have a marker, which may wait a little longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from einvoice_plugins.connector.folders import Folders, Stat, is_marked, stat_of
from einvoice_plugins.connector.settings import Files
from einvoice_plugins.connector.whole import is_temporary

_PAUSES = (1.0, 60.0)  # seconds between two tries of a file that waits: the first, the longest


class Found(NamedTuple):
    """A file that may be taken: how it was when it was found, and whether a marker says that it is whole."""

    source: str
    path: Path
    stat: Stat
    marked: bool


class Seen:
    """A file of an earlier look."""

    def __init__(self, stat: Stat, at: float) -> None:
        self.stat = stat
        self.since = at
        self.again = 0.0
        self.pause = _PAUSES[0]


class Looks:
    """What was seen at earlier looks; times are of a clock that only goes forward."""

    def __init__(self, files: Files, clock: Callable[[], float] = time.monotonic) -> None:
        self._files = files
        self._clock = clock
        self._seen: dict[Path, Seen] = {}

    def at(self, folders: Folders, source: str) -> Iterator[Found]:
        """The files of a folder that may be taken now, by name; nothing is left out for good."""
        there = {path: stat for path in sorted(folders.incoming(source).iterdir()) if (stat := _candidate(path))}
        for path in [path for path in self._seen if path.parent == folders.incoming(source) and path not in there]:
            del self._seen[path]
        for path, stat in there.items():
            seen = self._looked(path, stat)
            marked = is_marked(path)
            settled = self._clock() - seen.since >= self._files.settle
            if (marked or (settled and not self._files.ready)) and self._clock() >= seen.again:
                yield Found(source, path, stat, marked)

    def _looked(self, path: Path, stat: Stat) -> Seen:
        seen = self._seen.get(path)
        if seen is None or seen.stat != stat:
            seen = self._seen[path] = Seen(stat, self._clock())
        return seen

    def unsettled(self, folders: Folders, source: str) -> bool:
        """Whether a file is there that was not seen for long enough."""
        seen = (self._seen.get(path) for path in folders.incoming(source).iterdir() if _candidate(path))
        return any(one is None or self._clock() - one.since < self._files.settle for one in seen)

    def may_wait(self, found: Found) -> bool:
        """Whether a file that seems half, or names what has not come, is young enough to wait; it is then looked at again later.

        Its age is that of its last change by the system's own clock (ctime where there is one), which copying does not set back.
        """
        try:
            status = found.path.stat()
        except OSError:
            return True
        if time.time() - max(status.st_mtime, status.st_ctime) >= self._files.patience:
            return False
        seen = self._looked(found.path, found.stat)
        seen.again, seen.pause = self._clock() + min(seen.pause, self._files.patience / 4), min(2 * seen.pause, _PAUSES[1])
        return True

    def hurry(self) -> None:
        """Something came that others may have waited for: they are looked at again at once."""
        for seen in self._seen.values():
            seen.again = 0.0


def _candidate(path: Path) -> Stat | None:
    return None if is_temporary(path.name) else stat_of(path)
