"""Workers killed with SIGKILL while they submit, prepare and send over HTTP to our own server; that server's log is the judge.

The parent is warm and forks the workers. Each submits a few invoices, prepares and sends what is due, and begins again, as `einvoice peppol
run --every` would. What the log may hold: every document handed over once, however often its message came; one message id never with two
bodies. And nothing `sent` here whose receipt does not verify again, or is not the one that the other side gave for that message.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, select

from einvoice.database import connect, open_database, reading
from einvoice.errors import PeppolError
from einvoice.outbox import mode
from einvoice_peppol.bodies import spool
from einvoice_peppol.http import Answer
from einvoice_peppol.identifiers import derive
from einvoice_peppol.identifiers.derive import Derived
from einvoice_peppol.sending import again, evidence, gate, means, running
from einvoice_peppol.tables import OUTGOING
from tests.forking import fork
from tests.outbox.world import _migrated as migrated
from tests.peppol import sending_network
from tests.peppol.sending_network import WHO, Apart
from tests.peppol.sending_world import VALID, invoice

WORKERS = 2
LEASE = timedelta(seconds=2)
_ROUND = 0.03  # seconds, about what a worker takes for a message
_BATCH = 3
_PATIENCE = 90.0
_FAULTS = 0.04
_TEMPLATE = "2026-0000000"


class Verdict(NamedTuple):
    """What the log says."""

    messages: int
    kills: int
    lost: int  # submitted and never handed over
    twice: int  # handed over more than once, or one message id with two bodies
    unproven: int  # sent here without a receipt that verifies again and is the one that was given
    unsettled: int  # not sent at the end
    repeated: int  # requests that came again, the same bytes, as they may
    seconds: float

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice, nothing sent without proof."""
        return not (self.lost or self.twice or self.unproven or self.unsettled)

    def __str__(self) -> str:
        return (
            f"{self.messages} messages, {self.kills} kills -9 of {WORKERS} workers: {self.lost} lost, {self.twice} handed over twice, "
            f"{self.unproven} sent without a verified receipt, {self.unsettled} unsettled; {self.repeated} came again, the same bytes"
        )


def kills(messages: int, count: int, *, faults: float = _FAULTS, seed: int | None = None, credulous: bool = False) -> Verdict:
    """Sends messages while workers are killed `count` times; a share of the answers is a fault.

    `credulous` workers take any answer for a receipt: the judge must find them out.
    """
    chance = random.Random(seed)
    with TemporaryDirectory(prefix="einvoice-peppol-") as name, network(Path(name), faults) as there:
        started = time.monotonic()
        killed = _massacre(there, messages, count, chance, _credulous if credulous else _work)
        settled(there)
        return judged(there, [_number(each) for each in range(messages)], killed, time.monotonic() - started)


@contextmanager
def network(folder: Path, faults: float = 0.0) -> Iterator[Apart]:
    """The network, and a database to send from, in mode live."""
    with sending_network.apart(folder, faults) as there:
        (folder / "ours.db").write_bytes(migrated())
        with engine_of(there) as engine, connect(engine) as connection:
            mode.set_live(connection, {}, mode.confirmation({}), datetime.now(UTC), "kills")
        yield there


@contextmanager
def engine_of(there: Apart) -> Iterator[Engine]:
    """The sender's database; nothing is left open that a fork would share."""
    engine = open_database(there.settings.database.address())
    try:
        yield engine
    finally:
        engine.dispose()


def submitted(connection: Connection, there: Apart, number: str, data: bytes | None = None) -> int:
    """Submits an invoice, by a key of its number."""
    document = data or text(number)
    stated = _DERIVED._replace(number=number)
    more: dict[str, Any] = {"derived": stated, "via": "as4", "bodies": spool(there.settings), "now": datetime.now(UTC)}
    return gate.submit(connection, document, VALID, subject=f"invoice:{number}", key=f"kills:{number}", **more)


def text(number: str) -> bytes:
    """An invoice of a number."""
    return _TEXT.replace(_TEMPLATE.encode(), number.encode())


def sending(there: Apart, reached: means.Reached = means.nothing) -> None:
    """What a worker does: prepares and sends what is due."""
    ours = means.of(there.settings)._replace(reached=reached)
    with engine_of(there) as engine:
        running.run(engine, ours, there.settings, lease=LEASE)


def settled(there: Apart) -> None:
    """Sends until everything is sent; what waits for its next attempt does not wait here."""
    ours, end = means.of(there.settings), time.monotonic() + _PATIENCE
    with engine_of(there) as engine:
        while time.monotonic() < end:
            running.run(engine, ours, there.settings, lease=LEASE)
            with reading(engine) as connection:
                left = list(connection.scalars(select(OUTGOING.c.id).where(OUTGOING.c.state != "sent")))
            if not left:
                return
            time.sleep(0.3)
            for row_id in left:
                _hurry(engine, row_id)


def _hurry(engine: Engine, row_id: int) -> None:
    try:
        with connect(engine) as connection:
            if connection.scalar(select(OUTGOING.c.state).where(OUTGOING.c.id == row_id)) == "planned":
                again.resend(connection, row_id, datetime.now(UTC))
    except PeppolError:
        return


def _work(there: Apart, messages: int) -> None:
    """A worker: submits, prepares, sends, until everything is submitted and nothing is due."""
    ours = means.of(there.settings)
    with engine_of(there) as engine:
        while True:
            with reading(engine) as connection:
                done: int = connection.execute(select(func.count()).select_from(OUTGOING)).scalar_one()
            for number in range(done, min(done + _BATCH, messages)):
                with connect(engine) as connection:
                    submitted(connection, there, _number(number))
            running.run(engine, ours, there.settings, lease=LEASE)
            if done >= messages:
                return


def _credulous(there: Apart, messages: int) -> None:
    from einvoice_peppol.as4 import receipts

    receipts.verify = lambda *_: receipts.Proof("", datetime.now(UTC), "", b"")  # in this process alone
    _work(there, messages)


def _massacre(there: Apart, messages: int, count: int, chance: random.Random, work: Callable[[Apart, int], None]) -> int:
    """Keeps workers running until everything was tried; how many were killed, anywhere in a worker's round."""
    moments = sorted(chance.uniform(0, 0.9 * messages) for _ in range(count))
    killed = 0
    running_now = [fork(lambda: work(there, messages)) for _ in range(WORKERS)]
    while running_now:
        time.sleep(chance.uniform(0, _ROUND))
        for child in [*running_now]:
            if os.waitpid(child, os.WNOHANG)[0]:
                running_now.remove(child)
        if running_now and moments and _reached(there) > moments[0]:
            moments.pop(0)
            victim = running_now.pop(chance.randrange(len(running_now)))
            os.kill(victim, signal.SIGKILL)
            killed += os.waitstatus_to_exitcode(os.waitpid(victim, 0)[1]) == -signal.SIGKILL
            running_now.append(fork(lambda: work(there, messages)))
    return killed


def _reached(there: Apart) -> int:
    """How many documents were submitted, about."""
    with engine_of(there) as engine, reading(engine) as connection:
        found: int = connection.execute(select(func.max(OUTGOING.c.id))).scalar() or 0
        return found


def judged(there: Apart, numbers: list[str], killed: int, seconds: float) -> Verdict:
    """The other side's log beside our rows."""
    end = time.monotonic() + _PATIENCE / 3
    while len(there.handed()) < len(numbers) and time.monotonic() < end:
        time.sleep(0.1)
    handed = Counter(each.number for each in there.handed())
    bodies: dict[str, Counter[str]] = {}
    for message_id, digest in there.requests():
        bodies.setdefault(message_id, Counter())[digest] += 1
    assert handed.keys() <= set(numbers), "the other side has documents that nobody submitted"
    with engine_of(there) as engine, reading(engine) as connection:
        rows = connection.execute(select(OUTGOING).order_by(OUTGOING.c.id)).all()
    inbox, ours = there.inbox(), means.of(there.settings)
    return Verdict(
        messages=len(numbers),
        kills=killed,
        lost=len(set(numbers) - handed.keys()) + (len(numbers) - len(rows)),
        twice=sum(often > 1 for often in handed.values()) + sum(len(found) > 1 for found in bodies.values()),
        unproven=sum(not _is_proven(row, ours, inbox) for row in rows if row.state == "sent"),
        unsettled=sum(row.state != "sent" for row in rows),
        repeated=sum(found.total() - 1 for found in bodies.values()),
        seconds=seconds,
    )


def _is_proven(row: Any, ours: means.Means, inbox: dict[str, tuple[str, bytes]]) -> bool:
    """Whether a row's receipt verifies again, and is the one that the other side gave for this message."""
    import json

    from cryptography import x509

    from einvoice_peppol.as4 import receipts

    if row.receipt is None or row.message_id not in inbox or inbox[row.message_id][1] != bytes(row.receipt):
        return False
    answer = Answer(200, {"content-type": row.receipt_type}, bytes(row.receipt))
    certificate = x509.load_pem_x509_certificate(row.certificate.encode())
    references = evidence.references(json.loads(row.signed))
    try:
        receipts.verify(answer, row.message_id, references, ours.own()[1], certificate, row.sent_at)
    except PeppolError:
        return False
    return True


def _number(each: int) -> str:
    return f"2026-{each + 1:07}"


_TEXT = invoice(_TEMPLATE)
_DERIVED: Derived = derive.of(_TEXT)._replace(receiver=WHO)
