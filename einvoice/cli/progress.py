"""A progress bar on standard error, where a person waits for many documents."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

MANY = 20
PAUSE = 0.1  # seconds between two drawings
WIDTH = 30


def progress(items: Iterable[T], total: int) -> Iterator[T]:
    """The items, with a bar while the next one is worked on; without one where nobody watches or few are to come."""
    if total < MANY or not sys.stderr.isatty():
        yield from items
        return
    drawn = monotonic()
    waiting = iter(items)
    for done in range(total):
        bar = monotonic() - drawn > PAUSE
        if bar:
            drawn = monotonic()
            _write(f"\r{'█' * (WIDTH * done // total):·<{WIDTH}} {done} of {total}")
        item = next(waiting)
        if bar:
            _write("\r\x1b[K")  # gone before anything else is printed
        yield item


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
