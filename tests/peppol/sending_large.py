"""One large invoice the whole way of sending, over HTTP to our server in another process: how long it takes, and our memory meanwhile.

What is measured is what `einvoice peppol run` does: found in DNS and at the SMP, wrapped, packed, signed, encrypted, made durable, posted,
the receipt verified and kept. Submitting, which has the whole document in memory anyway, is done by another process beforehand.
"""

from __future__ import annotations

import base64
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice_peppol.sending import means, running
from einvoice_peppol.tables import OUTGOING
from tests.peppol.sending_kills import engine_of, fork, network, submitted, text
from tests.peppol.sending_network import Apart
from tests.speed.memory import peak

SHAPES = ("node", "lines")
_STEP = 1 << 20
_LINE = 1_000
_SMALL, _LARGE = "2026-0000001", "2026-0000002"


class Large(NamedTuple):
    """A large document sent: its bytes; seconds until it was finished and durable, and until its receipt was verified; MB above base."""

    size: int
    built: float
    seconds: float
    above: float
    state: str

    def __str__(self) -> str:
        return f"{self.state} in {self.seconds:.1f} s ({self.built:.1f} s until durable), {self.above:.0f} MB above base"


def large(shape: str, size: int = 100_000_000) -> Large:
    """Sends a document of about this size, in one text node (`node`) or in many (`lines`)."""
    with TemporaryDirectory(prefix="einvoice-peppol-large-") as name, network(Path(name)) as there:
        _alone(lambda: _submit(there, shape, size))
        _alone(lambda: _send(there))
        found = json.loads((there.folder / "found.json").read_text("utf-8"))
    return Large(**found)


def document(shape: str, size: int) -> bytes:
    """An invoice with so many bytes of random Base64 in its notes."""
    chance, one = random.Random(1), b"<cbc:Note>%b</cbc:Note>"
    blocks = [base64.b64encode(chance.randbytes(_STEP * 3 // 4)) for _ in range(size // _STEP)]
    cut = [block[at : at + _LINE] for block in blocks for at in range(0, len(block), _LINE)]
    notes = one % b"".join(blocks) if shape == "node" else b"".join(one % line for line in cut)
    head, mark, tail = text(_LARGE).partition(b"</cbc:ID>")
    return b"".join((head, mark, notes, tail))


def _alone(work: Callable[[], None]) -> None:
    """In a process of its own, so that nobody else's memory is measured."""
    _, code = os.waitpid(fork(work), 0)
    if code:
        raise RuntimeError("the process that sends a large document failed")


def _submit(there: Apart, shape: str, size: int) -> None:
    with engine_of(there) as engine, connect(engine) as connection:
        submitted(connection, there, _SMALL)
        submitted(connection, there, _LARGE, document(shape, size))


def _send(there: Apart) -> None:
    """Sends the small one, for the base, then the large one."""
    steps: dict[str, float] = {}
    ours = means.of(there.settings)._replace(reached=lambda step: steps.update({step: time.perf_counter()}))
    with engine_of(there) as engine:
        with reading(engine) as connection:
            small, big = connection.execute(select(OUTGOING.c.id).order_by(OUTGOING.c.id)).scalars()
        running.run(engine, ours, there.settings, only=[small])
        before, began = peak(), time.perf_counter()
        running.run(engine, ours, there.settings, only=[big])
        seconds, above = time.perf_counter() - began, peak() - before
        with reading(engine) as connection:
            row = connection.execute(select(OUTGOING).where(OUTGOING.c.id == big)).one()
    found = Large(row.size, steps["kept"] - began, seconds, above, row.state)
    (there.folder / "found.json").write_text(json.dumps(found._asdict()), "utf-8")
