"""Opens the database: URL to engine, with the settings that durability and speed ask of SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from einvoice.errors import DatabaseError

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the outbox and the receivables."""

_BUSY = 60_000
# recursive_triggers: otherwise INSERT OR REPLACE deletes a row past the trigger that keeps it
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    f"busy_timeout={_BUSY}",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


def open_database(url: str) -> Engine:
    """An engine for a URL: `sqlite:///einvoice.db`, `postgresql://user@host/name` (driver psycopg 3).

    Nothing is connected yet. Raises DatabaseError where the URL is wrong.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise DatabaseError(f"{url!r} is no address of a database; write sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseError(f"{address.get_backend_name()} is not supported; use sqlite:///FILE or postgresql://USER@HOST/NAME")
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    return create_engine(address, pool_pre_ping=True, connect_args={"connect_timeout": 10})


@contextmanager
def connect(engine: Engine) -> Iterator[Connection]:
    """A transaction, committed at the end and rolled back by an exception.

    On SQLite it takes the right to write at once, so that what was read is still so when it writes. Raises DatabaseError, with the
    mend, where the database cannot be reached or is lost on the way, stays busy for a minute, or lacks tables.
    """
    where = engine.url.render_as_string(hide_password=True)
    try:
        connection = engine.connect()
    except DBAPIError as fault:
        raise DatabaseError(f"{where} cannot be reached: {_words(fault)}; see that it runs and that [database] url is right") from None
    try:
        with connection, connection.begin():
            yield connection
    except DBAPIError as fault:
        if mend := _mend(fault):
            raise DatabaseError(f"{where}: {_words(fault)}; {mend}") from fault
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one moment's state, in nobody's way.

    Raises DatabaseError where the database cannot be reached.
    """
    options = {"reading": True} if engine.name == "sqlite" else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with connect(engine.execution_options(**options)) as found:
        yield found


def _mend(fault: DBAPIError) -> str | None:
    """What mends a fault of the database's own; None where a program is at fault."""
    if fault.connection_invalidated:
        return "nothing of this transaction is kept; try again when the database runs"
    words = str(fault.orig)
    if "no such table" in words or getattr(fault.orig, "sqlstate", None) == "42P01":
        return "it lacks tables: `einvoice doctor --migrate` creates them"
    if "database is locked" in words:
        return "another program has been writing for a minute; wait for it or end it"
    return None


def _words(fault: DBAPIError) -> str:
    """What the driver said, on one line."""
    return " ".join(str(fault.orig).split())


def _sqlite(address: Any) -> Engine:
    engine = create_engine(address, connect_args={"timeout": _BUSY / 1000})

    @event.listens_for(engine, "do_connect")
    def _place(*_: Any) -> None:
        if address.database and address.database != ":memory:":
            _private(Path(address.database))

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN is ours, below
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _private(file: Path) -> None:
    """Creates the file and its folder where they are missing, for the user alone; where it cannot be, connecting says so."""
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
