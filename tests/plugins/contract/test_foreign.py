"""The outbox over foreign rows: beside the SQL store, step by step, in any order of sending, dying, sweeping and late words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from sqlalchemy import Engine, insert, select

from einvoice.database import connect, reading
from einvoice.errors import OutboxError, SettingsError
from einvoice.outbox import Effect, Outcome, Permission, Resend, Settled, SqlStore, State, add, mode
from einvoice.outbox.mode import Mode
from einvoice.outbox.relaying import deliver
from einvoice.outbox.tables import OUTBOX
from einvoice_plugins import foreign
from einvoice_plugins.foreign import ForeignStore
from tests.outbox.test_machine import Outbox
from tests.outbox.world import START, Clock, Listener, Post, effect, migrated, row, states
from tests.plugins.small.effects import TableRows, beginning
from tests.scale import scaled

EMAIL = frozenset({"email"})


def live(handle: Any) -> Mode:
    return Mode(mode.LIVE)


def foreign_store(engine: Engine, owner: Any, **more: Any) -> ForeignStore:
    return ForeignStore(beginning(engine, OUTBOX), {"test": owner}, more.pop("allowed", live), **more)


class Echo(Listener):
    """Answers as another listener does, and hears for itself."""

    def __init__(self, other: Listener) -> None:
        super().__init__()
        self._other = other

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:
        return self._other.may_send(connection, effect, now)


class Twins:
    """The SQL store and the foreign one side by side, each with a database of its own; what one says the other must say."""

    def __init__(self, first: Engine, second: Engine, owner: Listener) -> None:
        self.engines, self.echo, self.listener = (first, second), Echo(owner), owner
        self.sql = SqlStore(first, {"test": owner}, attempts=10**6, chance=Random(1))
        self.foreign = foreign_store(second, self.echo, attempts=10**6, chance=Random(1))

    def claim(self, *asked: Any) -> Effect | None:
        found: Effect | None = self._both(lambda store: store.claim(*asked))
        return found

    def settle(self, *asked: Any) -> None:
        self._both(lambda store: store.settle(*asked))

    def sweep(self, now: datetime) -> int:
        found: int = self._both(lambda store: store.sweep(now))
        return found

    def _both(self, ask: Callable[[Any], Any]) -> Any:
        self._copy()
        answers = []
        for store in (self.sql, self.foreign):
            try:
                answers.append(ask(store))
            except OutboxError as fault:
                answers.append(str(fault))
        assert answers[0] == answers[1]
        if isinstance(answers[0], str):
            raise OutboxError(answers[0])
        return answers[0]

    def _copy(self) -> None:
        """What was planned in the one is created in the other, as an ERP does."""
        with reading(self.engines[0]) as connection:
            rows = [foreign.Row(**made._mapping) for made in connection.execute(select(OUTBOX).order_by(OUTBOX.c.id))]
        with connect(self.engines[1]) as connection:
            there = set(connection.scalars(select(OUTBOX.c.key)))
            for made in rows:
                if made.key not in there:
                    assert made.created_at is not None
                    connection.execute(insert(OUTBOX).values(id=made.id, **foreign.planned(made.effect, made.created_at)))

    def tables(self) -> list[Any]:
        """The rows of both."""
        found = []
        for engine in self.engines:
            with reading(engine) as connection:
                found.append(connection.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all())
        return found


class Beside(Outbox):
    """The machine of the SQL store, with the foreign one beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.more = ExitStack()
        folder = Path(self.more.enter_context(TemporaryDirectory()))
        self.twins = Twins(self.engine, self.more.enter_context(migrated(self.kind, folder)), self.listener)
        self.store: Any = self.twins

    def teardown(self) -> None:
        super().teardown()
        self.more.close()

    @invariant()
    def both_tables_are_the_same(self) -> None:
        self.twins._copy()
        first, second = self.twins.tables()
        assert first == second
        assert self.listener.heard == self.twins.echo.heard


class BesidePostgres(Beside):
    """The same on PostgreSQL."""

    kind = "postgresql"


def _run(machine: Any, examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    )


def test_it_does_what_the_sql_store_does() -> None:
    _run(Beside, 6, 20)


@pytest.mark.slow
def test_it_does_what_the_sql_store_does_in_many_orders() -> None:
    _run(Beside, scaled(1_000), 40)


@pytest.mark.slow
def test_it_does_what_the_sql_store_does_on_postgresql() -> None:
    _run(BesidePostgres, scaled(50), 20)


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with migrated("sqlite", tmp_path / "first") as first, migrated("sqlite", tmp_path / "second") as second:
        yield Twins(first, second, Listener())


def alike(twins: Twins) -> list[Any]:
    """The rows, which are the same in both."""
    twins._copy()
    first, second = twins.tables()
    assert first == second
    assert twins.listener.heard == twins.echo.heard
    rows: list[Any] = first
    return rows


def claimed(twins: Twins, now: datetime) -> Effect:
    taken = twins.claim("w", EMAIL, now)
    assert taken is not None
    alike(twins)
    return taken


@pytest.mark.parametrize("ended", ["settled", "swept"])
def test_what_may_have_arrived_is_withdrawn_as_unknown(twins: Twins, ended: str) -> None:
    plan(twins.engines[0], effect("a", Resend.SAME_BYTES))
    taken, later = claimed(twins, START), START + timedelta(hours=1)
    if ended == "settled":
        twins.settle(Settled(taken, Outcome(State.UNKNOWN)), START)
    else:
        assert twins.sweep(later) == 1
    assert [made.doubtful for made in alike(twins)] == [True]
    twins.listener.answers = {"a": Permission(cancel="paid")}
    assert twins.claim("w", EMAIL, later + timedelta(hours=1)) is None
    assert [made.state for made in alike(twins)] == [State.UNKNOWN]


@pytest.mark.parametrize(
    ("word", "state"),
    [(State.FAILED, State.SENDING), (State.PLANNED, State.SENDING), (State.UNKNOWN, State.SENDING), (State.SENT, State.SENT)],
)
def test_of_a_worker_that_lost_its_lease_only_an_arrival_is_believed(twins: Twins, word: State, state: State) -> None:
    plan(twins.engines[0], effect("a", Resend.SAME_BYTES))
    first, later = claimed(twins, START), START + timedelta(hours=1)
    twins.sweep(later)
    second = claimed(twins, later + timedelta(hours=3))
    assert (first.attempts, second.attempts) == (1, 2)
    twins.settle(Settled(first, Outcome(word)), later + timedelta(hours=3))
    assert [made.state for made in alike(twins)] == [state]


def test_an_owner_that_asks_to_wait_until_a_moment_in_the_past_is_asked_a_second_later(twins: Twins) -> None:
    plan(twins.engines[0], effect("a"))
    twins.listener.answers = {"a": Permission(until=START - timedelta(hours=1))}
    assert twins.claim("w", EMAIL, START) is None
    assert [made.next_at for made in alike(twins)] == [START + timedelta(seconds=1)]


@pytest.mark.parametrize("word", [State.SENT, State.FAILED, State.UNKNOWN, State.PLANNED, State.DELIVERED])
def test_a_settled_row_is_held_by_nobody(twins: Twins, word: State) -> None:
    plan(twins.engines[0], effect("a"))
    taken = claimed(twins, START)
    twins.settle(Settled(taken, Outcome(word, provider="7", proof="250 ok", reason="why")), START)
    assert [(made.state, made.worker, made.lease_until, made.provider) for made in alike(twins)] == [(word, None, None, "7")]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with migrated("sqlite", tmp_path) as made:
        yield made


def plan(engine: Engine, *effects: Effect) -> None:
    with connect(engine) as connection:
        for wanted in effects:
            add(connection, wanted, START)


def test_the_relay_sends_over_it(engine: Engine) -> None:
    plan(engine, effect("a"), effect("b"), effect("later", not_before=START + timedelta(hours=1)))
    post, clock = Post(), Clock()
    assert deliver(foreign_store(engine, Listener()), {"email": post}, clock, worker="cron") == {State.SENT: 2}
    assert [sent.key for sent in post.arrived] == ["a", "b"]
    assert states(engine) == {"a": State.SENT, "b": State.SENT, "later": State.PLANNED}


def test_nothing_leaves_where_the_erp_says_so_and_redirected_mail_goes_elsewhere(engine: Engine) -> None:
    plan(engine, effect("a"))
    assert foreign_store(engine, Listener(), allowed=lambda handle: Mode()).claim("w", EMAIL, START) is None
    elsewhere = Mode(mode.REDIRECT, "test@example.com")
    taken = foreign_store(engine, Listener(), allowed=lambda handle: elsewhere).claim("w", EMAIL, START)
    assert taken is not None
    assert (taken.address, taken.redirected) == ("test@example.com", "test@example.com")


def test_what_was_sent_is_recorded_also_where_the_mode_leads_nowhere(engine: Engine) -> None:
    plan(engine, effect("a"), effect("b"))
    taken = foreign_store(engine, Listener()).claim("w", EMAIL, START)
    assert taken is not None

    def broken(handle: Any) -> Mode:
        raise SettingsError("redirect to whom?")

    store = foreign_store(engine, Listener(), allowed=broken)
    assert store.claim("w", EMAIL, START, Settled(taken, Outcome(State.SENT))) is None
    assert states(engine) == {"a": State.SENT, "b": State.PLANNED}


def test_too_many_attempts_end_and_a_deleted_row_is_an_error(engine: Engine) -> None:
    plan(engine, effect("a", Resend.SAME_BYTES))
    store = foreign_store(engine, Listener(), attempts=1)
    taken = store.claim("w", EMAIL, START)
    assert taken is not None
    store.settle(Settled(taken, Outcome(State.PLANNED)), START)
    assert states(engine) == {"a": State.DEAD}
    with pytest.raises(OutboxError):
        store.settle(Settled(taken._replace(id=99), Outcome(State.SENT)), START)


def test_withdrawing_and_late_words(engine: Engine) -> None:
    plan(engine, effect("a"), effect("b"))
    listener = Listener()
    with beginning(engine, OUTBOX)() as rows:
        assert isinstance(rows, TableRows)
        assert foreign.cancel(rows, 1, "paid", START)
        assert not foreign.cancel(rows, 1, "paid", START)
        assert not foreign.cancel(rows, 99, "paid", START)
    store = foreign_store(engine, listener)
    taken = store.claim("w", EMAIL, START)
    assert taken is not None
    store.settle(Settled(taken, Outcome(State.SENT, provider="7")), START)
    for _ in range(2):
        with beginning(engine, OUTBOX)() as rows:
            foreign.report(rows, 2, Outcome(State.DELIVERED), START, {"test": listener})
    assert listener.heard == [("b", State.SENDING, State.SENT), ("b", State.SENT, State.DELIVERED)]
    assert (row(engine, "a").reason, row(engine, "b").provider) == ("paid", "7")
    with beginning(engine, OUTBOX)() as rows, pytest.raises(OutboxError):
        foreign.report(rows, 2, Outcome(State.PLANNED), START, {})
    with beginning(engine, OUTBOX)() as rows, pytest.raises(OutboxError):
        foreign.report(rows, 99, Outcome(State.SENT), START, {})
