"""The relay: everything due is sent once, one fault never stops it, a dead channel rests, and the mode decides what leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Timer

import psycopg
import pytest
from sqlalchemy import Engine

from einvoice.database import connect, reading
from einvoice.errors import OutboxError, SettingsError
from einvoice.outbox import Effect, Outcome, Resend, State, add_all, mode, relay
from einvoice.outbox.breaker import Breaker
from einvoice.settings import Sending
from tests.outbox.world import LIVE, START, Clock, Listener, Post, effect, migrated, row, states

ANY = Sending()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with migrated("sqlite", tmp_path) as made:
        yield made


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Engine]:
    """As it is after installation."""
    with migrated("sqlite", tmp_path, live=False) as made:
        yield made


def _planned(engine: Engine, *effects: Effect) -> None:
    with connect(engine) as connection:
        add_all(connection, effects, START)


def test_everything_due_is_sent_once(engine: Engine) -> None:
    _planned(engine, *(effect(str(number)) for number in range(20)), effect("x", channel="letter"), effect("y", channel="fax"))
    email, letter = Post(), Post()
    counts = relay(engine, {"email": email, "letter": letter}, {"test": Listener()}, Clock(), ceiling=ANY)
    assert (counts.sent, counts.failed, counts.unknown, counts.mode) == (21, 0, 0, "live")
    assert sorted(one.key for one in email.arrived) == sorted(str(number) for number in range(20))
    assert [one.key for one in letter.arrived] == ["x"]
    assert states(engine)["y"] is State.PLANNED
    assert email.closed == letter.closed == 1
    assert relay(engine, {"email": email}, {"test": Listener()}, Clock(), ceiling=ANY).sent == 0


def test_one_fault_never_stops_it(engine: Engine) -> None:
    _planned(engine, *(effect(name) for name in "abcde"), effect("same", Resend.SAME_BYTES))
    email = Post()
    email.answers = [
        ZeroDivisionError("a fault of the sender"),
        Outcome(State.FAILED, reason="550"),
        Outcome(State.PLANNED, reason="451"),
        Outcome(State.UNKNOWN, reason="it broke off"),
        Outcome(State.SENT),
        ZeroDivisionError(),
    ]
    counts = relay(engine, {"email": email}, {"test": Listener()}, Clock(), ceiling=ANY)
    assert (counts.sent, counts.failed, counts.unknown, counts.again) == (1, 1, 3, 1)
    left = {"a": State.UNKNOWN, "b": State.FAILED, "c": State.PLANNED, "d": State.UNKNOWN, "e": State.SENT, "same": State.PLANNED}
    assert states(engine) == left
    assert "ZeroDivisionError" in row(engine, "a").reason


def test_a_channel_that_does_not_answer_rests(engine: Engine) -> None:
    _planned(engine, *(effect(f"{number:02}") for number in range(20)), effect("x", channel="letter"))
    clock, email, letter = Clock(), Post(), Post()
    email.answers = [Outcome(State.PLANNED, reason="no connection")] * 20
    counts = relay(engine, {"email": email, "letter": letter}, {"test": Listener()}, clock, ceiling=ANY)
    assert (counts.again, counts.sent, counts.resting) == (5, 1, frozenset({"email"}))
    email.answers = []
    clock.pass_(minutes=1)
    assert relay(engine, {"email": email}, {"test": Listener()}, clock, ceiling=ANY).sent == 20


def test_the_breaker() -> None:
    breaker = Breaker(limit=2, rest=timedelta(seconds=30))
    breaker.heard("email", State.PLANNED, START)
    breaker.heard("email", State.FAILED, START)  # an answer
    breaker.heard("email", State.UNKNOWN, START)
    assert not breaker.resting(START)
    breaker.heard("email", State.PLANNED, START)
    assert breaker.resting(START) == {"email"}
    assert not breaker.resting(START + timedelta(seconds=30))
    breaker.heard("email", State.PLANNED, START + timedelta(seconds=30))
    assert breaker.resting(START + timedelta(seconds=31)) == {"email"}


def test_several_workers_with_their_own_senders(engine: Engine) -> None:
    _planned(engine, *(effect(f"{number:03}") for number in range(60)))
    made: list[Post] = []

    def senders() -> dict[str, Post]:
        made.append(Post())
        return {"email": made[-1]}

    counts = relay(engine, senders, {"test": Listener()}, Clock(), workers=3, ceiling=ANY)
    assert counts.sent == 60
    assert len(made) == 3
    assert sorted(one.key for post in made for one in post.arrived) == [f"{number:03}" for number in range(60)]
    with pytest.raises(ValueError, match="own senders"):
        relay(engine, {"email": Post()}, {}, Clock(), workers=2, ceiling=ANY)


def test_it_can_be_stopped_between_two_effects(engine: Engine) -> None:
    _planned(engine, *(effect(name) for name in "abc"))
    email = Post()
    counts = relay(engine, {"email": email}, {"test": Listener()}, Clock(), ceiling=ANY, stopped=lambda: len(email.arrived) == 2)
    assert counts.sent == 2
    assert states(engine) == {"a": State.SENT, "b": State.SENT, "c": State.PLANNED}


def test_after_installation_nothing_leaves(silent: Engine) -> None:
    _planned(silent, effect("a"), effect("b", channel="letter"))
    email, letter = Post(), Post()
    counts = relay(silent, {"email": email, "letter": letter}, {"test": Listener()}, Clock(), ceiling=ANY)
    assert counts.mode == "dry_run"
    assert email.arrived == letter.arrived == []
    assert set(states(silent).values()) == {State.PLANNED}


def test_in_redirect_everything_goes_to_one_address(silent: Engine) -> None:
    with connect(silent) as connection:
        mode.set_redirect(connection, "me@example.org", START, "test")
    _planned(silent, effect("a"), effect("b"), effect("c", channel="letter"), effect("d", channel="webhook:shop"))
    email, letter, hook = Post(), Post(), Post()
    relay(silent, {"email": email, "letter": letter, "webhook:shop": hook}, {"test": Listener()}, Clock(), ceiling=ANY)
    assert [(one.address, one.redirected) for one in email.arrived] == [("me@example.org", "me@example.org")] * 2
    assert letter.arrived == hook.arrived == []
    assert (row(silent, "a").address, row(silent, "a").redirected) == ("a@example.com", "me@example.org")


def test_live_needs_the_word_of_what_was_shown(silent: Engine) -> None:
    _planned(silent, effect("a"))
    with connect(silent) as connection:
        shown = mode.waiting(connection)
        word = mode.confirmation(shown)
        assert shown == {"test email": 1}
    _planned(silent, effect("b"))
    with connect(silent) as connection:
        for counts, said in ((mode.waiting(connection), word), (shown, ""), (shown, "yes")):
            with pytest.raises(OutboxError):
                mode.set_live(connection, counts, said, START, "test")
        assert mode.current(connection) == mode.Mode("dry_run")
        mode.set_live(connection, shown, word, START, "test")
        assert mode.current(connection) == mode.Mode("live")


@pytest.mark.parametrize(
    ("stated", "ceiling", "expected"),
    [
        (None, Sending(), mode.Mode("dry_run")),
        ("nonsense", Sending(), mode.Mode("dry_run")),
        ("redirect", Sending(), mode.Mode("dry_run")),
        ("live", Sending(), mode.Mode("live")),
        ("live", Sending("dry_run"), mode.Mode("dry_run")),
        ("live", Sending("redirect", "me@example.org"), mode.Mode("redirect", "me@example.org")),
        ("redirect you@example.org", Sending("redirect", "me@example.org"), mode.Mode("redirect", "me@example.org")),
        ("redirect you@example.org", Sending(), mode.Mode("redirect", "you@example.org")),
        ("redirect you@example.org", Sending("dry_run"), mode.Mode("dry_run")),
        ("live", Sending("redirect"), None),
    ],
)
def test_the_setting_is_a_ceiling(silent: Engine, stated: str | None, ceiling: Sending, expected: mode.Mode | None) -> None:
    with connect(silent) as connection:
        if stated:
            mode._set(connection, stated, START, "test", None)
    with reading(silent) as connection:
        if expected is None:
            with pytest.raises(SettingsError):
                mode.effective(connection, ceiling)
        else:
            assert mode.effective(connection, ceiling) == expected


def test_switching_back_holds_from_the_next_effect_on(engine: Engine) -> None:
    _planned(engine, *(effect(name) for name in "abcd"))

    class Panic(Post):
        def send(self, one: Effect) -> Outcome:
            if len(self.arrived) == 1:
                with connect(engine) as connection:
                    mode.set_dry_run(connection, START, "test")
            return super().send(one)

    email = Panic()
    assert relay(engine, {"email": email}, {"test": Listener()}, Clock(), ceiling=ANY).sent == 2
    assert states(engine) == {"a": State.SENT, "b": State.SENT, "c": State.PLANNED, "d": State.PLANNED}


@pytest.mark.parametrize("address", ["", "me", "me@", "+32", "ftp://x", "a b@c.d"])
def test_what_is_no_address_to_redirect_to(silent: Engine, address: str) -> None:
    with connect(silent) as connection, pytest.raises(OutboxError):
        mode.set_redirect(connection, address, START, "test")


def test_the_word_changes_with_any_count() -> None:
    assert len({mode.confirmation(counts) for counts in ({}, LIVE, {"send": 2}, {"sent": 1}, {"send": 1, "x": 0})}) == 5


def test_a_database_that_is_away_for_a_moment_loses_no_outcome(postgres: str, tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as engine:
        _planned(engine, effect("a"), effect("b"))
        name = engine.url.database

        class Outage(Post):
            """While the first message is sent, the database stops answering for a moment."""

            def send(self, one: Effect) -> Outcome:
                if not self.arrived:
                    _ask(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                    _ask(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
                    self.back = Timer(0.7, _ask, (postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
                    self.back.start()
                return super().send(one)

        email = Outage()
        assert relay(engine, {"email": email}, {"test": Listener()}, Clock(), ceiling=ANY).sent == 2
        email.back.join()
        assert states(engine) == {"a": State.SENT, "b": State.SENT}


def _ask(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
