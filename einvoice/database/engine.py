"""Opens the database: URL to engine, with the settings that durability and speed ask of SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY}", "cache_size=-65536", "temp_store=MEMORY")


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

    On SQLite it takes the right to write at once, so that what was read is still so when it writes. Raises DatabaseError where the
    database cannot be reached, with the mend.
    """
    try:
        connection = engine.connect()
    except DBAPIError as fault:
        where = engine.url.render_as_string(hide_password=True)
        raise DatabaseError(f"{where} cannot be reached: {fault.orig}; see that it runs and that [database] url is right") from None
    with connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one moment's state, in nobody's way.

    Raises DatabaseError where the database cannot be reached.
    """
    with connect(engine.execution_options(reading=True, isolation_level=None if engine.name == "sqlite" else "REPEATABLE READ")) as found:
        yield found


def migrate(engine: Engine) -> None:
    """Brings the database to the shape of this release; what is there already stays.

    Raises DatabaseError where it cannot be reached.
    """
    from alembic import command  # noqa: PLC0415 - only who migrates pays for it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with connect(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _sqlite(address: Any) -> Engine:
    engine = create_engine(address, connect_args={"timeout": _BUSY / 1000})

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
