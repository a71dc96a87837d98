"""A worker killed at each step of a message in turn: before, between and after everything that is written or sent."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice.outbox.tables import OUTBOX
from einvoice_peppol.sending.means import STEPS
from einvoice_peppol.tables import OUTGOING
from tests.forking import fork
from tests.peppol import sending_kills as kills
from tests.peppol.sending_network import Apart

SUBMITTING = ("in the gate", "submitted")
"""The steps of the submitter's own transaction: killed before it is committed, and after."""


class Point(NamedTuple):
    """A failpoint: the step, whether the process was killed there, and what the log of the other side says afterwards."""

    step: str
    hit: bool
    rows: int
    left: int  # requests that had left when it was killed
    durable: bool  # what had left was an effect with these bytes by then
    verdict: kills.Verdict

    @property
    def holds(self) -> bool:
        """Killed there; nothing had left that was not durable; afterwards it arrived once, with proof."""
        return self.hit and self.durable and self.verdict.holds


def points(*, large: bool = False) -> Iterator[Point]:
    """Every failpoint, each with a message of its own; a `large` one stands in the spool."""
    with TemporaryDirectory(prefix="einvoice-peppol-") as name, kills.network(Path(name)) as there:
        for index, step in enumerate((*SUBMITTING, *STEPS)):
            yield _at(there, step, index, large)


def _at(there: Apart, step: str, index: int, large: bool) -> Point:
    number = f"FAIL-{index:03}"
    before = len(there.requests())
    child = fork(lambda: _killed(there, number, step, large))
    hit = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = there.requests()[before:]
    durable = len(left) <= 1 and all(_is_durable(there, message_id) for message_id, _ in left)
    with kills.engine_of(there) as engine, reading(engine) as connection:
        rows = len(connection.execute(select(OUTGOING.c.id).where(OUTGOING.c.number == number)).all())
    time.sleep(kills.LEASE.total_seconds())
    if not rows:  # the submitter's transaction was never committed: it submits again
        _submit(there, number, large)
    kills.settled(there)
    numbers = [f"FAIL-{each:03}" for each in range(index + 1)]
    return Point(step, hit, rows, len(left), durable, kills.judged(there, numbers, 1, 0.0))


def _killed(there: Apart, number: str, step: str, large: bool) -> None:
    """Submits and sends one message, and dies at a step."""
    _submit(there, number, large, _dying(step))
    kills.sending(there, _dying(step))


def _dying(step: str) -> Callable[[str], None]:
    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _submit(there: Apart, number: str, large: bool, reached: Callable[[str], None] = lambda _: None) -> None:
    with kills.engine_of(there) as engine:
        with connect(engine) as connection:
            kills.submitted(connection, there, number, _large(number) if large else None)
            reached("in the gate")
        reached("submitted")


def _large(number: str) -> bytes:
    """An invoice that is in the spool, and whose message is, too: a comment that does not shrink."""
    noise = Random(number).randbytes(300_000).hex().encode()
    return kills.text(number).replace(b"</cbc:ID>", b"</cbc:ID><!-- " + noise + b" -->", 1)


def _is_durable(there: Apart, message_id: str) -> bool:
    """Whether a message that left is an effect of the outbox, with its id beside its document."""
    with kills.engine_of(there) as engine, reading(engine) as connection:
        row = connection.execute(select(OUTGOING).where(OUTGOING.c.message_id == message_id)).one_or_none()
        ours = select(OUTBOX.c.id).where(OUTBOX.c.owner == "peppol", OUTBOX.c.headers["message_id"].as_string() == message_id)
        return row is not None and len(connection.execute(ours).all()) == 1
