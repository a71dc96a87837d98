"""Where a server may be killed: each point of receiving and handing over, as what must be changed in a process so that it dies there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count
from typing import Any

from starlette.responses import Response

from einvoice_peppol import bodies, inbox
from einvoice_peppol.as4 import receipts
from einvoice_peppol.server import committing, desk


def die() -> None:
    """Ends this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def install(point: str, nth: int) -> None:
    """Has this process die when it passes a point for the nth time."""
    passed = count(1)

    def at() -> None:
        if next(passed) == nth:
            die()

    POINTS[point](at)


def _before(owner: Any, name: str, at: Callable[[], None]) -> None:
    plain = getattr(owner, name)

    def first(*arguments: Any, **named: Any) -> Any:
        at()
        return plain(*arguments, **named)

    setattr(owner, name, first)


def _behind(owner: Any, name: str, at: Callable[[], None]) -> None:
    plain = getattr(owner, name)

    def then(*arguments: Any, **named: Any) -> Any:
        found = plain(*arguments, **named)
        at()
        return found

    setattr(owner, name, then)


def _answer(at: Callable[[], None], kind: str, *, behind: bool) -> None:
    """Before or behind a part of an answer to a POST."""
    plain = Response.__call__

    async def called(self: Any, scope: Any, receive: Any, send: Any) -> None:
        async def sent(part: Any) -> None:
            is_it = part["type"] == kind and scope.get("method") == "POST"
            if is_it and not behind:
                at()
            await send(part)
            if is_it and behind:
                at()

        await plain(self, scope, receive, sent)

    Response.__call__ = called  # type: ignore[method-assign]


POINTS: dict[str, Callable[[Callable[[], None]], None]] = {
    "taken in": lambda at: _before(desk, "receive", at),
    "judged": lambda at: _behind(desk, "receive", at),
    "receipt made": lambda at: _behind(receipts, "receipt", at),
    "body written": lambda at: _before(bodies.BodyWriter, "keep", at),
    "body renamed": lambda at: _before(bodies, "synchronise", at),
    "body durable": lambda at: _behind(desk, "arrival", at),
    "transaction begun": lambda at: _before(committing, "keep_arrival", at),
    "row written": lambda at: _behind(committing, "keep_arrival", at),
    "committed": lambda at: _before(committing, "_tell", at),
    "before the answer": lambda at: _answer(at, "http.response.start", behind=False),
    "between head and body": lambda at: _answer(at, "http.response.body", behind=False),
    "answered": lambda at: _answer(at, "http.response.body", behind=True),
    "leased": lambda at: _behind(inbox.Desk, "take", at),
    "to be handed over": lambda at: _before(inbox.Desk, "_is_mine", at),
    "handled": lambda at: _before(inbox.handing, "change", at),
    "marked": lambda at: _behind(inbox.handing, "change", at),
    "handed over": lambda at: _behind(inbox.Desk, "hand", at),
}
"""Every point, by what has just happened or is about to."""
