"""Effects as rows of a table with the columns of `foreign.Row`, in any database that SQLAlchemy opens: a store as an ERP writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, select, update

from einvoice.database import connect
from einvoice_plugins.foreign import Row, Rows


class TableRows:
    """The five methods, over a table within a transaction."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection, self._table = connection, table

    @property
    def handle(self) -> Any:
        return self._connection

    def due(self, channels: Sequence[str], owners: Sequence[str], now: datetime) -> Row | None:
        columns = self._table.c
        wanted = (columns.state == "planned", columns.next_at <= now, columns.channel.in_(channels), columns.owner.in_(owners))
        return next(iter(self._found(select(self._table).where(*wanted).order_by(columns.next_at, columns.id), 1)), None)

    def by_id(self, row: int) -> Row | None:
        query = select(self._table).where(self._table.c.id == row).with_for_update()
        found = self._connection.execute(query).mappings().one_or_none()
        return None if found is None else self._row(found)

    def change(self, row: int, values: Mapping[str, Any]) -> None:
        self._connection.execute(update(self._table).where(self._table.c.id == row).values(values))

    def expired(self, now: datetime, most: int) -> Sequence[Row]:
        columns = self._table.c
        return self._found(select(self._table).where(columns.state == "planned", columns.not_after < now), most)

    def died(self, now: datetime, most: int) -> Sequence[Row]:
        columns = self._table.c
        return self._found(select(self._table).where(columns.state == "sending", columns.lease_until < now), most)

    def _found(self, query: Select[Any], most: int) -> Sequence[Row]:
        found = self._connection.execute(query.limit(most).with_for_update(skip_locked=True))
        return [self._row(values) for values in found.mappings()]

    def _row(self, values: Mapping[Any, Any]) -> Row:
        return Row(**{name: values[name] for name in Row._fields})


def beginning(engine: Engine, table: Table) -> Callable[[], AbstractContextManager[Rows]]:
    """Opens transactions over the table."""

    @contextmanager
    def begin() -> Iterator[Rows]:
        with connect(engine) as connection:
            yield TableRows(connection, table)

    return begin
