"""What is kept of a message that came, whichever way: as AS4 judged it, or as a hosted access point tells it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding

from einvoice_peppol.as4.message import Reference
from einvoice_peppol.as4.receiving import Received
from einvoice_peppol.bodies import Body
from einvoice_peppol.identifiers import DocumentType, Participant, Process


class Arrival(NamedTuple):
    """A message to keep; its body is durable already.

    `access_point` is the seat of who sent it, `via` who took it (`as4`, or a hosted access point). `envelope` and `signed` prove who
    sent what; None where another access point took it. `sent_at` is what the sender states.
    """

    message_id: str
    instance_id: str
    access_point: str
    sender: Participant
    receiver: Participant
    document: DocumentType
    process: Process
    body: Body
    via: str = "as4"
    country: str | None = None
    mls_to: Participant | None = None
    mls_type: str | None = None
    certificate: str | None = None
    envelope: bytes | None = None
    signed: str | None = None
    sent_at: datetime | None = None


def arrival(received: Received) -> Arrival:
    """What is kept of a message that AS4 judged. It makes the body durable, so it is called once.

    Raises OSError where the spool cannot be written.
    """
    header, message = received.header, received.message
    return Arrival(
        message_id=message.message_id,
        instance_id=header.instance_id,
        access_point=received.seat,
        sender=header.sender,
        receiver=header.receiver,
        document=header.document,
        process=header.process,
        body=received.body.keep(),
        country=header.country,
        mls_to=header.mls_to,
        mls_type=header.mls_type,
        certificate=received.certificate.public_bytes(Encoding.PEM).decode("ascii"),
        envelope=received.envelope,
        signed=signed(received.references),
        sent_at=message.timestamp,
    )


def signed(references: Iterable[Reference]) -> str:
    """What a signature covers as text; equal where, and only where, the same things were signed."""
    return json.dumps(sorted(references), separators=(",", ":"))
