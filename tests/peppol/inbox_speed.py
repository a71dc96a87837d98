"""How fast messages are received over HTTP and made durable: server and senders are processes of their own on this machine.

Messages are made beforehand. The server is what `serve --app peppol` runs, on a SQLite file that is synchronised with each commit.
"""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from einvoice import Syntax, validate, write
from einvoice.database import open_database
from einvoice.samples import sample
from einvoice_peppol.inbox import Handler
from einvoice_peppol.inbox.checking import Checking
from einvoice_peppol.inbox.folder import FolderHandler
from tests.outbox.world import migrated
from tests.peppol.as4_messages import NOW
from tests.peppol.inbox_world import OWN, Message, identity, means, message, network, rows

WARM = 20


class Speed(NamedTuple):
    """Messages a second, and how long answers took in milliseconds; `kept` is how many rows the inbox has afterwards."""

    messages: int
    senders: int
    rate: float
    median: float
    p99: float
    kept: int

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s durable by {self.senders} senders, p50 {self.median:.0f} ms, p99 {self.p99:.0f} ms"


def ten_kilobytes(number: int) -> str:
    """A valid invoice of 10 KB with a number of its own."""
    made = sample().model_copy(update={"number": f"S-{number:06}"})
    return write(made, Syntax.UBL, profile="peppol").decode().partition("?>")[2]


def speed(count: int, senders: int = 2, *, handed: bool = False) -> Speed:
    """Receives so many messages of 10 KB."""
    made = [message(number, payload=ten_kilobytes(number)) for number in range(count + WARM)]
    with TemporaryDirectory(prefix="einvoice-inbox-speed-") as folder, migrated("sqlite", Path(folder), live=False) as engine:
        url = str(engine.url)
        engine.dispose()
        with server(url, Path(folder), handed=handed) as (port, _):
            _sent(port, made[:WARM], 1)
            began = time.perf_counter()
            took = sorted(_sent(port, made[WARM:], senders))
            seconds = time.perf_counter() - began
        kept = len(rows(engine)) - WARM
    return Speed(count, senders, count / seconds, 1000 * took[len(took) // 2], 1000 * took[int(len(took) * 0.99)], kept)


@contextmanager
def server(url: str, folder: Path, *, handed: bool = False) -> Iterator[tuple[int, int]]:
    """Our server in a process of its own: its port and process id."""
    identity(OWN), network().trust()
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `serve` does
    child = os.fork()
    if not child:
        _serve(listening, url, folder, handed)
    port = listening.getsockname()[1]
    listening.close()
    try:
        yield port, child
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _serve(listening: socket.socket, url: str, folder: Path, handed: bool) -> None:
    try:
        import uvicorn

        from einvoice_peppol.server import app

        handlers: list[Handler] = [Checking(validate), FolderHandler(folder / "in")] if handed else []
        made = app(open_database(url), means(folder, handlers=handlers), lambda: NOW)
        uvicorn.Server(uvicorn.Config(made, log_level="error", lifespan="on")).run(sockets=[listening])
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def _sent(port: int, messages: Sequence[Message], senders: int) -> list[float]:
    """Sends messages over connections that stay open; the seconds that each took. Each must be answered by a receipt."""
    took: list[float] = []
    faults: list[str] = []

    def send(mine: Sequence[Message]) -> None:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for one in mine:
            began = time.perf_counter()
            caller.request("POST", "/as4", one.body, {"Content-Type": one.type})
            answer = caller.getresponse()
            data = answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != 200 or b"NonRepudiationInformation" not in data:
                faults.append(f"{answer.status}: {data[:500]!r}")
        caller.close()

    threads = [threading.Thread(target=send, args=(messages[each::senders],)) for each in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"{len(faults)} of {len(messages)} were not acknowledged: {faults[0]}")
    return took


def peak(process: int) -> float:
    """The most memory that a process has had, in MB."""
    for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
