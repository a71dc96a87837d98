"""A Dask cluster of processes on this machine, as a test wants it, with workers that can be killed; and documents to send there."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from einvoice_validators.batch import Checked
from tests.speed.documents import ubl

HOST = "127.0.0.1"
STARTING = 60  # seconds
BROKEN = ubl(3).replace(b"<cbc:IssueDate>2026-03-02", b"<cbc:IssueDate>2.3.2026")


class Cluster(NamedTuple):
    """The scheduler's address, and the workers' processes."""

    address: str
    workers: list[subprocess.Popen[bytes]]


def documents(count: int) -> Iterator[tuple[str, bytes]]:
    """Sound ones, wrong ones, and some that are no XML."""
    for number in range(count):
        yield f"{number}.xml", b"<a" if number % 50 == 7 else BROKEN if number % 5 == 0 else ubl(3)


def seen(found: list[Checked]) -> list[tuple[object, ...]]:
    """What can be compared of each."""
    return [(each.name, each.verdict, each.report, type(each.error), str(each.error)) for each in found]


@contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    """A scheduler and so many workers, each a process that nobody starts again."""
    address = f"tcp://{HOST}:{_free_port()}"
    with ExitStack() as stack:
        stack.enter_context(_process("scheduler", "--host", HOST, "--port", address.rpartition(":")[2], "--no-dashboard"))
        _wait(address)
        options = (address, "--host", HOST, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60")
        yield Cluster(address, [stack.enter_context(_process("worker", *options)) for _ in range(workers)])


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _wait(address: str) -> None:
    """Until the scheduler answers."""
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, int(address.rpartition(":")[2])), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"no scheduler answers at {address}")
