"""Receiving: one user message judged from its first byte to its last, and given as a value; nothing is kept, nothing answered here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import BinaryIO, NamedTuple, Protocol

from cryptography.x509 import Certificate
from lxml import etree

from einvoice_peppol.as4.message import Reference, UserMessage
from einvoice_peppol.bodies import Bodies, BodyWriter
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.sbdh.header import Header


class Serviced(Protocol):
    """Whoever knows for whom we receive, and what."""

    def __call__(self, receiver: Participant, document: DocumentType, process: Process) -> bool:
        """Whether we take this document for this participant; where not, the answer is EBMS:0004, PEPPOL:NOT_SERVICED."""


class Limits(NamedTuple):
    """What a message may be: bytes of the document in its envelope, of the SOAP envelope; how old, and how far ahead of us."""

    size: int = 200_000_000
    envelope: int = 1_000_000
    age: timedelta = timedelta(days=7)
    ahead: timedelta = timedelta(minutes=15)


class Received(NamedTuple):
    """A message that passed every check.

    `body` is the document in its SBDH, unpacked; it is durable only after `body.keep()`, and to be dropped (`body.drop()`) where the
    message is not kept. `envelope` is the SOAP envelope as it came, `references` what its signature covers, `signed` the same as
    ds:Reference elements, to be repeated in the receipt. `certificate` and `seat` are the signer's.
    """

    message: UserMessage
    header: Header
    body: BodyWriter
    envelope: bytes
    references: tuple[Reference, ...]
    signed: tuple[etree._Element, ...]
    certificate: Certificate
    seat: str


def receive(
    content_type: str,
    stream: BinaryIO,
    own: Identity,
    trust: Trust,
    bodies: Bodies,
    now: datetime,
    *,
    serviced: Serviced,
    limits: Limits = Limits(),  # noqa: B008  # a tuple does not change
) -> Received:
    """Judges a message and unpacks its document.

    Raises Refused, which says the error to answer with; then nothing of the message is left.
    """
    raise NotImplementedError
