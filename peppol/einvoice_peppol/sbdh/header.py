"""The header of an envelope as a value, written and read (Peppol Business Message Envelope, SBDH 2.0.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from einvoice.errors import BadIdentifier, Unreadable
from einvoice_peppol.identifiers import DocumentType, Participant, Process, documents, participants, processes
from einvoice_peppol.identifiers.values import DOCUMENTS, PARTICIPANTS, PROCESSES

SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
CONTENT = "http://peppol.eu/xsd/ticc/envelope/1.0"
MLS_TYPES = ("FAILURE_ONLY", "ALWAYS_SEND")
LONGEST_ID = 200
"""Characters of an instance identifier that we keep."""
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
_COUNTRY = re.compile("[A-Z]{2}", re.ASCII)
_MOMENT = re.compile(r"(\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_SERVICE_PROVIDER = "0242"


class Header(NamedTuple):
    """What an envelope says: who, to whom, what; `created_at` in UTC, `country` is C1's as ISO 3166-1 alpha-2.

    `standard`, `type` and `type_version` are the document's root namespace, its local name and the last part of the document type;
    left empty they are derived from it. `mls_to` is whom an MLS goes to, `mls_type` when (`FAILURE_ONLY`, `ALWAYS_SEND`).
    `mime` is the type of a document that is no XML, None for XML.
    """

    sender: Participant
    receiver: Participant
    document: DocumentType
    process: Process
    country: str
    instance_id: str
    created_at: datetime
    mls_to: Participant | None = None
    mls_type: str | None = None
    standard: str = ""
    type_version: str = ""
    type: str = ""
    mime: str | None = None


class Node(NamedTuple):
    """An element of a header that is read: its local name, attributes, text and children."""

    name: str
    attributes: dict[str, str]
    text: list[str]
    children: list[Node]


def complete(header: Header) -> Header:
    """The header with what its document type says of standard, type and version.

    Raises Unreadable where it could not be sent: an identifier, date or country that the envelope cannot hold.
    """
    parts = documents.split(header.document.value)
    whole = header._replace(
        standard=header.standard or parts.namespace,
        type=header.type or parts.name or parts.namespace.rpartition(":")[2],
        type_version=header.type_version or parts.version,
        created_at=header.created_at.astimezone(UTC),
    )
    if "*" in header.document.value:
        raise Unreadable(f"{header.document.value} is what a receiver registers, no document's type", mend="name the document's own")
    _check(whole)
    return whole


def written(header: Header) -> bytes:
    """A complete header as XML: the beginning of an envelope, up to where the document follows."""
    identification = (
        ("Standard", header.standard),
        ("TypeVersion", header.type_version),
        ("InstanceIdentifier", header.instance_id),
        ("Type", header.type),
        ("CreationDateAndTime", header.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")),
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sh:StandardBusinessDocument xmlns:sh="{SBDH}"><sh:StandardBusinessDocumentHeader>'
        + _element("HeaderVersion", "1.0")
        + _party("Sender", header.sender)
        + _party("Receiver", header.receiver)
        + _group("DocumentIdentification", (_element(name, value) for name, value in identification))
        + _group("BusinessScope", (_scope(*scope) for scope in _scopes(header)))
        + "</sh:StandardBusinessDocumentHeader>"
    )
    return text.encode()


END = b"</sh:StandardBusinessDocument>\n"
"""What follows the document."""


def _scopes(header: Header) -> Iterable[tuple[str, str, str | None]]:
    yield "DOCUMENTID", header.document.value, header.document.scheme
    yield "PROCESSID", header.process.value, header.process.scheme
    yield "COUNTRY_C1", header.country, None
    if header.mls_to is not None:
        yield "MLS_TO", header.mls_to.id, PARTICIPANTS
    if header.mls_type is not None:
        yield "MLS_TYPE", header.mls_type, None


def _scope(kind: str, value: str, scheme: str | None) -> str:
    elements = [_element("Type", kind), _element("InstanceIdentifier", value)]
    return _group("Scope", [*elements, _element("Identifier", scheme)] if scheme else elements)


def _party(name: str, who: Participant) -> str:
    return _group(name, [f'<sh:Identifier Authority="{PARTICIPANTS}">{escape(who.id)}</sh:Identifier>'])


def _group(name: str, within: Iterable[str]) -> str:
    return f"<sh:{name}>{''.join(within)}</sh:{name}>"


def _element(name: str, text: str) -> str:
    return f"<sh:{name}>{escape(text)}</sh:{name}>"


def read(node: Node) -> Header:
    """The header that an element StandardBusinessDocumentHeader states; identifiers are taken as they are stated.

    Raises Unreadable: another version, not one sender and receiver of the network, a scope that is missing or stands twice, a country
    (C1) or date that is none, a document type that its standard, type and version contradict.
    """
    if _text(node, "HeaderVersion") != "1.0":
        raise _fault("HeaderVersion is not 1.0")
    scopes = _read_scopes(_one(node, "BusinessScope"))
    said = _one(node, "DocumentIdentification")
    try:
        header = Header(
            sender=_read_party(node, "Sender"),
            receiver=_read_party(node, "Receiver"),
            document=documents.parse("::".join(_scheme_and_value(scopes, "DOCUMENTID", DOCUMENTS))),
            process=processes.parse("::".join(_scheme_and_value(scopes, "PROCESSID", PROCESSES))),
            country=_value(scopes, "COUNTRY_C1"),
            instance_id=_text(said, "InstanceIdentifier"),
            created_at=_moment(_text(said, "CreationDateAndTime")),
            mls_to=participants.parse(scopes["MLS_TO"][0], strict=False) if "MLS_TO" in scopes else None,
            mls_type=scopes["MLS_TYPE"][0] if "MLS_TYPE" in scopes else None,
            standard=_text(said, "Standard"),
            type_version=_text(said, "TypeVersion"),
            type=_text(said, "Type"),
        )
    except BadIdentifier as fault:
        raise _fault(str(fault)) from None
    _check(header)
    return header


def _check(header: Header) -> None:
    """Raises Unreadable for what no envelope of the network says."""
    if not header.instance_id or len(header.instance_id) > LONGEST_ID or not _PRINTABLE.fullmatch(header.instance_id):
        raise _fault(f"InstanceIdentifier is not 1 to {LONGEST_ID} printable ASCII characters")
    if _COUNTRY.fullmatch(header.country) is None:
        raise _fault(f"COUNTRY_C1 is {header.country[:20]!r}, no country by two capital letters")
    if header.mls_type is not None and header.mls_type not in MLS_TYPES:
        raise _fault(f"MLS_TYPE is {header.mls_type[:40]!r}, none of {', '.join(MLS_TYPES)}")
    if header.mls_to is not None and header.mls_to.scheme != _SERVICE_PROVIDER:
        raise _fault(f"MLS_TO is {header.mls_to.id}, no service provider ({_SERVICE_PROVIDER})")
    parts = documents.split(header.document.value)
    stated = (header.standard, header.type, header.type_version)
    if parts.name and stated != (parts.namespace, parts.name, parts.version):
        raise _fault(f"Standard, Type and TypeVersion {stated} are not those of the document type {header.document.value}")
    if not parts.name and (header.standard != parts.namespace or not all(stated)):
        raise _fault(f"Standard {header.standard[:80]!r} is not that of the document type {header.document.value}")


def _read_party(node: Node, name: str) -> Participant:
    identifier = _one(_one(node, name), "Identifier")
    if identifier.attributes.get("Authority") != PARTICIPANTS:
        raise _fault(f"the {name} is of another authority than {PARTICIPANTS}")
    return participants.parse("".join(identifier.text), strict=False)


def _read_scopes(node: Node) -> dict[str, tuple[str, str]]:
    """The scopes by their type: value and scheme (empty where none is stated)."""
    found: dict[str, tuple[str, str]] = {}
    for scope in node.children:
        if scope.name != "Scope":
            continue
        kind = _text(scope, "Type")
        if kind in found:
            raise _fault(f"the scope {kind[:40]!r} stands twice")
        scheme = _children(scope, "Identifier")
        found[kind] = (_text(scope, "InstanceIdentifier"), "".join(scheme[0].text).strip() if scheme else "")
    return found


def _value(scopes: dict[str, tuple[str, str]], kind: str) -> str:
    if kind not in scopes:
        raise _fault(f"the scope {kind} is missing")
    return scopes[kind][0]


def _scheme_and_value(scopes: dict[str, tuple[str, str]], kind: str, scheme: str) -> tuple[str, str]:
    return (scopes[kind][1] or scheme if kind in scopes else scheme, _value(scopes, kind))


def _moment(text: str) -> datetime:
    """A moment of XML Schema in UTC; one without a zone is taken for UTC."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise _fault(f"CreationDateAndTime is {text[:40]!r}, no date and time")
    try:
        moment = datetime.fromisoformat(text[: found.end(6)] + (found[8] or ""))
    except ValueError:
        raise _fault(f"CreationDateAndTime is {text[:40]!r}, no date and time") from None
    part = round(float(found[7] or 0) * 1_000_000)
    whole = moment.replace(microsecond=min(part, 999_999), tzinfo=moment.tzinfo or UTC)
    try:
        return whole.astimezone(UTC)
    except OverflowError:
        raise _fault(f"CreationDateAndTime is {text[:40]!r}, beyond every calendar") from None


def _children(node: Node, name: str) -> Sequence[Node]:
    return [child for child in node.children if child.name == name]


def _one(node: Node, name: str) -> Node:
    found = _children(node, name)
    if len(found) != 1:
        raise _fault(f"{node.name} has {len(found) or 'no'} {name}; one is wanted")
    return found[0]


def _text(node: Node, name: str) -> str:
    return "".join(_one(node, name).text).strip()


def _fault(text: str) -> Unreadable:
    return Unreadable(f"the envelope (SBDH): {text}", mend="the sender has to state it right")
