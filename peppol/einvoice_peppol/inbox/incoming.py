"""A message of the inbox, as its handlers see it."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple, Protocol

from sqlalchemy import Row

from einvoice.errors import PeppolError
from einvoice_peppol.bodies import Bodies, Body
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sbdh.unwrapping import unwrap


class _Into(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Incoming(NamedTuple):
    """A message that came: who sent it to whom, what it is, when it came (UTC); its document is read when it is asked for.

    `attempts` counts this one. `access_point` is the seat of the access point that sent it.
    """

    id: int
    message_id: str
    instance_id: str
    access_point: str
    sender: Participant
    receiver: Participant
    mls_to: Participant | None
    mls_type: str | None
    kind: str
    document_type: DocumentType
    process: Process
    country: str | None
    via: str
    body: Body
    attempts: int
    sent_at: datetime | None
    received_at: datetime
    bodies: Bodies

    def document(self, most: int) -> bytes:
        """The business document without its envelope.

        Raises PeppolError where it is larger than `most` bytes, or the spool has lost it.
        """
        into = _Bounded(most, self.message_id)
        self.unwrap(into)
        return into.held.getvalue()

    def unwrap(self, into: _Into) -> Header:
        """Writes the business document without its envelope, in bounded memory; the envelope's header.

        Raises PeppolError where the spool has lost it or holds something else.
        """
        with self.wrapped() as found:
            return unwrap(found, into)

    def wrapped(self) -> BinaryIO:
        """The document in its envelope (SBDH), as it was sent.

        Raises PeppolError where the spool has lost it.
        """
        return self.bodies.open(self.body)


class _Bounded:
    """Room for a document of so many bytes."""

    def __init__(self, most: int, message_id: str) -> None:
        self._most = most
        self._message_id = message_id
        self.held = BytesIO()

    def write(self, data: bytes, /) -> int:
        if self.held.tell() + len(data) > self._most:
            raise PeppolError(f"the document of {self._message_id} has more than {self._most:,} bytes; export it to a file")
        return self.held.write(data)


def incoming(row: Row[Any], bodies: Bodies) -> Incoming:
    """A row of the inbox as a value."""
    return Incoming(
        id=row.id,
        message_id=row.message_id,
        instance_id=row.instance_id,
        access_point=row.access_point,
        sender=participant(row.sender),
        receiver=participant(row.receiver),
        mls_to=participant(row.mls_to) if row.mls_to else None,
        mls_type=row.mls_type,
        kind=row.kind,
        document_type=DocumentType(row.document_type, row.document_scheme),
        process=Process(row.process, row.process_scheme),
        country=row.country,
        via=row.via,
        body=Body(row.document_hash, row.size, row.document, row.file),
        attempts=row.attempts,
        sent_at=row.sent_at,
        received_at=row.received_at,
        bodies=bodies,
    )


def participant(text: str) -> Participant:
    """A participant as the inbox keeps it, `0208:0123456789`."""
    scheme, _, value = text.partition(":")
    return Participant(scheme, value)
