"""Connectors in processes of their own, killed with SIGKILL; who takes what lies in OUT; and what must be so in the end."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select, text

from einvoice.database import open_database, reading
from einvoice_plugins.connector.folders import Folders
from einvoice_plugins.connector.tables import FILES
from einvoice_plugins.connector.work import Connector, nothing
from tests.plugins.connector.world import World


def killed(child: int) -> bool:
    """Waits for a process; whether it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def dying(step: str, often: int = 1) -> Callable[[str], None]:
    """Ends the process when a step was reached for the n-th time."""
    left = [often]

    def reached(name: str) -> None:
        if name == step:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def working(world: World, reached: Callable[[str], None] = nothing, *, until_quiet: bool = True) -> None:
    """What a connector's process does: looks until nothing is left to take, or for good."""
    engine = open_database(world.engine.url.render_as_string(hide_password=False))
    try:
        connector = Connector(world.settings, engine, reached=reached)
        quiet = 0
        while quiet < 2 or not until_quiet:
            counts = connector.look()
            quiet = (
                0
                if counts or any(connector.looks.unsettled(connector.folders, source) for source in ("invoices", "open-items"))
                else quiet + 1
            )
            time.sleep(world.settings.files.settle / 2)
    finally:
        engine.dispose()


class Reader:
    """Who takes what lies in OUT, at once, as an ERP does: out of the folder, so that a second one of a name is seen."""

    def __init__(self, world: World) -> None:
        self._out = world.home / "OUT"
        self._place = world.home / "read"
        self._place.mkdir(exist_ok=True)
        self.names: Counter[str] = Counter()

    def read(self) -> None:
        """Takes what is there."""
        for path in sorted(self._out.glob("*")) if self._out.exists() else []:
            if path.is_file():
                path.rename(self._place / path.name)
                self.names[path.name] += 1

    def bytes(self, name: str) -> bytes:
        """A file that was taken."""
        return (self._place / name).read_bytes()


def left_over(home: Path) -> list[str]:
    """What is on its way though nobody works: nothing may be."""
    folders = Folders(home)
    found = [
        path for place in (home / "IN", folders.staged_home, folders.work / "moving", folders.work / "taken") for path in place.rglob("*")
    ]
    return [str(path.relative_to(home)) for path in found if path.is_file() or path.parent == folders.staged_home]


def states(world: World) -> dict[str, str]:
    """What the journal says of every file, by its hash."""
    with reading(world.engine) as connection:
        return {row.sha256: row.state for row in connection.execute(select(FILES.c.sha256, FILES.c.state))}


def filed(home: Path, folder: str) -> Counter[str]:
    """The hashes of the files that were put away in DONE or REFUSED."""
    return Counter(
        sha256(path.read_bytes()).hexdigest() for path in (home / folder).rglob("*") if path.is_file() and ".reasons." not in path.name
    )


def books(world: World) -> dict[str, tuple[int, int]]:
    """Of every number in the ledger: how many invoices, and how much they come to in thousandths, by its entries."""
    asked = text(
        "SELECT i.number, count(DISTINCT i.id), sum(e.amount) FROM invoices i JOIN entries e ON e.invoice_id = i.id "
        "WHERE e.account = 'principal' GROUP BY i.number"
    )
    with reading(world.engine) as connection:
        return {number: (count, int(amount)) for number, count, amount in connection.execute(asked)}
