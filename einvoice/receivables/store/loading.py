"""Many rows into a table at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def faults(connection: Connection, doing: str) -> Iterator[None]:
    """Faults of the driver, where it is used below SQLAlchemy, as SQLAlchemy raises them."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as fault:
        lost = connection.dialect.is_disconnect(fault, connection.connection.dbapi_connection, None)
        raise DBAPIError.instance(doing, None, fault, driver.Error, connection_invalidated=lost, dialect=connection.dialect) from fault


def load(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows to a table, within the caller's transaction.

    Values are as the database keeps them: money in whole thousandths, dates as ISO text, moments as `moment` gives them. Raises
    sqlite3.Error or psycopg.Error where the database refuses a row.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    cursor: Any = connection.connection.cursor()
    with faults(connection, f"load {table}"), closing(cursor):
        if connection.dialect.name == "sqlite":
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - names of ours
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def moment(connection: Connection, value: datetime) -> str:
    """A moment as the database's text of it, in UTC; equal to what `einvoice.database.types.Instant` keeps."""
    text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text if connection.dialect.name == "sqlite" else f"{text}+00"
