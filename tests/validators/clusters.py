"""A Dask cluster of processes on this machine, as a test wants it: a scheduler, and workers that can be killed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

HOST = "127.0.0.1"
STARTING = 60  # seconds


class Cluster(NamedTuple):
    """The scheduler's address, and the workers' processes."""

    address: str
    workers: list[subprocess.Popen[bytes]]


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
