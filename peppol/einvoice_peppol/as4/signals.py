"""Signals: the receipt or the errors that answer a user message (ebMS 3.0 core 5.2.3, AS4 profile 1.0 5.1.8)."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from lxml import etree

from einvoice.errors import SignatureError
from einvoice_peppol import xmldsig
from einvoice_peppol.as4 import ebms, envelope, headers, mime, verification
from einvoice_peppol.as4.envelope import Envelope
from einvoice_peppol.as4.message import DS, EBMS, SIGNALS, Reference

_LARGEST = 1_000_000
_LONGEST = 500
_SOAP = ("application/soap+xml", "application/xml", "text/xml")
"""How SOAP 1.2 is called, and what some servers call it."""


class Receipt(NamedTuple):
    """A receipt as it was read, its signature not yet verified: its own id and moment, the message that it is about, the references
    that it repeats (none where it is no receipt of non-repudiation), the envelope it stands in, for `verification.signed`.
    """

    message_id: str
    timestamp: datetime
    about: str
    references: tuple[Reference, ...]
    envelope: Envelope


class SignalledError(NamedTuple):
    """An error of a signal: `EBMS:0004`, its severity (`failure` or `warning`), the words for it, empty where it states none."""

    code: str
    severity: str
    short: str
    detail: str
    about: str | None


class ErrorSignal(NamedTuple):
    """The errors that answer a message; it may come unsigned. `about` is None where it does not say which message."""

    message_id: str
    timestamp: datetime
    about: str | None
    errors: tuple[SignalledError, ...]
    envelope: Envelope


def read(content_type: str, data: bytes) -> Receipt | ErrorSignal:
    """The signal that an answer is: a SOAP envelope alone or as the only part of multipart/related.

    Raises Refused where it is none.
    """
    if len(data) > _LARGEST:
        raise ebms.Refused(ebms.MIME_INCONSISTENCY, f"the signal has more than {_LARGEST:,} bytes")
    opened = envelope.opened(_soap(content_type, data), _LARGEST)
    parts = envelope.elements(opened.messaging)
    if [part.tag for part in parts] != [f"{{{EBMS}}}SignalMessage"]:
        raise ebms.Refused(ebms.FEATURE_NOT_SUPPORTED, "the answer is not exactly one signal")
    within = [part for part in envelope.elements(parts[0]) if part.tag.startswith(f"{{{EBMS}}}")]
    if not within or within[0].tag != f"{{{EBMS}}}MessageInfo":
        raise ebms.Refused(ebms.INVALID_HEADER, "the signal has no MessageInfo")
    info = headers.sequence(within[0], "Timestamp", "MessageId", "RefToMessageId?")
    about = _id(info["RefToMessageId"]) or None if "RefToMessageId" in info else None
    message_id, moment = _id(info["MessageId"]), headers.moment(info["Timestamp"])
    names = {part.tag for part in within[1:]}
    if names == {f"{{{EBMS}}}Error"}:
        return ErrorSignal(message_id, moment, about, tuple(_error(part) for part in within[1:]), opened)
    if names != {f"{{{EBMS}}}Receipt"} or len(within) != 2 or about is None:
        raise ebms.Refused(ebms.INVALID_HEADER, "the signal is neither one receipt for a message nor errors")
    return Receipt(message_id, moment, about, _references(within[1]), opened)


def _soap(content_type: str, data: bytes) -> bytes:
    kind = mime.media_type(content_type)
    if kind.name != "multipart/related":
        if kind.name not in _SOAP:
            raise ebms.Refused(ebms.MIME_INCONSISTENCY, f"the answer is {kind.name[:80]}, no SOAP envelope")
        return data
    parts = mime.related(content_type, BytesIO(data))
    root = next(parts, None)
    if root is None or root.type.name != _SOAP[0]:
        raise ebms.Refused(ebms.MIME_INCONSISTENCY, "the first part of the answer is no SOAP envelope")
    found = root.read(_LARGEST)
    if next(parts, None) is not None:
        raise ebms.Refused(ebms.MIME_INCONSISTENCY, "the signal has attachments")
    return found


def _id(element: etree._Element) -> str:
    return envelope.text(element)[:_LONGEST]


def _references(receipt: etree._Element) -> tuple[Reference, ...]:
    """The ds:Reference elements of a receipt of non-repudiation, each in a MessagePartNRInformation of its own.

    What other namespaces have beside it is passed over: phase4 names itself there.
    Raises Refused for what has another form, or a digest by another algorithm than SHA-256.
    """
    parts = [part for part in envelope.elements(receipt) if etree.QName(part).namespace == SIGNALS]
    if [part.tag for part in parts] != [f"{{{SIGNALS}}}NonRepudiationInformation"]:
        return ()
    found: list[xmldsig.Reference] = []
    for part in envelope.elements(parts[0]):
        within = envelope.elements(part)
        if part.tag != f"{{{SIGNALS}}}MessagePartNRInformation" or [one.tag for one in within] != [f"{{{DS}}}Reference"]:
            raise ebms.Refused(ebms.INVALID_HEADER, "the receipt repeats something else than references")
        try:
            found.append(xmldsig.reference(within[0]))
        except SignatureError as fault:
            raise ebms.Refused(ebms.INVALID_HEADER, f"the receipt repeats a reference that cannot be read: {fault}") from None
    return tuple(verification.as_values(found))


def _error(element: etree._Element) -> SignalledError:
    texts = {etree.QName(part).localname: " ".join("".join(part.itertext()).split())[:_LONGEST] for part in envelope.elements(element)}
    return SignalledError(
        (element.get("errorCode") or "").strip()[:_LONGEST],
        (element.get("severity") or "").strip().lower()[:_LONGEST],
        (element.get("shortDescription") or "").strip()[:_LONGEST],
        texts.get("ErrorDetail") or texts.get("Description") or "",
        (element.get("refToMessageInError") or "").strip()[:_LONGEST] or None,
    )
