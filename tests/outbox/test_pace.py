"""How fast channels send: never more than allowed in any span, by all workers of all relays together, and nobody else waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice.outbox import Effect, Outcome, SqlStore, State, add_all, relay, relaying
from einvoice.outbox.pace import Paces
from einvoice.outbox.tables import PACES
from einvoice.settings import Sending
from einvoice.settings.values import Pace, paces
from tests.outbox.world import START, Clock, Listener, Post, effect, migrated, states


class Ticking(Clock):
    """A clock that moves a little whenever it is read, and by as much as somebody sleeps."""

    def __init__(self, tick: float = 0.001) -> None:
        super().__init__()
        self.tick = timedelta(seconds=tick)
        self.lock = threading.Lock()

    def __call__(self) -> datetime:
        with self.lock:
            self.now += self.tick
            return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += timedelta(seconds=seconds)


class Noting(Post):
    """A sender that notes when it was asked."""

    def __init__(self, clock: Callable[[], datetime], answers: Sequence[State] = ()) -> None:
        super().__init__()
        self.clock = clock
        self.at: list[tuple[datetime, str]] = []
        self.kinds = list(answers)
        self.again = 0

    def send(self, effect: Effect) -> Outcome:
        self.at.append((self.clock(), effect.channel))
        state = self.kinds.pop() if self.kinds else State.SENT
        self.again += state is State.PLANNED
        return Outcome(state, retry_after=0.0)


def most_in(moments: Sequence[datetime], seconds: float) -> int:
    """The most moments in any span that is open at its end."""
    ordered, most, first = sorted(moments), 0, 0
    for number, moment in enumerate(ordered):
        while moment - ordered[first] >= timedelta(seconds=seconds):
            first += 1
        most = max(most, number - first + 1)
    return most


def taken(engine: object) -> list[datetime]:
    with reading(engine) as connection:  # type: ignore[arg-type]
        return list(connection.scalars(select(PACES.c.at).order_by(PACES.c.at)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    made = Ticking()
    monkeypatch.setattr(relaying, "sleep", made.sleep)
    return made


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    most=st.integers(1, 5),
    seconds=st.integers(1, 20),
    count=st.integers(1, 12),
    workers=st.integers(1, 3),
    answers=st.lists(st.sampled_from([State.SENT, State.FAILED, State.PLANNED]), max_size=6),
    tick=st.sampled_from([0.001, 0.3, 2.0]),
)
def test_never_more_than_allowed_in_any_span(
    tmp_path_factory: pytest.TempPathFactory,
    clock: Ticking,
    most: int,
    seconds: int,
    count: int,
    workers: int,
    answers: list[State],
    tick: float,
) -> None:
    clock.now, clock.tick = START, timedelta(seconds=tick)
    with migrated("sqlite", tmp_path_factory.mktemp("pace")) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(f"e{number}", channel="sms") for number in range(count)), START)
        post = Noting(clock, answers)
        started: list[datetime] = []
        sending = Sending(pace=(Pace("sms", most, seconds),))
        keep = _keeping(started)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Paces, "took", keep)
            relay(engine, lambda: {"sms": post}, {"test": Listener()}, clock, workers=workers, ceiling=sending)
        assert set(states(engine).values()) <= {State.SENT, State.FAILED}
        assert len(started) == len(post.at) == count + post.again
        assert most_in(started, seconds) <= most


def _keeping(started: list[datetime]) -> Callable[..., None]:
    original = Paces.took

    def took(self: Paces, connection: object, channel: str, now: datetime) -> None:
        original(self, connection, channel, now)  # type: ignore[arg-type]
        started.append(now)

    return took


def test_a_channel_that_waits_keeps_no_other_waiting(tmp_path: Path, clock: Ticking) -> None:
    with migrated("sqlite", tmp_path) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(f"s{number}", channel="sms") for number in range(6)), START)
            add_all(connection, (effect(f"m{number}", channel="email") for number in range(20)), START)
        post = Noting(clock)
        sending = Sending(pace=(Pace("sms", 2, 60),))
        assert relay(engine, {"sms": post, "email": post}, {"test": Listener()}, clock, ceiling=sending).sent == 26
        mails = [moment for moment, channel in post.at if channel == "email"]
        texts = [moment for moment, channel in post.at if channel == "sms"]
        assert max(mails) - START < timedelta(seconds=5)
        assert timedelta(seconds=120) <= max(texts) - START < timedelta(seconds=130)


def test_two_paces_of_a_channel_both_hold(tmp_path: Path, clock: Ticking) -> None:
    with migrated("sqlite", tmp_path) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(f"s{number}", channel="sms") for number in range(12)), START)
        post = Noting(clock)
        sending = Sending(pace=paces(["sms 2/second", "sms 5/minute"]))
        relay(engine, {"sms": post}, {"test": Listener()}, clock, ceiling=sending)
        moments = taken(engine)
        assert len(post.at) == 12
        assert most_in(moments, 1) <= 2
        assert most_in(moments, 60) <= 5


def test_a_later_relay_counts_what_an_earlier_one_sent(tmp_path: Path, clock: Ticking) -> None:
    sending = Sending(pace=(Pace("email", 3, 3600),))
    with migrated("sqlite", tmp_path) as engine:
        post = Noting(clock)
        for round_ in range(2):
            with connect(engine) as connection:
                add_all(connection, (effect(f"{round_}-{number}") for number in range(3)), clock())
            relay(engine, {"email": post}, {"test": Listener()}, clock, ceiling=sending)
        assert len(post.at) == 6
        assert post.at[3][0] - post.at[0][0] >= timedelta(seconds=3600)


def test_what_is_withdrawn_uses_nothing_up(tmp_path: Path, clock: Ticking) -> None:
    from einvoice.outbox import Permission

    owner = Listener()
    owner.answers = {"a": Permission(cancel="no"), "b": Permission(until=START + timedelta(days=1))}
    with migrated("sqlite", tmp_path) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(key) for key in "abc"), START)
        relay(engine, {"email": Noting(clock)}, {"test": owner}, clock, ceiling=Sending(pace=(Pace("email", 1, 60),)))
        assert len(taken(engine)) == 1


def test_a_relay_that_is_stopped_waits_no_longer(tmp_path: Path, clock: Ticking) -> None:
    calls = iter(range(100))
    with migrated("sqlite", tmp_path) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(f"e{number}") for number in range(5)), START)
        sending = Sending(pace=(Pace("email", 1, 86_400),))
        counts = relay(engine, {"email": Noting(clock)}, {"test": Listener()}, clock, ceiling=sending, stopped=lambda: next(calls) > 20)
        assert counts.sent == 1


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_relays_at_once_share_a_pace(tmp_path: Path, kind: str) -> None:
    """Three relays of two workers each, on a real clock."""
    with migrated(kind, tmp_path) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(f"e{number}") for number in range(30)), START)
        began: list[datetime] = []
        lock = threading.Lock()

        class Real(Post):
            def send(self, effect: Effect) -> Outcome:
                with lock:
                    began.append(now())
                return Outcome(State.SENT)

        zero = time.monotonic()

        def now() -> datetime:
            return START + timedelta(seconds=time.monotonic() - zero)

        def one() -> None:
            relay(engine, lambda: {"email": Real()}, {"test": Listener()}, now, workers=2, ceiling=Sending(pace=(Pace("email", 10, 1),)))

        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(began) == 30
        assert set(states(engine).values()) == {State.SENT}
        assert most_in(taken(engine), 1) <= 10
        assert max(began) - min(began) >= timedelta(seconds=1.9)


def test_without_a_pace_nothing_is_written(tmp_path: Path) -> None:
    with migrated("sqlite", tmp_path) as engine:
        with connect(engine) as connection:
            add_all(connection, (effect(f"e{number}") for number in range(3)), START)
        store = SqlStore(engine, {"test": Listener()})
        while store.claim("w", frozenset({"email"}), START):
            pass
        assert taken(engine) == []


def test_spans_are_measured_as_they_should_be() -> None:
    moments = [START + timedelta(seconds=second) for second in (0, 1, 2, 10)]
    assert [most_in(moments, span) for span in (1, 2, 3, 11)] == [1, 2, 3, 4]
    assert all(one < other for one, other in pairwise(moments))
