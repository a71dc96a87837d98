"""The store in SQL: added once, claimed once, changed only as the states allow; owners are asked and told in the same transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from einvoice.database import connect
from einvoice.errors import OutboxError
from einvoice.outbox import Effect, Outcome, Permission, Resend, Settled, SqlStore, State, add, add_all, cancel, report
from tests.outbox.world import START, Listener, effect, migrated, row, states

EMAIL = frozenset({"email"})
SENT = Outcome(State.SENT, provider="p1", proof="250 ok")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind."""
    with migrated(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def store(engine: Engine, listener: Listener) -> SqlStore:
    return SqlStore(engine, {"test": listener})


def _planned(engine: Engine, *effects: Effect) -> None:
    with connect(engine) as connection:
        add_all(connection, effects, START)


def test_the_same_key_is_one_effect(engine: Engine) -> None:
    with connect(engine) as connection:
        first = add(connection, effect("a"), START)
        assert add(connection, effect("a")._replace(payload=b"other"), START) == first
        add_all(connection, [effect(str(number % 7)) for number in range(1_200)], START)
    assert len(states(engine)) == 8
    assert row(engine, "a").payload == b"a"


def test_a_message_from_claim_to_proof(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, effect("a", headers={"subject": "é"}), effect("b"))
    first = store.claim("w", EMAIL, START)
    assert first is not None
    assert (first.key, first.attempts, first.payload, first.headers["subject"]) == ("a", 1, b"a", "é")
    assert row(engine, "a").lease_until > START
    second = store.claim("w", EMAIL, START, Settled(first, SENT))
    assert second is not None
    assert states(engine) == {"a": State.SENT, "b": State.SENDING}
    assert (row(engine, "a").provider, row(engine, "a").proof, row(engine, "a").sent_at) == ("p1", "250 ok", START)
    assert store.claim("w", EMAIL, START, Settled(second, Outcome(State.FAILED, reason="550"))) is None
    assert listener.heard == [("a", State.SENDING, State.SENT), ("b", State.SENDING, State.FAILED)]


def test_nothing_before_its_time_nor_after_nor_on_another_channel_nor_of_a_stranger(
    engine: Engine, store: SqlStore, listener: Listener
) -> None:
    hour = timedelta(hours=1)
    _planned(engine, effect("early", not_before=START + hour), effect("late", not_after=START - hour), effect("letter", channel="letter"))
    _planned(engine, effect("stranger")._replace(owner="nobody here"))
    assert store.claim("w", EMAIL, START) is None
    assert states(engine)["late"] is State.CANCELLED
    assert listener.heard == [("late", State.PLANNED, State.CANCELLED)]
    due = store.claim("w", EMAIL, START + hour)
    assert due is not None
    assert due.key == "early"
    assert states(engine)["stranger"] is State.PLANNED


def test_the_owner_is_asked_each_time(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, effect("no"), effect("later"), effect("faulty"), effect("go"))
    listener.answers = {
        "no": Permission(cancel="paid meanwhile"),
        "later": Permission(until=START + timedelta(hours=2)),
        "faulty": ZeroDivisionError(),
    }
    got = store.claim("w", EMAIL, START)
    assert got is not None
    assert got.key == "go"
    assert states(engine) == {"no": State.CANCELLED, "later": State.PLANNED, "faulty": State.PLANNED, "go": State.SENDING}
    assert row(engine, "no").reason == "paid meanwhile"
    assert row(engine, "later").next_at == START + timedelta(hours=2)
    assert row(engine, "faulty").next_at > START


def test_more_is_withdrawn_than_fits_in_one_transaction(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, *(effect(f"no{number:03}") for number in range(230)), effect("yes", not_before=START + timedelta(seconds=1)))
    listener.answers = {f"no{number:03}": Permission(cancel="paid") for number in range(230)}
    got = store.claim("w", EMAIL, START + timedelta(seconds=1))
    assert got is not None
    assert got.key == "yes"
    assert len(listener.heard) == 230


def test_an_owner_that_fails_to_hear_loses_no_outcome(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, effect("a"))
    got = store.claim("w", EMAIL, START)
    assert got is not None
    listener.deaf = True
    store.settle(Settled(got, SENT), START)
    assert states(engine) == {"a": State.SENT}


def test_what_surely_did_not_leave_is_tried_again_later_and_dies_at_last(engine: Engine, listener: Listener) -> None:
    store = SqlStore(engine, {"test": listener}, attempts=3)
    _planned(engine, effect("a"))
    now, waits = START, []
    for _ in range(3):
        got = store.claim("w", EMAIL, now)
        assert got is not None
        store.settle(Settled(got, Outcome(State.PLANNED, reason="no connection")), now)
        assert store.claim("w", EMAIL, now) is None
        waits.append(row(engine, "a").next_at - now)
        now += timedelta(hours=3)
    assert states(engine) == {"a": State.DEAD}
    assert timedelta(seconds=5) <= waits[0] <= timedelta(seconds=10) <= waits[1] <= timedelta(seconds=20)


def test_what_the_other_side_says_about_waiting_counts(engine: Engine, store: SqlStore) -> None:
    _planned(engine, effect("a"))
    got = store.claim("w", EMAIL, START)
    assert got is not None
    store.settle(Settled(got, Outcome(State.PLANNED, retry_after=77)), START)
    assert row(engine, "a").next_at == START + timedelta(seconds=77)


@pytest.mark.parametrize(
    ("resend", "recognising", "state"),
    [(Resend.ONCE, False, State.UNKNOWN), (Resend.ONCE, True, State.PLANNED), (Resend.SAME_BYTES, False, State.PLANNED)],
)
def test_a_worker_that_died(engine: Engine, listener: Listener, resend: Resend, recognising: bool, state: State) -> None:
    store = SqlStore(engine, {"test": listener}, recognising=EMAIL if recognising else frozenset())
    _planned(engine, effect("a", resend))
    assert store.claim("w", EMAIL, START)
    assert store.sweep(START + timedelta(minutes=9)) == 0
    assert store.sweep(START + timedelta(minutes=11)) == 1
    assert states(engine) == {"a": state}
    assert listener.heard == [("a", State.SENDING, state)]
    assert bool(store.claim("v", EMAIL, START + timedelta(minutes=11))) is (state is State.PLANNED)


def test_what_expired_is_swept(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, *(effect(str(number), not_after=START + timedelta(minutes=number % 2)) for number in range(250)))
    assert store.sweep(START + timedelta(seconds=1)) == 125
    assert len(listener.heard) == 125


def test_a_late_word_still_counts(engine: Engine, store: SqlStore) -> None:
    _planned(engine, effect("a"), effect("b"), effect("c", Resend.SAME_BYTES), effect("d", Resend.SAME_BYTES))
    late = START + timedelta(minutes=11)
    a, b, c, d = (store.claim("w", EMAIL, START) for _ in range(4))
    assert a is not None
    assert b is not None
    assert c is not None
    assert d is not None
    store.sweep(late)
    store.settle(Settled(a, SENT), late)
    store.settle(Settled(b, Outcome(State.PLANNED, reason="it surely never left")), late)
    store.settle(Settled(c, SENT), late)
    store.settle(Settled(d, Outcome(State.FAILED, reason="410")), late)  # another attempt is due, and will hear the same
    assert states(engine) == {"a": State.SENT, "b": State.PLANNED, "c": State.SENT, "d": State.PLANNED}


def test_the_word_of_an_earlier_attempt_does_not_settle_the_later(engine: Engine, store: SqlStore) -> None:
    _planned(engine, effect("a", Resend.SAME_BYTES))
    late = START + timedelta(minutes=11)
    first = store.claim("w", EMAIL, START)
    store.sweep(late)
    second = store.claim("v", EMAIL, late)
    assert first is not None
    assert second is not None
    store.settle(Settled(first, Outcome(State.PLANNED)), late)
    assert states(engine) == {"a": State.SENDING}
    store.settle(Settled(first, SENT), late)
    store.settle(Settled(second, SENT), late)
    assert states(engine) == {"a": State.SENT}
    with pytest.raises(OutboxError):
        store.settle(Settled(second, Outcome(State.FAILED)), late)


def test_what_is_not_allowed_raises_and_changes_nothing(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, effect("a"), effect("b"))
    got = store.claim("w", EMAIL, START)
    assert got is not None
    for state in (State.BOUNCED, State.CANCELLED, State.SENDING):
        with pytest.raises(OutboxError):
            store.settle(Settled(got, Outcome(state)), START)
    store.settle(Settled(got, SENT), START)
    with connect(engine) as connection, pytest.raises(OutboxError):
        report(connection, row(engine, "b").id, Outcome(State.DELIVERED), START, {"test": listener})
    with connect(engine) as connection, pytest.raises(OutboxError):
        report(connection, 999, Outcome(State.DELIVERED), START, {"test": listener})
    assert states(engine) == {"a": State.SENT, "b": State.PLANNED}


def test_later_news(engine: Engine, store: SqlStore, listener: Listener) -> None:
    _planned(engine, effect("a"))
    got = store.claim("w", EMAIL, START)
    assert got is not None
    store.settle(Settled(got, SENT), START)
    for state in (State.DELIVERED, State.DELIVERED, State.BOUNCED):
        with connect(engine) as connection:
            report(connection, got.id or 0, Outcome(state, reason="mailbox full"), START + timedelta(days=1), {"test": listener})
    assert [heard[2] for heard in listener.heard] == [State.SENT, State.DELIVERED, State.BOUNCED]
    assert row(engine, "a").sent_at == START


def test_cancelling(engine: Engine, store: SqlStore) -> None:
    _planned(engine, effect("a"), effect("b"))
    got = store.claim("w", EMAIL, START)
    assert got is not None
    with connect(engine) as connection:
        assert not cancel(connection, got.id or 0, "paid", START)
        assert cancel(connection, row(engine, "b").id, "paid", START)
    assert states(engine) == {"a": State.SENDING, "b": State.CANCELLED}


def test_workers_side_by_side_never_take_the_same(engine: Engine, listener: Listener) -> None:
    _planned(engine, *(effect(f"{number:03}") for number in range(150)))
    taken: list[str] = []

    def work(name: str) -> None:
        mine = SqlStore(engine, {"test": listener})
        settled = None
        while got := mine.claim(name, EMAIL, START, settled):
            taken.append(got.key)
            settled = Settled(got, SENT)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"{number:03}" for number in range(150)]
    assert set(states(engine).values()) == {State.SENT}


def test_a_worker_does_not_wait_for_another_s_open_transaction(postgres: str, tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as engine:
        _planned(engine, effect("a"), effect("b"))
        store = SqlStore(engine, {"test": Listener()})
        with connect(engine) as connection:
            connection.exec_driver_sql("SELECT * FROM outbox WHERE key = 'a' FOR UPDATE")
            got = store.claim("w", EMAIL, START)
        assert got is not None
        assert got.key == "b"


@pytest.mark.parametrize("end", ["expired", "swept", "withdrawn", "cancelled"])
def test_what_may_have_arrived_is_never_withdrawn_as_if_it_had_not(engine: Engine, listener: Listener, end: str) -> None:
    """A recognising provider is asked again; where that is too late, nobody may plan the same thing anew."""
    store = SqlStore(engine, {"test": listener}, recognising=EMAIL)
    _planned(engine, effect("a", not_after=START + timedelta(hours=1)))
    taken = store.claim("w", EMAIL, START)
    assert taken is not None
    store.settle(Settled(taken, Outcome(State.UNKNOWN)), START)
    assert row(engine, "a").state == State.PLANNED
    if end == "withdrawn":
        listener.answers["a"] = Permission(cancel="paid")
    if end == "cancelled":
        with connect(engine) as connection:
            assert not cancel(connection, row(engine, "a").id, "no", START)
    later = START + timedelta(hours=0.5 if end == "withdrawn" else 2)
    store.sweep(later) if end == "swept" else store.claim("w", EMAIL, later)
    assert row(engine, "a").state == State.UNKNOWN
    assert listener.heard[-1][2] == State.UNKNOWN
