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
    started = drawn = monotonic()
    waiting = iter(items)
    for done in range(total):
        bar = monotonic() - drawn > PAUSE
        if bar:
            drawn = monotonic()
            _write(f"\r{'█' * (WIDTH * done // total):·<{WIDTH}} {done:,} of {total:,}{_pace(done, total, drawn - started)}")
        item = next(waiting)
        if bar:
            _write("\r\x1b[K")  # gone before anything else is printed
        yield item


def _pace(done: int, total: int, taken: float) -> str:
    """How fast it goes and how long it will take, once that can be told."""
    if not done or taken < 1:
        return ""
    left = taken / done * (total - done)
    time = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
    return f", {done / taken:,.0f} a second, {time} left"


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
