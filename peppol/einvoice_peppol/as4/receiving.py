"""Receiving: one user message judged from its first byte to its last, and given as a value; nothing is kept, nothing answered here.

The order is the cheapest that is safe: the envelope is opened, its header read, its signature verified and its signer judged before
our key decrypts anything; the attachment is decrypted into a scratch file and used only when its tag and its signed digest fit and
the last boundary came; then it is unpacked, within bounds, and its SBDH held against the header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import BinaryIO, NamedTuple, NoReturn, Protocol, cast
from urllib.parse import unquote

from cryptography.x509 import Certificate
from lxml import etree

from einvoice.errors import DocumentError, PeppolError
from einvoice_peppol.as4 import decryption, ebms, envelope, headers, mime, verification
from einvoice_peppol.as4.message import Reference, UserMessage
from einvoice_peppol.as4.unpacking import Unpacked
from einvoice_peppol.bodies import Bodies, BodyWriter
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sbdh.unwrapping import unwrap


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


class _Judged(NamedTuple):
    """What the envelope alone says, every signature in it verified."""

    message: UserMessage
    payload: str
    digest: bytes
    encrypted: decryption.Encrypted
    signed: verification.Signed
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
    """Judges a message and unpacks its document. Memory is bounded whatever the size.

    Raises Refused, which says the error to answer with and, where it could be read, the message; then nothing of it is left. What the
    stream or the spool raises (OSError) goes through: such a message was not judged.
    """
    parts = mime.related(content_type, stream)
    opened = envelope.opened(_root(parts, limits.envelope), limits.envelope)
    try:
        judged = _envelope(opened, own, trust, now, serviced, limits)
        body, header = _document(parts, judged, own, bodies, limits.size)
    except ebms.Refused as fault:
        fault.message_id = fault.message_id or envelope.message_id(opened)
        raise
    signed = judged.signed
    return Received(judged.message, header, body, opened.data, signed.references, signed.elements, signed.certificate, judged.seat)


def _root(parts: Iterator[mime.Part], limit: int) -> bytes:
    root = next(parts, None)
    if root is None or root.type.name != "application/soap+xml":
        _refuse(ebms.MIME_INCONSISTENCY, "the first part is no SOAP 1.2 envelope")
    if root.type.parameters.get("charset", "utf-8").lower() != "utf-8":
        _refuse(ebms.MIME_INCONSISTENCY, "the envelope is not in UTF-8")
    return root.read(limit)


def _envelope(opened: envelope.Envelope, own: Identity, trust: Trust, now: datetime, serviced: Serviced, limits: Limits) -> _Judged:
    message, payload = headers.read(opened)
    if message.receiver_party != own.seat:
        _refuse(ebms.VALUE_INCONSISTENT, f"the message is for the access point {message.receiver_party[:40]}, not for us")
    if not now - limits.age <= message.timestamp <= now + limits.ahead:
        _refuse(ebms.VALUE_INCONSISTENT, "the message is too old, or from the future")
    parts = verification.security(opened)
    signed = verification.signed(parts, (opened.messaging, opened.body), {payload})
    seat = verification.trusted(signed.certificate, trust, now)
    if message.sender_party != seat:
        _refuse(ebms.VALUE_INCONSISTENT, f"the message is from {message.sender_party[:40]}, and signed by {seat}")
    encrypted = decryption.read(parts, own)
    if encrypted.attachment != payload:
        _refuse(ebms.VALUE_INCONSISTENT, "another attachment is encrypted than the one that is the payload")
    if not serviced(message.final_recipient, message.document, message.process):
        _refuse(ebms.OTHER, ebms.NOT_SERVICED)
    return _Judged(message, payload, signed.attachments[payload], encrypted, signed, seat)


def _document(parts: Iterator[mime.Part], judged: _Judged, own: Identity, bodies: Bodies, limit: int) -> tuple[BodyWriter, Header]:
    attachment = next(parts, None)
    if attachment is None:
        _refuse(ebms.MIME_INCONSISTENCY, "the message has no attachment")
    name = judged.payload.removeprefix("cid:")
    if attachment.content_id not in (name, unquote(name)):
        _refuse(ebms.MIME_INCONSISTENCY, "the attachment is not the one that the header names")
    key = decryption.session_key(judged.encrypted, own)
    with bodies.scratch() as packed:
        found, size = hashlib.sha256(), 0
        for chunk in decryption.decrypted(key, attachment.chunks):
            size += len(chunk)
            if size > limit:
                _refuse(ebms.OTHER, f"the attachment has more than {limit:,} bytes")
            found.update(chunk)
            packed.write(chunk)
        if not compare_digest(found.digest(), judged.digest):
            _refuse(ebms.FAILED_AUTHENTICATION, "the attachment was altered after it was signed")
        if next(parts, None) is not None:
            _refuse(ebms.MIME_INCONSISTENCY, "the message has several attachments; the network sends one")
        packed.seek(0)
        return _unpacked(packed, judged.message, bodies.writer(), limit)


def _unpacked(packed: BinaryIO, message: UserMessage, body: BodyWriter, limit: int) -> tuple[BodyWriter, Header]:
    try:
        document = Unpacked(packed, limit, body)
        header = unwrap(cast("BinaryIO", document), None)
        document.finish()
        _agree(message, header)
        return body, header
    except ebms.Refused:
        body.drop()
        raise
    except (PeppolError, DocumentError) as fault:
        body.drop()
        raise ebms.Refused(ebms.OTHER, f"the SBDH document cannot be read: {fault}") from None
    except BaseException:
        body.drop()
        raise


def _agree(message: UserMessage, header: Header) -> None:
    """Raises Refused where the SBDH says something else than the header of ebMS (CEF eDelivery AS4 4.2; Peppol SBDH 2.0.2)."""
    for name, stated, within in (
        ("originalSender", message.original_sender, header.sender),
        ("finalRecipient", message.final_recipient, header.receiver),
        ("Action", message.document, header.document),
        ("Service", message.process, header.process),
    ):
        if stated != within:
            _refuse(ebms.VALUE_INCONSISTENT, f"{name} is {stated}, the SBDH says {within}")


def _refuse(error: ebms.Ebms, why: str) -> NoReturn:
    raise ebms.Refused(error, why)
