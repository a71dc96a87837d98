"""The SQL store: a day of a million invoices planned and stored, on SQLite and PostgreSQL; constant queries; every earlier day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.evidence import Figure, NotMeasured, figure, scale, scaled

if TYPE_CHECKING:
    from tests.receivables.planning_speed import Measured

_MILLION = 1_000_000
_DAY = "1,000,000 open invoices of 200,000 debtors, law packs on, ≥ 50,000 actions stored with explanations"


@figure("plan-1m-sqlite", bar=f"SQLite: {_DAY}: the whole process at most 15 s", item=4)
def plan_1m_sqlite() -> Figure:
    return _in_time("sqlite", 15)


@figure("plan-1m-postgres", bar=f"PostgreSQL: {_DAY}: the whole process at most 25 s", item=4)
def plan_1m_postgres() -> Figure:
    return _in_time("postgresql", 25)


@figure("plan-memory", bar="1,000,000 open invoices planned and stored: at most 1 GB at the peak, SQLite and PostgreSQL", item=4)
def plan_memory() -> Figure:
    peaks = {kind: _measured(kind).peak for kind in ("sqlite", "postgresql")}
    text = ", ".join(f"{kind} {peak:.0f} MB" for kind, peak in peaks.items())
    return Figure(f"{scaled(_MILLION)} invoices: {text}", max(peaks.values()) <= 1000)


@figure("plan-linear", bar="SQLite: processor time an invoice at 1,000,000 at most 1.3 × that at 100,000; 10,000 beside them", item=4)
def plan_linear() -> Figure:
    found = [_measured("sqlite", part) for part in (100, 10, 1)]
    text = ", ".join(f"{one.invoices} in {one.work:.2f} s ({one.of_each:.1f} µs each)" for one in found)
    ratio = found[2].of_each / found[1].of_each
    return Figure(f"{text}: {ratio:.2f} ×", ratio <= 1.3)


@figure("plan-second-run-0", bar="a second run the same day adds 0 actions, SQLite and PostgreSQL", item=4)
def plan_second_run() -> Figure:
    found = {kind: _measured(kind) for kind in ("sqlite", "postgresql")}
    text = "; ".join(f"{kind}: first {one.saved}, second {one.again}" for kind, one in found.items())
    return Figure(text, all(one.saved > 0 and one.again == 0 for one in found.values()))


@figure("snapshots-constant-queries", bar="as many queries for 1,000 debtors as for 10, today and an earlier day, both databases", item=4)
def snapshots_constant_queries() -> Figure:
    from tests.receivables.queries_counted import queries_counted

    texts, holds = [], True
    for kind in ("sqlite", "postgresql"):
        with _database(kind) as where:
            counts = queries_counted(where, (10, 1000))
        holds = holds and counts[10] == counts[1000]
        texts.append(f"{kind}: today {counts[10][0]} and {counts[1000][0]}, earlier {counts[10][1]} and {counts[1000][1]}")
    return Figure("; ".join(texts), holds)


@figure("snapshots-as-of", bar="random weeks: every earlier day is read as its end looked, balances equal to the entries'", item=4)
def snapshots_as_of() -> Figure:
    from einvoice.database import connect
    from tests.receivables.past_days import relive
    from tests.receivables.stores import store

    worlds, days = scaled(100), 0
    for seed in range(worlds):
        with _database("sqlite") as where, store(where) as engine, connect(engine) as connection:
            days += relive(connection, seed)
    return Figure(f"{worlds} times 40 days, {days} of them different: none read otherwise", days > 15 * worlds)


@contextmanager
def _database(kind: str) -> Iterator[Path | str]:
    """A folder for a SQLite file, or the URL of a PostgreSQL database."""
    from tests import postgres

    if kind == "sqlite":
        with TemporaryDirectory() as folder:
            yield Path(folder)
        return
    try:
        with postgres.database() as url:
            yield url
    except postgres.NoServer as reason:
        raise NotMeasured(str(reason)) from None


def _in_time(kind: str, seconds: float) -> Figure:
    """At a smaller scale the bar is smaller too, with time to start up."""
    found = _measured(kind)
    text = f"{found.invoices} invoices of {found.debtors} debtors: {found.seconds:.1f} s, of the processor {found.processor:.1f} s"
    stored = f"{found.saved} actions saved, {found.stored} read back with segment, reason and step"
    enough = found.stored == found.saved >= scaled(50_000)
    return Figure(f"{text}; {stored}; peak {found.peak:.0f} MB", enough and found.seconds <= max(seconds * scale(), 3))


def _measured(kind: str, part: int = 1) -> Measured:
    from tests.postgres import NoServer
    from tests.receivables.planning_speed import measured

    try:
        return measured(kind, scaled(_MILLION // part))
    except NoServer as reason:
        raise NotMeasured(str(reason)) from None
