"""What a day of many invoices costs: planned with the law, and stored with explanations, by a process that does nothing else.

    python -m tests.receivables.planning_speed fill URL 1000000
    python -m tests.receivables.planning_speed plan URL

The second plans and saves `bulk.DAY` as a run does, and prints what it took as JSON. `measured` does it all in fresh processes on a
fresh database: filled, its files in the system's cache, planned once, and once more.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3


class Measured(NamedTuple):
    """A run over a database of `invoices`: seconds of the whole process, of the processor, of the processor without starting up (`work`).

    Times are the median of the rounds; `peak` is the highest memory, in MB.
    `stored` counts actions whose explanation could be read back, `again` what a second run added.
    """

    invoices: int
    debtors: int
    seconds: float
    work: float
    processor: float
    peak: float
    saved: int
    stored: int
    again: int

    @property
    def of_each(self) -> float:
        """Microseconds of work an invoice."""
        return self.work / self.invoices * 1e6


@cache
def measured(kind: str, invoices: int, rounds: int = ROUNDS) -> Measured:
    """Measures on "sqlite" or "postgresql".

    Raises tests.postgres.NoServer where there is none.
    """
    with _DATABASES[kind]() as (url, copied):
        _program("fill", url, str(invoices))
        runs = []
        for number in range(rounds):
            with copied(number) as copy:
                start = perf_counter()
                told = _program("plan", copy)
                seconds = perf_counter() - start
                runs.append(told | {"seconds": seconds, "again": _program("plan", copy)["saved"], "stored": _stored(copy)})
    times = {name: median(run[name] for run in runs) for name in ("seconds", "work", "processor")}
    least = {name: min(run[name] for run in runs) for name in ("saved", "stored")}
    most = {name: max(run[name] for run in runs) for name in ("peak", "again", "debtors")}
    return Measured(invoices=invoices, **times, **least, **most)


def plan(url: str) -> dict[str, Any]:
    """Plans and saves the day; what it took."""
    from sqlalchemy import func, insert, select

    from einvoice.database import connect, open_database
    from einvoice.receivables import law, policy, store
    from einvoice.receivables.day import planned, setting
    from einvoice.receivables.store.tables import CREDITORS, DEBTORS, RUNS
    from einvoice.settings import Settings
    from tests.receivables.bulk import DAY

    engine = open_database(url)
    morning = datetime.combine(DAY, time(5), UTC)
    with connect(engine) as connection:
        key = connection.scalar(select(CREDITORS.c.key))
        debtors = connection.scalar(select(func.count()).select_from(DEBTORS))
    assert key is not None
    chosen, laws = policy.default(), law.load()
    ready = process_time()
    work = setting(engine, key, chosen, laws, Settings(), lambda: morning)
    found = planned(work)
    run = {"creditor_id": work.creditor, "day": DAY, "policy": chosen.hash, "mode": "live", "started_at": morning}
    with connect(engine) as connection:
        run_id = connection.execute(insert(RUNS).values(run).returning(RUNS.c.id)).scalar_one()
    saved = store.save_all(engine, run_id, found.actions)
    end = process_time()
    engine.dispose()
    assert not found.failures
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counts = {"saved": saved.saved, "skipped": saved.skipped, "debtors": debtors}
    return {"work": end - ready, "processor": end, "peak": peak, **counts}


def _stored(url: str) -> int:
    """How many actions of the day can be read back, each with its segment, step and what decided it."""
    from einvoice.database import open_database, reading
    from einvoice.receivables import store
    from tests.receivables.bulk import DAY

    engine = open_database(url)
    with reading(engine) as connection:
        actions = (stored.action for stored in store.pending(connection, 1, DAY))
        count = sum(bool(action.why.segment and action.why.because and action.why.step) for action in actions)
    engine.dispose()
    return count


def _fill(url: str, invoices: int) -> dict[str, Any]:
    from einvoice.database import connect, migrate, open_database
    from tests.receivables.bulk import fill

    engine = open_database(url)
    migrate(engine)
    with connect(engine) as connection:
        fill(connection, invoices)
    if engine.name == "postgresql":  # as its own daemon would soon
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")
    engine.dispose()
    return {}


Copied = Callable[[int], Any]


@contextmanager
def _sqlite() -> Iterator[tuple[str, Copied]]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "filled.db"

        @contextmanager
        def copied(number: int) -> Iterator[str]:
            copy = file.with_name(f"round{number}.db")
            shutil.copyfile(file, copy)
            yield f"sqlite:///{copy}"
            for left in copy.parent.glob(f"{copy.name}*"):
                left.unlink()

        yield f"sqlite:///{file}", copied


@contextmanager
def _postgresql() -> Iterator[tuple[str, Copied]]:
    from tests import postgres

    url = postgres.fresh_database()

    @contextmanager
    def copied(_number: int) -> Iterator[str]:
        copy = postgres.fresh_database(url.rpartition("/")[2])
        try:
            yield copy
        finally:
            postgres.drop(copy)

    try:
        yield url, copied
    finally:
        postgres.drop(url)


_DATABASES = {"sqlite": _sqlite, "postgresql": _postgresql}


def _program(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.receivables.planning_speed", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if run.returncode:
        raise RuntimeError(run.stderr.strip().splitlines()[-1])
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def main(arguments: list[str]) -> None:
    """Fills a database or plans in one, and prints what that took."""
    verb, url, *size = arguments
    print(json.dumps(_fill(url, int(size[0])) if verb == "fill" else plan(url)))


if __name__ == "__main__":
    main(sys.argv[1:])
