"""One large message over HTTP, in chunks: how long it takes to be received and made durable, and the server's memory meanwhile."""

from __future__ import annotations

import base64
import http.client
import random
import time
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from einvoice_peppol.as4 import packaging
from einvoice_peppol.as4.message import UserMessage
from einvoice_peppol.identifiers import DocumentType, Process
from einvoice_peppol.inbox.incoming import participant
from tests.outbox.world import migrated
from tests.peppol.as4_messages import DOCUMENT, NOW, PROCESS, RECEIVER, SENDER, sbdh
from tests.peppol.inbox_speed import peak, server
from tests.peppol.inbox_world import OTHER, OWN, identity, message, rows

_STEP = 1 << 20


class Large(NamedTuple):
    """A large message received: its document's bytes, seconds, and MB of memory above what the server had before."""

    size: int
    seconds: float
    memory: float
    status: int
    kept: int

    @property
    def holds(self) -> bool:
        """It was acknowledged, and stands in the spool whole."""
        return self.status == 200 and self.kept == self.size

    def __str__(self) -> str:
        return (
            f"{self.size / 1e6:.0f} MB in one text node: durable and acknowledged in {self.seconds:.1f} s, {self.memory:.0f} MB above base"
        )


def large(size: int) -> Large:
    """Receives a document with so many bytes of random Base64 in one text node; a small message goes before it, for the base."""
    with TemporaryDirectory(prefix="einvoice-inbox-large-") as name, migrated("sqlite", Path(name), live=False) as engine:
        folder, url = Path(name), str(engine.url)
        engine.dispose()
        length = document(folder / "document", size)
        kind = packed(folder, NOW)
        with server(url, folder) as (port, process):
            small = message(2)
            _post(port, small.type, small.body)
            before, began = peak(process), time.perf_counter()
            with (folder / "message").open("rb") as body:
                status = _post(port, kind, iter(lambda: body.read(_STEP), b""))
            seconds = time.perf_counter() - began
            memory = peak(process) - before
        found = [row.size for row in rows(engine) if row.size == length and (folder / "spool" / str(row.file)).stat().st_size == length]
    return Large(length, seconds, memory, status, *(found or [0]))


def document(file: Path, size: int) -> int:
    """Writes a document in its SBDH; its length."""
    head, tail = sbdh("<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'><Note>|</Note></Invoice>").split(b"|")
    chance = random.Random(1)
    with file.open("wb") as into:
        into.write(head)
        for _ in range(size // _STEP):
            into.write(base64.b64encode(chance.randbytes(_STEP // 4 * 3)))
        into.write(tail)
        return into.tell()


def packed(folder: Path, now: datetime) -> str:
    """Writes the message that carries the document; its Content-Type."""
    said = UserMessage(
        "large@sender.test",
        now,
        "conversation",
        OTHER,
        OWN,
        participant(SENDER),
        participant(RECEIVER),
        DocumentType(DOCUMENT),
        Process(PROCESS),
    )
    with (folder / "document").open("rb") as source, (folder / "message").open("wb") as into:
        return packaging.build(said, source, identity(OTHER), identity(OWN).certificate, into).content_type


def _post(port: int, kind: str, body: object) -> int:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        caller.request("POST", "/as4", body, {"Content-Type": kind})  # type: ignore[arg-type]
        answer = caller.getresponse()
        answer.read()
        return answer.status
    finally:
        caller.close()
