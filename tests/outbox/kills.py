"""Workers killed with SIGKILL at random moments while they send real mail; the receiving server's own log is the judge.

The parent is warm and forks the workers, so that a new one costs little. Each runs the relay as `receivables run` does, with the SMTP
sender. What the log may hold: nothing twice, and everything that is not `unknown`; nothing `sent` that it does not hold. A kill may
leave at most the one message unknown that its worker was sending.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from einvoice.database import connect, migrate, open_database, reading
from einvoice.outbox import Effect, Outcome, Permission, Resend, Sender, State, add_all, mode, relay
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.channels.email import EmailSender, Server
from einvoice.settings import Sending
from tests import postgres, smtp

WORKERS = 2
LEASE = timedelta(seconds=30)
_LATER = timedelta(hours=3)
_ROUND = 0.008  # seconds, a few times what a worker takes for a message


class Verdict(NamedTuple):
    """What the log says: how often messages came twice, which are lost, and how the rest ended."""

    sends: int
    kills: int
    doubled: int
    lost: int
    claimed: int  # sent in the database, and not in the log
    unknown: int
    unsettled: int
    seconds: float
    doubled_same_bytes: int = 0

    @property
    def holds(self) -> bool:
        """Nothing twice, nothing lost, and no more unknown than a message for each kill."""
        return not (self.doubled or self.lost or self.claimed or self.unsettled) and self.unknown <= self.kills

    def __str__(self) -> str:
        told = f"{self.sends} sends, {self.kills} kills -9 of {WORKERS} workers: {self.doubled} duplicates, {self.lost} lost"
        told += f", {self.unknown} unknown" + (f", {self.claimed} sent without arriving" if self.claimed else "")
        told += f", {self.unsettled} unsettled" if self.unsettled else ""
        return f"{told}; {self.sends / self.seconds:.0f} sends/s"


class Careful:
    """An owner that looks at the database before each send, and writes down what it hears, in the same transactions."""

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:
        """Yes, once it has looked."""
        state = connection.execute(select(OUTBOX.c.state).where(OUTBOX.c.id == effect.id)).scalar_one()
        return Permission(cancel=None if state == State.PLANNED else "it is not planned")

    def happened(self, connection: Any, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """Nothing follows."""


class Boastful(EmailSender):
    """A sender that promises what no mail server does: to know a key again. With it duplicates must be found."""

    recognises_keys = True


def kills(kind: str, sends: int, count: int, *, same_bytes: bool = False, sender: type[EmailSender] = EmailSender) -> Verdict:
    """Sends messages while workers are killed `count` times; with `same_bytes` every other may be sent again."""
    with TemporaryDirectory(prefix="einvoice-kills-") as folder, _database(kind, Path(folder)) as url:
        _plan(url, sends, same_bytes)
        with smtp.apart(Path(folder) / "log") as box:
            started = time.monotonic()
            done = _massacre(Workers(url, box, sender), sends, count)
            seconds = time.monotonic() - started
            _settle(Workers(url, box, sender))
            return _judge(url, box, done, seconds, same_bytes)


def key(number: int) -> str:
    """The key of a message."""
    return f"{number:08}@kills"


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    with nullcontext(f"sqlite:///{folder}/kills.db") if kind == "sqlite" else postgres.database() as url:
        with _opened(url) as engine:
            migrate(engine)
        yield url


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    """Nothing is left open that a fork would share."""
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _plan(url: str, sends: int, same_bytes: bool) -> None:
    now = datetime.now(UTC)
    counts = {"kills": sends}
    with _opened(url) as engine, connect(engine) as connection:
        mode.set_live(connection, counts, mode.confirmation(counts), now, "kills")
        add_all(connection, (_effect(number, same_bytes) for number in range(sends)), now)


def _effect(number: int, same_bytes: bool) -> Effect:
    name = key(number)
    text = f"Message-ID: <{name}>\r\nFrom: us@test\r\nTo: d{number}@test\r\nSubject: Invoice {number}\r\n\r\nPlease pay.\r\n"
    resend = Resend.SAME_BYTES if same_bytes and number % 2 else Resend.ONCE
    return Effect(name, "kills", f"kills:{number}", "email", f"d{number}@test", text.encode(), {"sender": "us@test"}, resend)


class Workers(NamedTuple):
    """Where workers find their messages, and where they send them."""

    url: str
    box: smtp.Mailbox
    sender: type[EmailSender]

    def fork(self, number: int) -> int:
        """A new worker; its process id."""
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            self.work(f"w{number}", lambda: datetime.now(UTC))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def work(self, name: str, clock: Callable[[], datetime]) -> None:
        """What a worker does until nothing is due."""
        senders: dict[str, Sender] = {"email": self.sender(Server(self.box.host, self.box.port, "none", local_name="localhost"))}
        with _opened(self.url) as engine:
            relay(engine, senders, {"kills": Careful()}, clock, worker=name, ceiling=Sending(), lease=LEASE)


def _massacre(workers: Workers, sends: int, count: int) -> int:
    """Keeps the workers running until everything was tried; how many were killed.

    A kill falls when the log has reached a random length, a random moment later, on a random worker: anywhere in a worker's round.
    """
    moments = sorted(random.uniform(0, 0.95 * sends) for _ in range(count))
    killed = 0
    running = [workers.fork(number) for number in range(WORKERS)]
    while running:
        time.sleep(random.uniform(0, _ROUND))
        _reap(running)
        if running and moments and _reached(workers.box) > moments[0]:
            moments.pop(0)
            victim = running.pop(random.randrange(len(running)))
            os.kill(victim, signal.SIGKILL)
            killed += os.waitstatus_to_exitcode(os.waitpid(victim, 0)[1]) == -signal.SIGKILL
            running.append(workers.fork(WORKERS + killed))
    return killed


def _reached(box: smtp.Mailbox) -> float:
    """About how many messages the log holds."""
    return box.log.stat().st_size / _LINE if box.log.exists() else 0


_LINE = len(f"{key(0)} {'0' * 64} d12345@test\n")


def _reap(running: list[int]) -> None:
    for child in [*running]:
        if os.waitpid(child, os.WNOHANG)[0]:
            running.remove(child)


def _settle(workers: Workers) -> None:
    """When every lease has ended: what its worker left, and what is due again."""
    later = datetime.now(UTC) + _LATER
    workers.work("last", lambda: later)


def _judge(url: str, box: smtp.Mailbox, killed: int, seconds: float, same_bytes: bool) -> Verdict:
    arrived = Counter(one.message_id for one in box.accepted())
    with _opened(url) as engine, reading(engine) as connection:
        states = {name: State(state) for name, state in connection.execute(select(OUTBOX.c.key, OUTBOX.c.state))}
    again = {key(number) for number in range(1, len(states), 2)} if same_bytes else set()
    doubled = {name for name, times in arrived.items() if times > 1}
    assert arrived.keys() <= states.keys()
    return Verdict(
        sends=len(states),
        kills=killed,
        doubled=len(doubled - again),
        lost=sum(name not in arrived and (state is not State.UNKNOWN or name in again) for name, state in states.items()),
        claimed=sum(name not in arrived for name, state in states.items() if state is State.SENT),
        unknown=sum(state is State.UNKNOWN for state in states.values()),
        unsettled=sum(state not in (State.SENT, State.UNKNOWN) for state in states.values()),
        seconds=seconds,
        doubled_same_bytes=len(doubled & again),
    )
