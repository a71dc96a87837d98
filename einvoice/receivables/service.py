"""The day's run as a service: at start, and then by a schedule, durably through DBOS.

DBOS keeps the schedule and what was started in its own tables: beside the SQLite file, or in the schema `dbos` of the PostgreSQL
database. It starts a run that was cut off again, which is safe because a run finishes what the one before left. After a downtime, however
many runs were missed, one at the start catches up. Needs the extra `service`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from einvoice.errors import SettingsError

_log = logging.getLogger(__name__)
NAME = "einvoice-receivables"
EVERY = "*/30 6-20 * * *"
"""Twice an hour from six to nine in the evening: what waits for a debtor's hours of contact goes out within half an hour."""


class Schedule(NamedTuple):
    """When to run: a cron expression of five fields (six: seconds first), in a time zone."""

    cron: str = EVERY
    zone: str = "Europe/Brussels"


def serve(job: Callable[[], Any], database: str, schedule: Schedule, stop: Event, *, polling: float = 30.0) -> None:
    """Runs `job` now and then by the schedule, until `stop` is set; a job that fails is logged, and the next one runs all the same.

    `database` is the address of the receivables' database, `polling` how often in seconds DBOS looks for work. Raises SettingsError
    where DBOS is not installed or the schedule means nothing.
    """
    try:
        from croniter import croniter  # noqa: PLC0415 - DBOS reads schedules with it
        from dbos import DBOS  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError:
        raise SettingsError("the service needs DBOS: pip install 'einvoice-toolkit[service]'; or let cron start the run") from None
    if not croniter.is_valid(schedule.cron, second_at_beginning=True) or schedule.zone not in available_timezones():
        raise SettingsError(
            f"the schedule {schedule.cron!r} in {schedule.zone} means nothing; write one such as {EVERY!r} in Europe/Brussels"
        )
    _start(DBOS, database, polling)
    try:
        workflow = _registered(DBOS, job)
        DBOS.launch()
        DBOS.apply_schedules([_entry(schedule, workflow)])
        _safely(job)
        stop.wait()
    finally:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=60)


def _start(dbos: Any, database: str, polling: float) -> None:
    from importlib.metadata import version  # noqa: PLC0415

    config = {
        "name": NAME,
        "system_database_url": system_database(database),
        "application_version": version("einvoice-toolkit"),
        "executor_id": NAME,
        "log_level": "WARNING",
        "scheduler_polling_interval_sec": polling,
    }
    dbos(config=config)


def _registered(dbos: Any, job: Callable[[], Any]) -> Any:
    """The workflow that the schedule starts: one step, the run itself."""

    @dbos.step(name="run")  # type: ignore[untyped-decorator]
    def step() -> None:
        _safely(job)

    @dbos.workflow(name="receivables_run")  # type: ignore[untyped-decorator]
    def workflow(_scheduled: datetime, _context: Any) -> None:
        step()

    return workflow


def _entry(schedule: Schedule, workflow: Any) -> Any:
    return {
        "schedule_name": NAME,
        "workflow_fn": workflow,
        "schedule": schedule.cron,
        "cron_timezone": schedule.zone,
        "automatic_backfill": False,  # one run at the start catches up, not one for each that was missed
    }


def _safely(job: Callable[[], Any]) -> None:
    """Runs the job; a fault is logged, for the next run to try again."""
    try:
        job()
    except Exception:
        _log.exception("the run failed; the next one tries again")


def system_database(database: str) -> str:
    """Where DBOS keeps its tables: a file beside SQLite's, the same database in PostgreSQL (schema `dbos`)."""
    if database.startswith("sqlite"):
        path, _, query = database.partition("?")
        return f"{path}.dbos" + (f"?{query}" if query else "")
    return f"postgresql://{database.partition('://')[2]}"
