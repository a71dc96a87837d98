"""The service: a schedule that DBOS keeps really starts runs, at the start and then by the clock, and ends when it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from einvoice.cli.receivables.init import _settings
from einvoice.errors import SettingsError
from einvoice.receivables.service import system_database
from tests.receivables import books


@pytest.mark.parametrize(
    ("database", "system"),
    [
        ("sqlite:////srv/einvoice.db", "sqlite:////srv/einvoice.db.dbos"),
        ("postgresql://me@host/name?sslmode=require", "postgresql://me@host/name?sslmode=require"),
        ("postgres://me@host/name", "postgresql://me@host/name"),
        ("postgresql+psycopg://me@host/name", "postgresql://me@host/name"),
    ],
)
def test_dbos_keeps_its_tables_beside_ours(database: str, system: str) -> None:
    assert system_database(database) == system


def begun(where: Path, database: str | None = None) -> dict[str, str]:
    """A folder with settings and a creditor; the environment that a service of it needs."""
    (where / "einvoice.toml").write_text(_settings(where), "utf-8")
    (where / "policy.yaml").write_text(_policy(), "utf-8")
    url = database or f"sqlite:///{where / 'einvoice.db'}"
    with books.database(url) as engine:
        from einvoice.database import connect

        with connect(engine) as connection:
            books.creditor(connection)
    return {**os.environ, "EINVOICE_CONFIG": str(where / "einvoice.toml"), "EINVOICE_DATABASE_URL": url}


def _policy() -> str:
    from einvoice.receivables import policy

    return policy.default().text


def served(environment: dict[str, str], seconds: float, end: int = signal.SIGTERM, wanted: int = 1) -> tuple[int, int, str]:
    """Runs the service, each second, until it reported so many runs; its exit code, how many runs, what it said of faults."""
    command = [sys.executable, "-W", "error::ResourceWarning", "-m", "einvoice.cli", "receivables", "service", "--every", "* * * * * *"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        until, seen = time.monotonic() + seconds, 0
        while seen < wanted and time.monotonic() < until:
            seen += process.stdout.readline().startswith("acme, ")
        process.send_signal(end)
        out, err = process.communicate(timeout=90)
    return process.returncode, seen + out.count("acme, "), err


@pytest.mark.slow
def test_it_runs_at_the_start_and_by_the_schedule_and_ends_when_told(tmp_path: Path) -> None:
    environment = begun(tmp_path)
    code, runs, err = served(environment, 60, wanted=3)
    assert (code, err) == (0, "")
    assert runs >= 3
    time.sleep(3)  # a downtime of several runs
    code, runs, err = served(environment, 60)
    assert (code, err) == (0, "")
    assert 1 <= runs <= 2  # one at the start catches up, not one for each that was missed


@pytest.mark.slow
def test_it_runs_on_postgresql(tmp_path: Path, postgres: str) -> None:
    code, runs, err = served(begun(tmp_path, postgres), 60, wanted=2)
    assert (code, err) == (0, "")
    assert runs >= 2


@pytest.mark.slow
def test_killed_it_starts_again(tmp_path: Path) -> None:
    environment = begun(tmp_path)
    assert served(environment, 60, signal.SIGKILL)[0] == -signal.SIGKILL
    code, runs, _ = served(environment, 60, wanted=2)
    assert code == 0
    assert runs >= 2


def test_a_schedule_that_means_nothing_is_an_error_of_settings(tmp_path: Path) -> None:
    from threading import Event

    from einvoice.receivables.service import Schedule, serve

    with pytest.raises(SettingsError):
        serve(lambda: None, f"sqlite:///{tmp_path / 'a.db'}", Schedule("whenever"), Event())
