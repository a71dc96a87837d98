"""A user message from its document to its last boundary: packed, signed, encrypted, in bounded memory.

The wire order is gzip, sign, encrypt: the signature covers the packed document, so it is packed into a scratch file first, then the
envelope is written, then the packed bytes are encrypted behind it (Peppol AS4 profile 2.0.3; AS4 profile 1.0, 3.1).
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from secrets import token_hex
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from cryptography.x509 import Certificate

from einvoice.errors import BadIdentifier
from einvoice_peppol.as4 import canonical, encryption, signing
from einvoice_peppol.as4.message import AGREEMENT, INITIATOR, PARTY, RESPONDER, Reference, UserMessage
from einvoice_peppol.as4.verification import ATTACHMENT_CONTENT
from einvoice_peppol.identifiers.values import PARTICIPANTS
from einvoice_peppol.pki.identity import Identity

try:
    _quick: Any = import_module("isal.isal_zlib")  # optional: packs ten times as fast
except ModuleNotFoundError:
    _quick = None

_STEP = 262_144
_SMALL = 1_000_000
"""Bytes up to which packing well costs nothing that is noticed, and the packed document stays in memory."""
_GZIP = 31
_BEGIN = "Content-Type: application/soap+xml; charset=UTF-8\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{root}>\r\n\r\n"
_ATTACHED = (
    "\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{attachment}>\r\n\r\n"
)


class Writer(Protocol):
    """Where bytes go: a file, a body of the spool."""

    def write(self, data: bytes, /) -> Any:
        """Adds them."""


class Built(NamedTuple):
    """A finished message: its Content-Type, what its signature covers (a receipt repeats it), its id, its size in bytes."""

    content_type: str
    references: tuple[Reference, ...]
    message_id: str
    size: int


def in_memory() -> BinaryIO:
    """Room for a packed document: in memory while it is small, then in a nameless file where this machine has its temporary ones."""
    return cast("BinaryIO", SpooledTemporaryFile(max_size=_SMALL))  # the caller closes it


def build(
    message: UserMessage,
    document: BinaryIO,
    own: Identity,
    receiver: Certificate,
    into: Writer,
    scratch: Callable[[], BinaryIO] = in_memory,
) -> Built:
    """Writes the MIME body of a user message: `document` is the business document in its SBDH, from where it stands to its end.

    It is packed to `scratch` beforehand, unencrypted: Bodies.scratch keeps that in the spool.
    Raises CertificateError for a receiver without an RSA key, BadIdentifier for one that XML cannot hold, and whatever reading and writing
    raise.
    """
    name = token_hex(16)
    root, attachment, boundary = f"root-{name}@einvoice", f"document-{name}@einvoice", f"=_{name}"
    with scratch() as packed:
        digest = pack(document, packed)
        packed.seek(0)
        key = encryption.session_key()
        header = encryption.header(key, receiver, f"cid:{attachment}", f"e-{name}")
        references, envelope = _envelope(message, Reference(f"cid:{attachment}", ((ATTACHMENT_CONTENT, ""),), digest), own, header, name)
        size = _write(into, f"--{boundary}\r\n{_BEGIN.format(root=root)}".encode() + envelope)
        size += _write(into, _ATTACHED.format(boundary=boundary, attachment=attachment).encode())
        for chunk in encryption.encrypted(key, _chunks(packed)):
            size += _write(into, chunk)
        size += _write(into, f"\r\n--{boundary}--\r\n".encode())
    content_type = f'multipart/related; boundary="{boundary}"; type="application/soap+xml"; start="<{root}>"'
    return Built(content_type, references, message.message_id, size)


def moment(at: datetime) -> str:
    """A moment as ebMS writes it, in UTC to the millisecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1_000:03}Z"


def _envelope(message: UserMessage, covered: Reference, own: Identity, encrypted: str, name: str) -> tuple[tuple[Reference, ...], bytes]:
    """What is signed, and the envelope that says so; `covered` is the attachment, `encrypted` the parts that say how it is encrypted."""
    messaging, body = canonical.messaging(f"m-{name}", _header(message, covered.uri)), canonical.body(f"b-{name}")
    if not canonical.is_readable(messaging):
        raise BadIdentifier("an identifier holds a character that XML cannot hold")
    references = (canonical.reference(f"m-{name}", messaging), canonical.reference(f"b-{name}", body), covered)
    token = f"t-{name}"
    security = encrypted + signing.token(own.certificate, token) + signing.signature(references, own, token)
    return references, signing.envelope(messaging, body, security)


def _header(message: UserMessage, attachment: str) -> str:
    """The eb:UserMessage (ebMS 3.0 core 5.2.2; Peppol AS4 profile 2.0.3)."""
    said = canonical.text
    stated = canonical.attribute
    return (
        f"<eb:UserMessage><eb:MessageInfo><eb:Timestamp>{moment(message.timestamp)}</eb:Timestamp>"
        f"<eb:MessageId>{said(message.message_id)}</eb:MessageId></eb:MessageInfo><eb:PartyInfo>"
        f'<eb:From><eb:PartyId type="{PARTY}">{said(message.sender_party)}</eb:PartyId><eb:Role>{INITIATOR}</eb:Role></eb:From>'
        f'<eb:To><eb:PartyId type="{PARTY}">{said(message.receiver_party)}</eb:PartyId><eb:Role>{RESPONDER}</eb:Role></eb:To>'
        f"</eb:PartyInfo><eb:CollaborationInfo><eb:AgreementRef>{AGREEMENT}</eb:AgreementRef>"
        f'<eb:Service type="{stated(message.process.scheme)}">{said(message.process.value)}</eb:Service>'
        f"<eb:Action>{said(str(message.document))}</eb:Action>"
        f"<eb:ConversationId>{said(message.conversation_id)}</eb:ConversationId></eb:CollaborationInfo><eb:MessageProperties>"
        f'<eb:Property name="originalSender" type="{PARTICIPANTS}">{said(message.original_sender.id)}</eb:Property>'
        f'<eb:Property name="finalRecipient" type="{PARTICIPANTS}">{said(message.final_recipient.id)}</eb:Property>'
        f'</eb:MessageProperties><eb:PayloadInfo><eb:PartInfo href="{attachment}"><eb:PartProperties>'
        f'<eb:Property name="MimeType">application/xml</eb:Property>'
        f'<eb:Property name="CompressionType">application/gzip</eb:Property></eb:PartProperties></eb:PartInfo></eb:PayloadInfo>'
        f"</eb:UserMessage>"
    )


def pack(document: BinaryIO, packed: Any) -> str:
    """Packs a document the same way every time, and gives the SHA-256 of what it became, in Base64."""
    first = _piece(document)
    hashed = hashlib.sha256()
    packer = _packer(is_small=len(first) < _STEP)
    for chunk in _with(first, document):
        part = packer.compress(chunk)
        hashed.update(part)
        packed.write(part)
    part = packer.flush()
    hashed.update(part)
    packed.write(part)
    return base64.b64encode(hashed.digest()).decode("ascii")


def _packer(*, is_small: bool) -> Any:
    """gzip: well for small documents, quickly for large ones, whose bulk is attachments that hardly shrink."""
    if is_small or _quick is None:
        return zlib.compressobj(6 if is_small else 1, zlib.DEFLATED, _GZIP)
    return _quick.compressobj(1, _quick.DEFLATED, _GZIP)


def _with(first: bytes, rest: BinaryIO) -> Iterator[bytes]:
    yield first
    while len(first) == _STEP and (first := _piece(rest)):
        yield first


def _piece(stream: BinaryIO) -> bytes:
    """As much of a stream as is packed at once: what it becomes depends on where it is cut, so it is cut alike whatever reading gives."""
    found = stream.read(_STEP)
    while 0 < len(found) < _STEP and (more := stream.read(_STEP - len(found))):
        found += more
    return found


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(_STEP):
        yield chunk


def _write(into: Writer, data: bytes) -> int:
    into.write(data)
    return len(data)
