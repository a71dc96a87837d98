"""The ebMS header of a user message: every field that Peppol requires or fixes, read and held against what it says.

Sources: ebMS 3.0 core 5.2.2 and its schema (order and cardinality), AS4 profile 1.0 (compression), Peppol AS4 profile 2.0.3 (fixed
values). A missing or surplus element is EBMS:0009, another value than the profile fixes EBMS:0010, a value that contradicts itself
EBMS:0003.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

from lxml import etree

from einvoice_peppol.as4 import ebms
from einvoice_peppol.as4.envelope import Envelope, elements, text
from einvoice_peppol.as4.message import AGREEMENT, EBMS, INITIATOR, MPC, PARTY, RESPONDER, UserMessage
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.identifiers.values import DOCUMENTS, PARTICIPANTS, WILDCARD

GZIP = "application/gzip"
_XML_TYPES = ("application/xml", "text/xml")
_MESSAGE_ID = re.compile(r"[!-;=?A-~]{1,120}@[!-;=?A-~]{1,79}")
"""RFC 2822's, without angle brackets, as long as it can be kept."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_PARTICIPANT = re.compile(r"([0-9]{4}):([!-~]{1,130})")
_LONGEST = 500


class Header(NamedTuple):
    """A user message, and the reference to its one payload (`cid:…`)."""

    message: UserMessage
    payload: str


def read(envelope: Envelope) -> Header:
    """The user message of an envelope.

    Raises Refused.
    """
    parts = elements(envelope.messaging)
    if [part.tag for part in parts] != [f"{{{EBMS}}}UserMessage"]:
        _refuse(ebms.FEATURE_NOT_SUPPORTED, "Messaging holds something else than one UserMessage")
    user = parts[0]
    if user.get("mpc", MPC) != MPC:
        _refuse(ebms.PROCESSING_MODE_MISMATCH, "the message is for another partition channel than the default one")
    kinds = _sequence(user, "MessageInfo", "PartyInfo", "CollaborationInfo", "MessageProperties", "PayloadInfo")
    message_id, timestamp = _info(kinds["MessageInfo"])
    sender, receiver = _parties(kinds["PartyInfo"])
    process, document, conversation = _collaboration(kinds["CollaborationInfo"])
    original, final = _participants(kinds["MessageProperties"])
    message = UserMessage(message_id, timestamp, conversation, sender, receiver, original, final, document, process)
    return Header(message, _payload(kinds["PayloadInfo"]))


def message_id(element: etree._Element) -> str:
    """A MessageId or RefToMessageId.

    Raises Refused.
    """
    value = text(element)
    if not _MESSAGE_ID.fullmatch(value):
        _refuse(ebms.INVALID_HEADER, "the message id is none of RFC 2822, or longer than 200 characters")
    return value


def moment(element: etree._Element) -> datetime:
    """A Timestamp in UTC; one without a zone is in UTC (ebMS 3.0 core 5.2.2.1).

    Raises Refused.
    """
    value = text(element)
    try:
        if not _MOMENT.fullmatch(value):
            raise ValueError
        stated = datetime.fromisoformat(value)
        return (stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(ebms.INVALID_HEADER, "Timestamp is no moment as XML Schema writes them")


def sequence(parent: etree._Element, *names: str) -> dict[str, etree._Element]:
    """The children of an element of ebMS by name, each once and in this order; `name?` may be absent.

    Raises Refused.
    """
    return _sequence(parent, *names)


def _sequence(parent: etree._Element, *names: str) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    left = elements(parent)
    for name in names:
        wanted = name.rstrip("?")
        if left and left[0].tag == f"{{{EBMS}}}{wanted}":
            found[wanted] = left.pop(0)
        elif not name.endswith("?"):
            _refuse(ebms.INVALID_HEADER, f"{etree.QName(parent).localname} lacks {wanted} at its place")
    if left:
        _refuse(ebms.INVALID_HEADER, f"{etree.QName(parent).localname} has {etree.QName(left[0]).localname} where it may not stand")
    return found


def _info(info: etree._Element) -> tuple[str, datetime]:
    parts = _sequence(info, "Timestamp", "MessageId", "RefToMessageId?")
    if "RefToMessageId" in parts:
        _refuse(ebms.PROCESSING_MODE_MISMATCH, "RefToMessageId is not used in the network")
    return message_id(parts["MessageId"]), moment(parts["Timestamp"])


def _parties(info: etree._Element) -> tuple[str, str]:
    parts = _sequence(info, "From", "To")
    return _party(parts["From"], INITIATOR), _party(parts["To"], RESPONDER)


def _party(element: etree._Element, role: str) -> str:
    parts = _sequence(element, "PartyId", "Role")
    _fixed(parts["Role"], role)
    _typed(parts["PartyId"], PARTY)
    return _value(parts["PartyId"])


def _collaboration(info: etree._Element) -> tuple[Process, DocumentType, str]:
    parts = _sequence(info, "AgreementRef", "Service", "Action", "ConversationId")
    _fixed(parts["AgreementRef"], AGREEMENT)
    if parts["AgreementRef"].attrib:
        _refuse(ebms.PROCESSING_MODE_MISMATCH, "AgreementRef has neither type nor pmode in the network")
    scheme = (parts["Service"].get("type") or "").strip()
    if not scheme:
        _refuse(ebms.INVALID_HEADER, "Service has no type")
    process = Process(_value(parts["Service"]), scheme)
    return process, _document(_value(parts["Action"])), text(parts["ConversationId"])[:_LONGEST]


def _document(action: str) -> DocumentType:
    scheme, separator, value = action.partition("::")
    if not separator or not value or scheme not in (DOCUMENTS, WILDCARD):
        _refuse(ebms.VALUE_NOT_RECOGNIZED, "Action is no document type of the network, written as scheme::value")
    return DocumentType(value, scheme)


def _participants(properties: etree._Element) -> tuple[Participant, Participant]:
    found = _properties(properties)
    if "trackingIdentifier" in found:
        _refuse(ebms.PROCESSING_MODE_MISMATCH, "trackingIdentifier is not used in the network")
    return _participant(found, "originalSender"), _participant(found, "finalRecipient")


def _participant(properties: Mapping[str, etree._Element], name: str) -> Participant:
    if name not in properties:
        _refuse(ebms.INVALID_HEADER, f"MessageProperties lacks {name}")
    _typed(properties[name], PARTICIPANTS)
    if not (found := _PARTICIPANT.fullmatch(_value(properties[name]))):
        _refuse(ebms.VALUE_NOT_RECOGNIZED, f"{name} is no participant identifier")
    return Participant(found[1], found[2].lower())


def _payload(info: etree._Element) -> str:
    if len(elements(info)) > 1:
        _refuse(ebms.MIME_INCONSISTENCY, "the message has several payloads; the network sends one")
    part = _sequence(info, "PartInfo")["PartInfo"]
    properties = _properties(_sequence(part, "Schema?", "Description?", "PartProperties")["PartProperties"])
    for name, allowed in (("MimeType", _XML_TYPES), ("CompressionType", (GZIP,))):
        if name not in properties:
            _refuse(ebms.INVALID_HEADER, f"PartProperties lacks {name}")
        if _value(properties[name]).lower() not in allowed:
            _refuse(ebms.PROCESSING_MODE_MISMATCH, f"{name} is not {allowed[0]}")
    href = (part.get("href") or "").strip()
    if not href:
        _refuse(ebms.INVALID_HEADER, "PartInfo has no href; the network sends payloads as attachments")
    if not href.startswith("cid:") or len(href) > _LONGEST:
        _refuse(ebms.VALUE_INCONSISTENT, "the href of PartInfo names no attachment")
    return href


def _properties(parent: etree._Element) -> dict[str, etree._Element]:
    """The Property elements by name, each once."""
    found: dict[str, etree._Element] = {}
    for element in elements(parent):
        name = element.get("name")
        if element.tag != f"{{{EBMS}}}Property" or not name:
            _refuse(ebms.INVALID_HEADER, f"{etree.QName(parent).localname} holds something else than named Property elements")
        if name in found:
            _refuse(ebms.INVALID_HEADER, f"the property {name[:80]} stands twice")
        found[name] = element
    return found


def _value(element: etree._Element) -> str:
    value = text(element)
    if not value or len(value) > _LONGEST + 100:
        _refuse(ebms.INVALID_HEADER, f"{etree.QName(element).localname} is empty, or far too long")
    return value


def _fixed(element: etree._Element, value: str) -> None:
    if _value(element) != value:
        _refuse(ebms.PROCESSING_MODE_MISMATCH, f"{etree.QName(element).localname} is not {value}")


def _typed(element: etree._Element, kind: str) -> None:
    stated = element.get("type")
    if stated is None:
        _refuse(ebms.INVALID_HEADER, f"{etree.QName(element).localname} has no type")
    if stated.strip() != kind:
        _refuse(ebms.PROCESSING_MODE_MISMATCH, f"the type of {etree.QName(element).localname} is not {kind}")


def _refuse(error: ebms.Ebms, why: str) -> NoReturn:
    raise ebms.Refused(error, why)
