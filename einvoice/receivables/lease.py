"""A lease: of two runs for one creditor, on one machine or two, only one works at a time.

Nothing depends on it for correctness; it saves the second the work. A holder that died on this machine is succeeded at once, one that
died elsewhere when its lease ends.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from einvoice.database import connect
from einvoice.outbox.tables import LEASES

LASTS = timedelta(minutes=5)


class Lease:
    """A named lease and who holds it: host, process, and what tells two runs of one process apart."""

    def __init__(self, engine: Engine, name: str, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._name = name
        self._clock = clock
        self._until: datetime | None = None
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:12]}"

    def taken_by(self) -> str | None:
        """Takes the lease; None where that went well, else who has it.

        Raises DatabaseError.
        """
        now = self._clock()
        try:
            with connect(self._engine) as connection:
                row = connection.execute(select(LEASES).where(LEASES.c.name == self._name).with_for_update()).one_or_none()
                values = {"holder": self.holder, "until": now + LASTS, "released": False}
                if row is None:
                    connection.execute(insert(LEASES).values(name=self._name, **values))
                elif row.released or row.until <= now or died(row.holder):
                    connection.execute(update(LEASES).where(LEASES.c.name == self._name).values(values))
                else:
                    return str(row.holder)
        except IntegrityError:  # another was first to write the row
            return "another run"
        self._until = now + LASTS
        return None

    def keep(self) -> bool:
        """Holds on to the lease, writing only where much of it has passed; False where somebody else has it now."""
        now = self._clock()
        if self._until is None or self._until - now > LASTS * 2 / 3:
            return self._until is not None
        with connect(self._engine) as connection:
            mine = update(LEASES).where(LEASES.c.name == self._name, LEASES.c.holder == self.holder)
            kept = connection.execute(mine.values(until=now + LASTS)).rowcount == 1
        self._until = now + LASTS if kept else None
        return kept

    def release(self) -> None:
        """Gives the lease back."""
        with connect(self._engine) as connection:
            mine = update(LEASES).where(LEASES.c.name == self._name, LEASES.c.holder == self.holder)
            connection.execute(mine.values(released=True))
        self._until = None


def died(holder: str) -> bool:
    """Whether a holder was a process of this machine that is no longer there."""
    host, _, rest = holder.partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname()[:40] or not process.isdigit() or os.name == "nt":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
