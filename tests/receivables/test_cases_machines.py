"""Cases as state machines: whatever happens in whatever order, rows, holds, history and events agree with an oracle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.receivables import books
from tests.receivables.cases_disputes import ConsumerDisputes, Disputes
from tests.receivables.cases_machine import Cases, drive
from tests.receivables.cases_money import PaymentPlans, Promises
from tests.scale import scaled

MACHINES = (Disputes, ConsumerDisputes, Promises, PaymentPlans)


@pytest.mark.parametrize("machine", MACHINES)
def test_few_examples(machine: type[Cases], tmp_path: Path) -> None:
    with books.database(tmp_path) as engine:
        assert drive(machine, engine, 4)["moves"]


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_many_examples(machine: type[Cases], tmp_path: Path) -> None:
    with books.database(tmp_path) as engine:
        assert drive(machine, engine, scaled(500))["refusals"]


@pytest.mark.parametrize("machine", MACHINES)
def test_on_postgresql(machine: type[Cases], postgres: str) -> None:
    with books.database(postgres) as engine:
        assert drive(machine, engine, 1)["examples"]
