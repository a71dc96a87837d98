"""Invariants 10 and 11, and every balance on every day, against a naive ledger: whatever is booked in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine

from tests.receivables import books
from tests.receivables.ledger_machine import LedgerMachine
from tests.scale import scaled


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A fresh SQLite database."""
    with books.database(tmp_path) as engine:
        yield engine


def _run(engine: Engine, examples: int, steps: int = 30) -> None:
    LedgerMachine.engine = engine
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_any_bookings(engine: Engine) -> None:
    _run(engine, 8)


@pytest.mark.slow
def test_many_bookings(engine: Engine) -> None:
    _run(engine, scaled(1000), 50)


@pytest.mark.slow
def test_on_postgresql(postgres: str) -> None:
    with books.database(postgres) as engine:
        _run(engine, scaled(100))
