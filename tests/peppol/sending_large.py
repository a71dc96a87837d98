"""A large invoice from its row to its verified receipt: how long it takes, and how much memory above what the process had before."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, NamedTuple

from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice_peppol.bodies import spool
from einvoice_peppol.sbdh import wrapping
from einvoice_peppol.sending import packing, rows
from einvoice_peppol.tables import OUTGOING
from tests.forking import fork
from tests.peppol import sending_kills as kills
from tests.peppol.sending_network import Apart

NUMBER = "LARGE"


class Measured(NamedTuple):
    """Bytes of the document, seconds from its row to its receipt, MB above the base, the state, whether it was handed over whole."""

    size: int
    seconds: float
    above: float
    state: str
    arrived: bool


def measured(size: int, line: int | None = None) -> Measured:
    """Sends an invoice with one text of so many bytes, or lines of `line` each, in a process that has sent a small one before."""
    with TemporaryDirectory(prefix="einvoice-peppol-") as name, kills.network(Path(name)) as there:
        told = Path(name, "told.json")
        for work in (lambda: _submit(there, size, line or size), lambda: _send(there, told)):
            assert os.waitstatus_to_exitcode(os.waitpid(fork(work), 0)[1]) == 0
        said = json.loads(told.read_text("utf-8"))
        with kills.engine_of(there) as engine, reading(engine) as connection:
            row = connection.execute(select(OUTGOING).where(OUTGOING.c.number == NUMBER)).one()
        end = time.monotonic() + 60
        while len(there.handed()) < 2 and time.monotonic() < end:
            time.sleep(0.2)
        arrived = _wrapped(there, row) in {each.sha256 for each in there.handed() if each.message_id == row.message_id}
        return Measured(row.size, said["seconds"], said["above"], row.state, arrived)


def _wrapped(there: Apart, row: Any) -> str:
    """The SHA-256 of the document in its envelope, as it must have arrived."""
    with TemporaryFile() as stream:
        with rows.document(row, spool(there.settings)) as document:
            wrapping.wrap(document, packing.header(row), stream)
        stream.seek(0)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _submit(there: Apart, size: int, line: int) -> None:
    """The small one is due first."""
    noise = Random(1).randbytes(size // 2).hex().encode()
    notes = b"".join(b"<cbc:Note>" + noise[at : at + line] + b"</cbc:Note>" for at in range(0, len(noise), line))
    large = kills.text(NUMBER).replace(b"</cbc:ID>", b"</cbc:ID>" + notes, 1)
    with kills.engine_of(there) as engine, connect(engine) as connection:
        kills.submitted(connection, there, "SMALL")
        kills.submitted(connection, there, NUMBER, large)


def _send(there: Apart, told: Path) -> None:
    """Sends both; measured is from where the small one is prepared."""
    begun: dict[str, float] = {}

    def reached(step: str) -> None:
        if step == "prepared" and not begun:
            begun["base"], begun["at"] = _memory("VmRSS"), time.monotonic()
            Path("/proc/self/clear_refs").write_text("5", "ascii")  # the high-water mark begins here

    kills.sending(there, reached)
    told.write_text(json.dumps({"seconds": time.monotonic() - begun["at"], "above": _memory("VmHWM") - begun["base"]}), "utf-8")


def _memory(name: str) -> float:
    """MB, as Linux counts them."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1_024
    raise OSError(f"this system does not say {name}")
