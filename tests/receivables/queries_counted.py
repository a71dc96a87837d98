"""How many queries snapshots take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from einvoice.database import connect, reading
from einvoice.receivables.store import snapshots
from tests.receivables import books
from tests.receivables.bulk import DAY, fill


def queries_counted(where: Path | str, sizes: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For creditors with so many debtors: the queries for the snapshots of today, and of an earlier day."""
    counts = {}
    with books.database(where) as engine:
        with connect(engine) as connection:
            creditors = {size: fill(connection, 5 * size, seed=size) for size in sizes}
        for size, creditor in creditors.items():
            today, earlier = (_read(engine, creditor, DAY - timedelta(days=back)) for back in (0, 9))
            assert today[0] == size, "every debtor owes something today"
            counts[size] = today[1], earlier[1]
    return counts


def _read(engine: Engine, creditor: int, day: Any) -> tuple[int, int]:
    with reading(engine) as connection, _counted(engine) as seen:
        debtors = sum(1 for _ in snapshots(connection, creditor, day))
    return debtors, len(seen)


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are executed."""
    seen: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", hear)
