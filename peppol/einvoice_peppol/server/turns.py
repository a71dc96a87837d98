"""Transactions of one process that take turns where the database has one writer anyhow.

SQLite lets a writer that finds another one wait by sleeping and trying again, up to a tenth of a second; a lock wakes the next at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock

from sqlalchemy import Connection, Engine

from einvoice.database import connect


class Turns:
    """Opens transactions of a database, on SQLite one after the other."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = Lock() if engine.name == "sqlite" else nullcontext()

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        """A transaction, as `einvoice.database.connect` has it.

        Raises DatabaseError.
        """
        with self._lock, connect(self.engine) as connection:
            yield connection
