"""How fast the connector is: drafts to XML, PDF, verdict and ledger; open items into the ledger."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.forking import fork
from tests.plugins.connector import killing, world


class Speed(NamedTuple):
    """How many, in how many seconds, and the most memory that the process had, in MB."""

    number: int
    seconds: float
    memory: float
    right: bool

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.number / self.seconds


def invoices(count: int, *, pdf: bool) -> Speed:
    """So many drafts, a file each, handed in before it starts: each out, booked and put away."""
    with TemporaryDirectory(prefix="einvoice-connector-") as name, world.world(Path(name), pdf=pdf) as here:
        for number in range(count):
            here.put(f"{number}.json", world.as_json(f"S-{number:06}"))
        seconds, memory = _worked(here)
        right = len(here.out()) == count * (3 if pdf else 2) and len(killing.books(here)) == count and len(here.names("DONE")) == count
        return Speed(count, seconds, memory, right)


def open_items(count: int) -> Speed:
    """So many open items in one file."""
    with TemporaryDirectory(prefix="einvoice-connector-") as name, world.world(Path(name)) as here:
        rows = "".join(f"c1,B-{number:07},2026-11-01,2026-12-01,{number % 900 + 1}.00\n" for number in range(count))
        here.put("open.csv", f"debtor,number,issued,due,amount\n{rows}", "open-items")
        seconds, memory = _worked(here)
        return Speed(count, seconds, memory, len(here.ledger()) == count)


def _worked(here: world.World) -> tuple[float, float]:
    """Lets a process of its own work until nothing is left; seconds, and the most memory."""
    here.engine.dispose()
    started = time.monotonic()
    child = fork(lambda: killing.working(here))
    _, status, used = os.wait4(child, 0)
    assert not status
    return time.monotonic() - started, used.ru_maxrss / 1024
