"""Commits what came: whatever waits at a moment in one transaction, so that many messages cost one write to the disk.

Nobody is answered before the transaction that holds his message is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from sqlalchemy import Connection

from einvoice_peppol.as4 import ebms
from einvoice_peppol.inbox import Arrival, Kept, keep_arrival
from einvoice_peppol.inbox.keeping import lock
from einvoice_peppol.server.turns import Turns

MOST = 64
"""Messages of one transaction."""


class _Waiting(NamedTuple):
    """A message that waits to be kept, and who waits for it."""

    came: Arrival
    receipt: bytes
    done: Future[Kept]


class Committer:
    """A thread that keeps messages; it ends with `close`, after what waits."""

    def __init__(self, turns: Turns, clock: Callable[[], datetime]) -> None:
        self._turns = turns
        self._clock = clock
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="peppol-committer")
        self._thread.start()

    def keep(self, came: Arrival, receipt: bytes) -> Future[Kept]:
        """Keeps a message; the result is there when it is committed.

        The future raises Refused as `inbox.keep` does, and whatever stands in the way of the database: then nothing is known to be kept.
        """
        done: Future[Kept] = Future()
        done.set_running_or_notify_cancel()  # whoever waits may leave, the message is kept all the same
        self._waiting.put(_Waiting(came, receipt, done))
        return done

    def close(self) -> None:
        """Commits what waits, and ends."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            group, is_open = self._next()
            if group:
                self._commit(group)

    def _next(self) -> tuple[list[_Waiting], bool]:
        """What waits, at least one, and whether more may come."""
        group: list[_Waiting] = []
        first = self._waiting.get()
        with suppress(Empty):
            while first is not None:
                group.append(first)
                if len(group) == MOST:
                    return group, True
                first = self._waiting.get_nowait()
            return group, False
        return group, True

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            with self._turns() as connection:
                lock(connection, (one.came for one in group))
                answers = [self._keep(connection, one) for one in group]
        except Exception as fault:
            if len(group) == 1:
                group[0].done.set_exception(fault)
                return
            for one in group:  # one of them may be at fault: each alone
                self._commit([one])
            return
        for one, answer in zip(group, answers, strict=True):
            _tell(one.done, answer)

    def _keep(self, connection: Connection, one: _Waiting) -> Kept | ebms.Refused:
        try:
            return keep_arrival(connection, one.came, one.receipt, self._clock())
        except ebms.Refused as refused:  # before anything is written
            return refused


def _tell(done: Future[Kept], answer: Kept | ebms.Refused) -> None:
    if isinstance(answer, ebms.Refused):
        done.set_exception(answer)
    else:
        done.set_result(answer)
