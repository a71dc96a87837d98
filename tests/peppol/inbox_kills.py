"""Servers killed with SIGKILL while access points send to them; the judges are what the senders were answered, and a handler's table.

A nursery, forked while this process has one thread, forks the servers: each inherits the socket, so that callers wait while there is none.
A sender sends the same bytes until it has a receipt that proves them. What may be found: everything that was acknowledged is handed over,
nothing twice, and a message that is sent again is answered by the same receipt.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection as End
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from einvoice.database import connect, open_database, reading
from einvoice.errors import EInvoiceError
from einvoice_peppol.as4 import receipts
from einvoice_peppol.as4.message import Reference
from einvoice_peppol.http import Answer
from einvoice_peppol.inbox import KINDS, Incoming, hand_over
from tests.outbox.world import migrated
from tests.peppol.as4_messages import NOW
from tests.peppol.inbox_failpoints import POINTS, install
from tests.peppol.inbox_table import TAKEN
from tests.peppol.inbox_world import OWN, Message, identity, means, message, network, received

SENDERS = 4
_LARGE = 25
"""Every so many a message is too large for its row, and stands in the spool."""
_AGAIN = 10
"""Every so many a message is sent once more after its receipt."""


class Verdict(NamedTuple):
    """What was found."""

    messages: int
    kills: int
    points: int
    acknowledged: int
    lost: int
    doubled: int
    unlike: int
    unproven: int

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice, no message with two receipts, and everything acknowledged in the end."""
        return not (self.lost or self.doubled or self.unlike or self.unproven) and self.acknowledged == self.messages

    def __str__(self) -> str:
        told = f"{self.kills} kills -9 ({self.points} failpoints among them), {self.acknowledged} of {self.messages} acknowledged"
        told += f": {self.lost} lost, {self.doubled} handed over twice"
        return (
            told
            + (f", {self.unlike} with several receipts" if self.unlike else "")
            + (f", {self.unproven} receipts that prove nothing" if self.unproven else "")
        )


class Writer:
    """A handler that writes a row for each message."""

    kinds = KINDS

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        connection.execute(insert(TAKEN).values(message_id=incoming.message_id))


class Careless(Writer):
    """The same, in a transaction of its own: what it writes may be there without the mark."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepare(self, incoming: Incoming) -> None:
        with connect(self._engine) as connection:
            super().handle(connection, incoming)

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        """Has been done."""


class Sent(NamedTuple):
    """A message, and what its receipt must repeat."""

    message: Message
    references: tuple[Reference, ...]


def kills(kind: str, count: int, *, points: Sequence[str] = (), fault: str = "") -> Verdict:
    """Kills a server so often at random moments, and once at each point.

    `fault` makes it wrong, so that the judge can be judged: `hasty` answers before it commits, `careless` hands over in a transaction
    of its own.
    """
    with TemporaryDirectory(prefix="einvoice-inbox-kills-") as folder, migrated(kind, Path(folder), live=False) as engine:
        TAKEN.metadata.create_all(engine)
        url = engine.url.render_as_string(hide_password=False)
        engine.dispose()
        with _nursery(url, Path(folder), fault) as nursery:
            sent = [_prepared(number, Path(folder)) for number in range(40)]
            log = _massacre(nursery, sent, count, points, Path(folder))
        _settle(engine, Path(folder))
        return _judge(engine, log, count + len(points), len(points))


def every() -> list[str]:
    """Every point, several times: at the first, second and third message that passes it."""
    return [point for point in POINTS for _ in range(3)]


class Nursery(NamedTuple):
    """The process that forks servers, and where they listen."""

    end: End
    port: int

    def start(self, point: str = "", nth: int = 1) -> int:
        """A new server; its process id."""
        self.end.send((point, nth))
        found: int = self.end.recv()
        return found


@contextmanager
def _nursery(url: str, folder: Path, fault: str) -> Iterator[Nursery]:
    identity(OWN), network()
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    here, there = Pipe()
    child = os.fork()
    if not child:
        here.close()
        _breed(there, listening, url, folder, fault)
    there.close()
    try:
        yield Nursery(here, listening.getsockname()[1])
    finally:
        here.close()
        listening.close()
        os.waitpid(child, 0)


def _breed(end: End, listening: socket.socket, url: str, folder: Path, fault: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with suppress(EOFError):
        while True:
            point, nth = end.recv()
            child = os.fork()
            if not child:
                end.close()
                _serve(listening, url, folder, point, nth, fault)
            end.send(child)
    os._exit(0)


def _serve(listening: socket.socket, url: str, folder: Path, point: str, nth: int, fault: str) -> None:
    try:
        import uvicorn

        from einvoice_peppol.server import app

        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if fault == "hasty":
            _be_hasty()
        if point:
            install(point, nth)
        engine = open_database(url)
        handler = Careless(engine) if fault == "careless" else Writer()
        made = app(engine, means(folder, handlers=[handler]), lambda: NOW)
        uvicorn.Server(uvicorn.Config(made, log_level="error", lifespan="on")).run(sockets=[listening])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _be_hasty() -> None:
    """Answers at once, and commits later."""
    from concurrent.futures import Future

    from einvoice_peppol.inbox import Kept
    from einvoice_peppol.server.committing import Committer

    plain = Committer.keep

    def keep(self: Any, came: Any, receipt: bytes) -> Any:
        threading.Timer(0.02, plain, (self, came, receipt)).start()
        done: Future[Kept] = Future()
        done.set_result(Kept(0, receipt))
        return done

    Committer.keep = keep  # type: ignore[method-assign]


def _prepared(number: int, folder: Path) -> Sent:
    text = f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'><ID>{number}</ID>"
    filling = "".join(f"<Note>{random.random()}</Note>" for _ in range(20_000)) if number % _LARGE == _LARGE - 1 else ""
    made = message(number, payload=f"{text}{filling}</Invoice>")
    judged = received(made, means(folder / "judge"))
    judged.body.drop()
    return Sent(made, judged.references)


class Log:
    """What the senders were answered: the receipts of each message, in the order in which they came."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent: list[str] = []
        self.receipts: dict[str, list[bytes]] = defaultdict(list)
        self.unproven = 0
        self.queue: list[Sent] = []
        self.made = 0
        self.is_over = False


def _massacre(nursery: Nursery, first: Sequence[Sent], count: int, points: Sequence[str], folder: Path) -> Log:
    log = Log()
    log.queue, log.made = list(first), len(first)
    running = nursery.start()
    senders = [threading.Thread(target=_send, args=(nursery.port, log, folder)) for _ in range(SENDERS)]
    for one in senders:
        one.start()
    for _ in range(count):
        _answered(log, 1)
        time.sleep(random.uniform(0, 0.06))
        os.kill(running, signal.SIGKILL)
        running = nursery.start()
    for number, point in enumerate(points):
        os.kill(running, signal.SIGKILL)
        running = nursery.start(point, 1 + number % 3)
        _gone(running)
        running = nursery.start()
        _answered(log, 2)
    log.is_over = True
    for one in senders:
        one.join()
    time.sleep(0.5)
    os.kill(running, signal.SIGKILL)
    return log


def _answered(log: Log, more: int) -> None:
    """Waits until so many more messages were acknowledged, so that the next kill meets a server at work."""
    wanted, until = len(log.receipts) + more, time.monotonic() + 60
    while len(log.receipts) < wanted:
        if time.monotonic() > until:
            raise RuntimeError("the server answers no more")
        time.sleep(0.002)


def _gone(server: int) -> None:
    """Waits until a server has died at its point."""
    until = time.monotonic() + 60
    while True:
        try:
            os.kill(server, 0)
        except ProcessLookupError:
            return
        if time.monotonic() > until:
            raise RuntimeError("the server does not pass its failpoint")
        time.sleep(0.002)


def _send(port: int, log: Log, folder: Path) -> None:
    """Sends messages, each until it is acknowledged; new ones are made while the killing goes on."""
    while True:
        with log.lock:
            if log.queue:
                sent, number = log.queue.pop(0), -1
            elif log.is_over:
                return
            else:
                number, log.made = log.made, log.made + 1
        if number >= 0:
            sent = _prepared(number, folder)
        log.sent.append(sent.message.id)
        for _ in range(2 if len(log.sent) % _AGAIN == 0 else 1):
            _until_acknowledged(port, sent, log)


def _until_acknowledged(port: int, sent: Sent, log: Log) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            answer = _post(port, sent.message)
        except (OSError, http.client.HTTPException):
            time.sleep(0.005)
            continue
        try:
            receipts.verify(answer, sent.message.id, sent.references, network().trust(), identity(OWN).certificate, NOW)
        except EInvoiceError as fault:
            if answer.status < 500:
                print(f"{sent.message.id}: {fault}", file=sys.stderr)
                log.unproven += 1
                return
            time.sleep(0.01)
            continue
        log.receipts[sent.message.id].append(answer.body)
        return


def _post(port: int, sent: Message) -> Answer:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        caller.request("POST", "/as4", sent.body, {"Content-Type": sent.type})
        answer = caller.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        caller.close()


def _settle(engine: Engine, folder: Path) -> None:
    """When every lease has ended: what is left."""
    bodies = means(folder).bodies
    hand_over(engine, [Writer()], "last", lambda: NOW + timedelta(hours=3), bodies)


def _judge(engine: Engine, log: Log, killed: int, points: int) -> Verdict:
    with reading(engine) as connection:
        taken = Counter(connection.scalars(select(TAKEN.c.message_id)))
    return Verdict(
        messages=len(set(log.sent)),
        kills=killed,
        points=points,
        acknowledged=len(log.receipts),
        lost=sum(name not in taken for name in log.receipts),
        doubled=sum(times > 1 for times in taken.values()),
        unlike=sum(len(set(found)) > 1 for found in log.receipts.values()),
        unproven=log.unproven,
    )
