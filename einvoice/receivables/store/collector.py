"""Python's collector of cycles, put aside where millions of tuples come and go and none of them is in a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Within it, nothing walks again and again through what is only passing by: a tenth of planning a million invoices.

    What is no longer used goes at once all the same, as ever in CPython, unless it is in a cycle.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
