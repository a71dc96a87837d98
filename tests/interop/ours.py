"""Our own access point as a peer meets it: the real server over real HTTP with a database, and what its inbox then holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import uuid4

import uvicorn
from cryptography.x509 import Certificate
from sqlalchemy import Engine, select

from einvoice.database import connect
from einvoice_peppol.as4 import packaging, receipts, sending
from einvoice_peppol.as4.message import Reference, UserMessage
from einvoice_peppol.as4.receiving import Received, receive
from einvoice_peppol.bodies import Bodies, Body
from einvoice_peppol.http import Answer, Client
from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.inbox import Handler
from einvoice_peppol.pki.identity import Identity, Trust, common_name
from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sbdh.unwrapping import unwrap
from einvoice_peppol.sbdh.wrapping import wrap
from einvoice_peppol.server.application import app
from einvoice_peppol.server.desk import Means
from einvoice_peppol.tables import INBOX
from tests.outbox.world import migrated

_PATIENCE = 20.0
_ANSWER = 120.0


class Arrived(NamedTuple):
    """A row of the inbox: the ids, the sender's seat, the document as it came in its envelope and without it, our receipt.

    C1's country, and where and when C2 wants an MLS.
    """

    message_id: str
    instance_id: str
    seat: str
    wrapped: bytes
    document: bytes
    receipt: bytes
    country: str
    mls: tuple[str, str] | None

    @property
    def sha256(self) -> str:
        """Of the document in its envelope, hexadecimal."""
        return sha256(self.wrapped).hexdigest()


class AccessPoint(NamedTuple):
    """A receiving access point: its address, its database, its spool."""

    url: str
    engine: Engine
    bodies: Bodies

    def inbox(self) -> list[Arrived]:
        """Everything that was kept, in the order of coming."""
        with connect(self.engine) as connection:
            rows = connection.execute(select(INBOX).order_by(INBOX.c.id)).all()
        return [self._arrived(row) for row in rows]

    def _arrived(self, row: Any) -> Arrived:
        with self.bodies.open(Body(row.document_hash, row.size, row.document, row.file)) as stream:
            wrapped = stream.read()
        inner = BytesIO()
        unwrap(BytesIO(wrapped), inner)
        mls = (row.mls_to, row.mls_type) if row.mls_to else None
        ids = row.message_id, row.instance_id, row.access_point
        return Arrived(*ids, wrapped, inner.getvalue(), bytes(row.receipt), row.country, mls)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@contextmanager
def receiving(
    own: Identity, trust: Trust, folder: Path, *, handlers: Sequence[Handler] = (), takes: Callable[..., bool] = lambda *_: True
) -> Iterator[AccessPoint]:
    """The access point, with a new database, while the block runs; it takes everything for everybody unless told."""
    bodies = Bodies(folder / "spool")
    with migrated("sqlite", folder) as engine:
        means = Means(own, trust, bodies, takes, handlers)
        config = uvicorn.Config(app(engine, means, now), host="127.0.0.1", port=0, log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        end = time.monotonic() + _PATIENCE
        while not server.started:
            if not thread.is_alive() or time.monotonic() > end:
                raise AssertionError("our server did not start")
            time.sleep(0.01)
        try:
            yield AccessPoint(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/as4", engine, bodies)
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)


class Made(NamedTuple):
    """A finished message: its ids, what its signature covers, its Content-Type and body; the document in its envelope."""

    message_id: str
    instance_id: str
    references: tuple[Reference, ...]
    content_type: str
    body: bytes
    wrapped: bytes


class Sent(NamedTuple):
    """What we sent: its ids, the SHA-256 of the document in its envelope; the answer, and the proof that it is."""

    message_id: str
    instance_id: str
    sha256: str
    answer: Answer
    proof: receipts.Proof


def make(own: Identity, receiver: Certificate, document: bytes, header: Header, *, action: DocumentType | None = None) -> Made:
    """Wraps, signs and encrypts a document; `action` makes the message say another document type than the envelope."""
    wrapped, body = BytesIO(), BytesIO()
    wrap(BytesIO(document), header, wrapped)
    message = UserMessage(
        f"{uuid4()}@interop.example",
        now(),
        f"{uuid4()}@interop.example",
        own.seat,
        common_name(receiver),
        header.sender,
        header.receiver,
        action or header.document,
        header.process,
    )
    wrapped.seek(0)
    built = packaging.build(message, wrapped, own, receiver, body)
    return Made(built.message_id, header.instance_id, built.references, built.content_type, body.getvalue(), wrapped.getvalue())


def post(url: str, made: Made, receiver: Certificate, trust: Trust) -> Sent:
    """Posts a message in chunks and verifies the receipt. Raises Rejected, ReceiptError, TransportError."""
    http = Client()
    try:
        answer = sending.post(http, url, made.content_type, BytesIO(made.body), _ANSWER)
    finally:
        http.close()
    proof = receipts.verify(answer, made.message_id, made.references, trust, receiver, now())
    return Sent(made.message_id, made.instance_id, sha256(made.wrapped).hexdigest(), answer, proof)


def send(
    url: str,
    own: Identity,
    receiver: Certificate,
    document: bytes,
    header: Header,
    trust: Trust,
    *,
    action: DocumentType | None = None,
) -> Sent:
    """Sends a document straight to an access point, without looking it up. Raises as `post`."""
    return post(url, make(own, receiver, document, header, action=action), receiver, trust)


def judged(made: Made, own: Identity, trust: Trust) -> Received:
    """What our own receiver says of a message. Raises Refused."""
    with TemporaryDirectory() as folder:
        bodies = Bodies(Path(folder))
        received = receive(made.content_type, BytesIO(made.body), own, trust, bodies, now(), serviced=lambda *_: True)
        received.body.drop()
        return received


def header(sender: Participant, receiver: Participant, document: DocumentType, process: Process, country: str = "NL") -> Header:
    """The header of an envelope, with an instance identifier of its own."""
    return Header(sender, receiver, document, process, country, str(uuid4()), now())
