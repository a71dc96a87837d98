"""Many rows into a table at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection


def load(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows to a table, within the caller's transaction.

    Values are as the database keeps them: money in whole thousandths, dates as ISO text, moments as `moment` gives them. Raises
    sqlite3.Error or psycopg.Error where the database refuses a row.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "sqlite":
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - names of ours
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    finally:
        cursor.close()


def moment(connection: Connection, value: datetime) -> str:
    """A moment as the database's text of it, in UTC; equal to what `einvoice.database.types.Instant` keeps."""
    text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text if connection.dialect.name == "sqlite" else f"{text}+00"
