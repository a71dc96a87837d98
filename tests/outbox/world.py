"""What the tests of the outbox share: databases of both kinds, a clock to turn, an owner that listens, a sender that does as told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, select

from einvoice.database import connect, migrate, open_database, reading
from einvoice.outbox import Effect, Outcome, Permission, Resend, State, mode
from einvoice.outbox.tables import OUTBOX
from tests import postgres

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LIVE = {"send": 1}


@contextmanager
def migrated(kind: str, folder: Path, *, live: bool = True) -> Iterator[Engine]:
    """A migrated database of a kind, which is live unless told."""
    with nullcontext(_file(folder)) if kind == "sqlite" else postgres.fresh(postgres.migrated_database) as url:
        engine = open_database(url)
        if live:
            with connect(engine) as connection:
                mode.set_live(connection, LIVE, mode.confirmation(LIVE), START, "test")
        yield engine
        engine.dispose()


def _file(folder: Path) -> str:
    (folder / "outbox.db").write_bytes(_migrated())
    return f"sqlite:///{folder}/outbox.db"


@cache
def _migrated() -> bytes:
    """A SQLite database that was migrated once, to be copied."""
    with TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/outbox.db")
        migrate(engine)
        engine.dispose()
        return Path(folder, "outbox.db").read_bytes()


class Clock:
    """A clock to turn by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        """Time passes."""
        self.now += timedelta(**time)


class Listener:
    """An owner that permits everything unless told, and writes down what it hears."""

    def __init__(self) -> None:
        self.answers: dict[str, Permission | Exception] = {}
        self.heard: list[tuple[str, State, State]] = []
        self.deaf = False

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:
        answer = self.answers.get(effect.key, Permission())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def happened(self, connection: Any, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        if self.deaf:
            raise RuntimeError("the owner does not listen")
        self.heard.append((effect.key, was, outcome.state))


class Post:
    """A sender that keeps what arrives, and answers as told: an outcome, or an exception."""

    def __init__(self, *, recognises_keys: bool = False) -> None:
        self.recognises_keys = recognises_keys
        self.arrived: list[Effect] = []
        self.answers: list[Outcome | Exception] = []
        self.closed = 0

    def send(self, effect: Effect) -> Outcome:
        answer = self.answers.pop(0) if self.answers else Outcome(State.SENT, provider="p", proof="250 ok")
        if isinstance(answer, Exception):
            raise answer
        if answer.state in (State.SENT, State.DELIVERED):
            self.arrived.append(effect)
        return answer

    def close(self) -> None:
        self.closed += 1


def effect(key: str, resend: Resend = Resend.ONCE, channel: str = "email", **more: Any) -> Effect:
    """An effect to send."""
    return Effect(
        key=key,
        owner="test",
        subject=f"test:{key}",
        channel=channel,
        address=f"{key}@example.com",
        payload=key.encode(),
        resend=resend,
        **more,
    )


def states(engine: Engine) -> dict[str, State]:
    """The state of every effect, by its key."""
    with reading(engine) as connection:
        return {key: State(state) for key, state in connection.execute(select(OUTBOX.c.key, OUTBOX.c.state))}


def row(engine: Engine, key: str) -> Any:
    """The row of an effect."""
    with reading(engine) as connection:
        return connection.execute(select(OUTBOX).where(OUTBOX.c.key == key)).one()
