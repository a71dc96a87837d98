"""Rows of several queries as streams, side by side: the driver's own tuples, a bounded number of them in memory at a time.

A query runs through SQLAlchemy, so that its listeners see it and its faults are its own; the rows come from the driver's cursor,
because a row of SQLAlchemy's costs more than all that is done with it here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import count, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select

from einvoice.money import CENT, ZERO, from_mills
from einvoice.receivables.store.loading import faults

_AT_A_TIME = 2000  # rows that are fetched from PostgreSQL at once
_STEPPED = 200  # rows that are stepped through SQLite at once: few enough to stay in the processor's cache
_debtor = itemgetter(0)
_numbers = count(1)


def rows(connection: Connection, query: Select[Any]) -> Generator[Any, None, None]:
    """The rows of a query as the driver gives them, one by one; closing the iterator lets the cursor go."""
    return _fetched(connection, query) if connection.dialect.name == "postgresql" else _stepped(connection, query)


def _stepped(connection: Connection, query: Select[Any]) -> Generator[Any, None, None]:
    result = connection.execute(query)
    cursor: Any = result.cursor
    try:
        while some := _next_of(connection, partial(cursor.fetchmany, _STEPPED)):
            yield from some
    finally:
        result.close()


def _fetched(connection: Connection, query: Select[Any]) -> Generator[Any, None, None]:
    """Through a cursor on the server; several are open at a time."""
    asked = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    name = f"stream_{next(_numbers)}"
    connection.exec_driver_sql(f"DECLARE {name} NO SCROLL CURSOR FOR {asked}", asked.params)
    cursor: Any = connection.connection.cursor()

    def fetch() -> Any:
        return cursor.execute(f"FETCH {_AT_A_TIME} FROM {name}", binary=True, prepare=False).fetchall()

    try:
        while some := _next_of(connection, fetch):
            yield from some
    finally:
        if cursor.connection.info.transaction_status.name == "INTRANS":  # a transaction that failed has closed it
            cursor.execute(f"CLOSE {name}")
        cursor.close()


def _next_of(connection: Connection, fetch: Callable[[], Any]) -> Any:
    with faults(connection, "fetch"):
        return fetch()


class Stream:
    """The rows of a query in the order of the debtors' ids, each row beginning with one."""

    def __init__(self, connection: Connection, query: Select[Any]) -> None:
        self._all = rows(connection, query)
        self._groups: Iterator[tuple[float, Iterable[Any]]] = groupby(self._all, key=_debtor)
        self._at: float
        self._rows: Iterable[Any]
        self._next()

    def of(self, debtor: int) -> Iterable[Any]:
        """The rows of a debtor; ids only grow from call to call."""
        while self._at < debtor:
            self._next()
        return self._rows if self._at == debtor else ()

    def close(self) -> None:
        """Lets the cursor go."""
        self._all.close()

    def _next(self) -> None:
        self._at, self._rows = next(self._groups, _END)


_END: tuple[float, Iterable[Any]] = (float("inf"), iter(()))


class Days(dict[Any, Any]):
    """Dates as the drivers give them (ISO text on SQLite) as dates: few different ones come, each many times."""

    def __missing__(self, value: Any) -> Any:
        found = date.fromisoformat(value) if isinstance(value, str) else value
        self[value] = found
        return found


def amount(mills: int) -> Decimal:
    """An amount of whole thousandths; `from_mills`, faster where it has at most two decimals."""
    if not mills:
        return ZERO
    cents, rest = divmod(mills, 10)
    return from_mills(mills) if rest else Decimal(cents) * CENT
