"""The executor that does the work: the caller's, or processes of our own, which are started again where one dies."""

from __future__ import annotations

import signal
import sys
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Any


class Pool:
    """An executor, how many documents it works on at a time, and whether it still works at all."""

    def __init__(self, executor: Executor | None, jobs: int | None) -> None:
        self.own = executor is None
        self.workers = jobs or _workers(executor)
        self.executor = executor or _processes(self.workers)
        self.broken = self.lost = False

    def ready(self) -> bool:
        """Whether work can be sent; processes of our own are started anew where one has died."""
        if self.broken and self.own:
            self.executor.shutdown(wait=True, cancel_futures=True)
            self.executor = _processes(self.workers)
            self.broken = False
        return not (self.broken or self.lost)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        if self.own:
            self.executor.shutdown(wait=True, cancel_futures=True)


def _processes(jobs: int) -> Executor:
    """A fork shares what is loaded already; it is safe only while there is one thread."""
    forks = sys.platform == "linux" and threading.active_count() == 1
    return ProcessPoolExecutor(jobs, mp_context=get_context("fork" if forks else "spawn"), initializer=_quietly)


def _quietly() -> None:
    """An interrupt at the terminal reaches every process; only the first answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _workers(executor: Any) -> int:
    """How many calls an executor works on at a time: those of the standard library say so, as does the client behind Dask's."""
    client = getattr(executor, "_client", None)
    if client is not None and hasattr(client, "nthreads"):
        return sum(client.nthreads().values()) or 1
    return getattr(executor, "_max_workers", None) or 4
