"""From a row to the finished bytes: the receiver found, the document wrapped, packed, signed, encrypted, and made durable."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Row

from einvoice.errors import CertificateError
from einvoice_peppol.as4 import packaging
from einvoice_peppol.as4.message import Reference, UserMessage
from einvoice_peppol.bodies import Body
from einvoice_peppol.lookup import finding
from einvoice_peppol.lookup.finding import Service
from einvoice_peppol.sbdh import wrapping
from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sending import rows
from einvoice_peppol.sending.means import Means


class Packed(NamedTuple):
    """A message ready to be sent: where it goes, its id, its Content-Type, what its signature covers, its bytes."""

    service: Service
    message_id: str
    content_type: str
    references: tuple[Reference, ...]
    body: Body

    @property
    def certificate(self) -> str:
        """The receiving access point's certificate, PEM."""
        return self.service.certificate.public_bytes(Encoding.PEM).decode("ascii")


def found(row: Row[Any], means: Means) -> Service:
    """Where a row's document goes.

    Raises LookupFailed, ParticipantNotFound, ServiceNotFound.
    """
    document, process = rows.kinds(row)
    return finding.find(rows.parties(row)[1], document, process, means.own()[2])


def header(row: Row[Any]) -> Header:
    """The header of a row's envelope, the same however often it is asked for."""
    sender, receiver = rows.parties(row)
    document, process = rows.kinds(row)
    return Header(
        sender=sender,
        receiver=receiver,
        document=document,
        process=process,
        country=row.country,
        instance_id=row.instance_id,
        created_at=row.created_at,
    )


def pack(row: Row[Any], service: Service, means: Means) -> Packed:
    """The finished message; its bytes are durable.

    Raises CertificateError where our own certificate has ended, DocumentError where the document cannot be wrapped.
    """
    own, _, _ = means.own()
    now = means.clock()
    if not own.certificate.not_valid_before_utc <= now < own.certificate.not_valid_after_utc:
        raise CertificateError(f"our certificate {own.seat} is not valid now; install the renewed one ([peppol] certificate)")
    into = means.bodies.writer()
    try:
        with means.bodies.scratch() as wrapped:
            with rows.document(row, means.bodies) as document:
                wrapping.wrap(document, header(row), wrapped)
            wrapped.seek(0)
            means.reached("wrapped")
            built = packaging.build(_message(row, service, own.seat, means), wrapped, own, service.certificate, into, means.bodies.scratch)
        means.reached("built")
        body = into.keep()
    except BaseException:
        into.drop()
        raise
    means.reached("kept")
    return Packed(service, built.message_id, built.content_type, built.references, body)


def _message(row: Row[Any], service: Service, seat: str, means: Means) -> UserMessage:
    sender, receiver = rows.parties(row)
    document, process = rows.kinds(row)
    return UserMessage(
        message_id=f"{uuid4()}@{seat.lower()}.einvoice",
        timestamp=means.clock(),
        conversation_id=str(uuid4()),
        sender_party=seat,
        receiver_party=service.seat,
        original_sender=sender,
        final_recipient=receiver,
        document=document,
        process=process,
    )
