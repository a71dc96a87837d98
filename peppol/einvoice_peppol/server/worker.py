"""The thread of the server that hands over what came, as soon as it is kept."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from einvoice_peppol.inbox import Desk
from einvoice_peppol.server.desk import Means
from einvoice_peppol.server.turns import Turns

_PAUSE = 2.0
"""Seconds between two looks for what is due again."""
_log = logging.getLogger(__name__)


class Worker:
    """Hands over until it is closed; `wake` says that there may be something."""

    def __init__(self, turns: Turns, means: Means, clock: Callable[[], datetime]) -> None:
        name = f"{socket.gethostname()[:50]}:{os.getpid()}"
        self._desk = Desk(turns.engine, means.handlers, name, means.bodies, after=means.after, transaction=turns)
        self._clock = clock
        self._woken = Event()
        self._woken.set()  # an earlier server may have left something
        self._is_closing = False
        self._thread = Thread(target=self._run, name="peppol-handover")
        self._thread.start()

    def wake(self) -> None:
        """There may be something to hand over."""
        self._woken.set()

    def close(self) -> None:
        """Ends, after the message that is being handed over."""
        self._is_closing = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_closing:
            self._woken.wait(_PAUSE)
            self._woken.clear()
            try:
                self._hand_over()
            except Exception:  # the database may be back at the next look; what is leased is due again when its lease ends
                _log.exception("handing over stopped, and goes on in a while")
                self._woken.clear()

    def _hand_over(self) -> None:
        while not self._is_closing and (taken := self._desk.take(self._clock())) is not None:
            self._desk.hand(taken, self._clock)
