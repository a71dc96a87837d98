"""Many rows at once: ids taken beforehand, values as the database keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Date, Table, func, select, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from einvoice.database.types import Money
from einvoice.money import to_mills
from einvoice.receivables.store.loading import load

SOME = 2000
"""Rows that are checked and written together: what bounds the memory."""
MANY = 20_000
"""Debtors whose sums are kept before they are saved."""


def chunks(rows: Iterable[Any], size: int = SOME) -> Iterator[list[Any]]:
    """Rows in lists of at most so many."""
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Ids for so many new rows of a table, which nobody else gets."""
    if not count:
        return []
    if connection.dialect.name == "sqlite":
        last = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
        return list(range(last + 1, last + 1 + count))
    sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(connection.execute(sequence, {"name": table.name, "count": count}).scalars())


def add(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Adds rows: amounts, dates, lists and dictionaries become what the database keeps; columns that are not given get their defaults."""
    if rows:
        given = [_kept(table.c[name].type, values) for name, values in zip(names, zip(*rows, strict=True), strict=True)]
        fixed = {c.name: c.default.arg for c in table.c if c.name not in names and isinstance(c.default, ScalarElementColumnDefault)}
        rest = [_kept(table.c[name].type, [value] * len(rows)) for name, value in fixed.items()]
        load(connection, table.name, [*names, *fixed], zip(*given, *rest, strict=True))


def _kept(kind: Any, values: Sequence[Any]) -> Iterable[Any]:
    """A column's values as the database keeps them."""
    if isinstance(kind, Money):
        return [None if value is None else to_mills(value) for value in values]
    if isinstance(kind, Date):
        return [None if value is None else value.isoformat() for value in values]
    if isinstance(kind, JSON):
        return [None if value is None else json.dumps(value, ensure_ascii=False) if value else "[]" for value in values]
    return values
