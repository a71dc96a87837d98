"""What the state machines of cases share: books that are undone after each example, a clock, a savepoint for what may be refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy import Engine

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.clocks import tick
from tests.receivables import books
from tests.receivables.cases_books import POLICY, here

STEPS = 25


class Cases(RuleBasedStateMachine):
    """A debtor with three invoices on a clock that never stands still."""

    engine: ClassVar[Engine]
    kind: ClassVar[str] = "b2b"
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.here = here(self.connection, kind=self.kind)
        self.day = books.DAY
        self.now = books.NOW
        self.done["examples"] += 1

    def teardown(self) -> None:
        """Undoes everything."""
        self.transaction.rollback()
        self.connection.close()

    def at(self, by: str = "ann") -> At:
        """The next moment."""
        self.now += timedelta(seconds=1)
        return At(self.day, self.now, by)

    def attempt(self, allowed: bool, act: Callable[[], Any]) -> Any:
        """Does something behind a savepoint; whether it is refused must be what was foretold."""
        self.done["moves" if allowed else "refusals"] += 1
        made, refused = None, False
        with suppress(ReceivablesError):
            refused = True
            with self.connection.begin_nested():
                made = act()
            refused = False
        assert refused is not allowed
        return made

    def pass_days(self, days: int) -> dict[str, int]:
        """Lets days pass and the clock tick, twice: the second time nothing is left."""
        self.day += timedelta(days)
        self.now += timedelta(days)
        counts = dict(tick(self.connection, self.here.creditor, POLICY, self.day, self.now))
        assert dict(tick(self.connection, self.here.creditor, POLICY, self.day, self.now)) == {}
        self.done["ticks"] += 1
        self.done.update(counts)
        return counts

    def days(self, days: int) -> date:
        """A day from today."""
        return self.day + timedelta(days)


def drive(machine: type[Cases], engine: Engine, examples: int) -> Counter[str]:
    """Runs a state machine with so many random examples; what happened in them. Raises where an invariant does not hold."""
    done: Counter[str] = Counter()
    made = type(machine.__name__, (machine,), {"engine": engine, "done": done})
    phases = [Phase.generate, Phase.shrink]
    how = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=phases,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(made, settings=how)
    return done
