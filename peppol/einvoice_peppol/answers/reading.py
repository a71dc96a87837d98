"""Answers read: an ApplicationResponse from bytes that nobody vouches for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from einvoice.errors import Location, UnknownFormat, Unreadable
from einvoice.formats import guard
from einvoice.formats.structure import others
from einvoice.report import Severity
from einvoice_peppol.answers.answer import REASONS, SPECIFICATIONS, Answer, Clarification, Condition, Issue, Kind
from einvoice_peppol.answers.writing import CAC, CBC, RESPONSE
from einvoice_peppol.identifiers import Participant

MOST = 5_000_000
"""Bytes that an answer may have: an MLS that lists thousands of faults has fewer."""
_NAMES = {"cac": CAC, "cbc": CBC}


def read(data: bytes) -> Answer:
    """The answer in a UBL ApplicationResponse.

    Raises UnsafeXML, MalformedXML or UnknownFormat where it is no answer that we know, Unreadable (with its findings) where its
    structure is broken.
    """
    root = parse(data)
    kind = kind_of(root)
    fatal = [finding for finding in others.check(root) if finding.severity is Severity.FATAL]
    if fatal:
        raise Unreadable(f"it is no valid ApplicationResponse: {fatal[0].text}", fatal, mend="ask its sender for a correct one")
    answer = f"{{{CAC}}}DocumentResponse"
    found = root.find(answer)
    if found is None:
        raise Unreadable("it answers no document", mend="ask its sender for one with a DocumentResponse")
    reference = found.find("cac:DocumentReference", _NAMES)
    return Answer(
        kind,
        id=_text(root, "cbc:ID") or "",
        issued=_day(_text(root, "cbc:IssueDate")) or date.min,
        time=_text(root, "cbc:IssueTime"),
        sender=_participant(root, "cac:SenderParty"),
        receiver=_participant(root, "cac:ReceiverParty"),
        names=(_name(root, "cac:SenderParty"), _name(root, "cac:ReceiverParty")),
        code=_text(found, "cac:Response/cbc:ResponseCode") or "",
        description=_text(found, "cac:Response/cbc:Description"),
        effective=_day(_text(found, "cac:Response/cbc:EffectiveDate")),
        clarifications=tuple(_clarifications(found)),
        issues=tuple(_issues(found)),
        reference=_text(reference, "cbc:ID") or "",
        reference_type=_text(reference, "cbc:DocumentTypeCode"),
        reference_issued=_day(_text(reference, "cbc:IssueDate")),
        process=_text(root, "cbc:ProfileID"),
        note=_text(root, "cbc:Note"),
    )


def parse(data: bytes) -> etree._Element:
    """The root of an ApplicationResponse.

    Raises UnsafeXML, MalformedXML; UnknownFormat for any other document.
    """
    root = guard.tree(data, MOST)
    if root.tag != f"{{{RESPONSE}}}ApplicationResponse":
        raise UnknownFormat(f"{root.tag} is no ApplicationResponse", location=Location(line=root.sourceline))
    return root


def kind_of(root: etree._Element) -> Kind:
    """Which answer it is, by its specification.

    Raises UnknownFormat for one that we do not know.
    """
    stated = _text(root, "cbc:CustomizationID") or ""
    for kind, known in SPECIFICATIONS.items():
        if stated == known.specification or (kind is not Kind.MLS and stated.startswith(known.specification)):
            return kind
    raise UnknownFormat(f"the specification {stated!r} is neither Invoice Response, MLR nor MLS")


def _clarifications(found: etree._Element) -> Iterator[Clarification]:
    for status in found.iterfind("cac:Response/cac:Status", _NAMES):
        code = status.find("cbc:StatusReasonCode", _NAMES)
        conditions = tuple(
            Condition(_text(made, "cbc:AttributeID") or "", _text(made, "cbc:Description"))
            for made in status.iterfind("cac:Condition", _NAMES)
        )
        stated = REASONS if code is None else code.get("listID", REASONS)
        yield Clarification(_text(status, "cbc:StatusReasonCode"), stated, _text(status, "cbc:StatusReason"), conditions)


def _issues(found: etree._Element) -> Iterator[Issue]:
    for line in found.iterfind("cac:LineResponse", _NAMES):
        where = _text(line, "cac:LineReference/cbc:LineID") or "NA"
        for said in line.iterfind("cac:Response", _NAMES):
            yield Issue(where, _text(said, "cbc:Description") or "", _text(said, "cac:Status/cbc:StatusReasonCode") or "")


def _participant(root: etree._Element, side: str) -> Participant:
    endpoint = root.find(f"{side}/cbc:EndpointID", _NAMES)
    if endpoint is None:
        return Participant("", "")
    return Participant((endpoint.get("schemeID") or "").strip(), (endpoint.text or "").strip().lower())


def _name(root: etree._Element, side: str) -> str:
    return _text(root, f"{side}/cac:PartyLegalEntity/cbc:RegistrationName") or ""


def _text(parent: etree._Element | None, path: str) -> str | None:
    made = None if parent is None else parent.find(path, _NAMES)
    if made is None:
        return None
    return " ".join("".join(str(part) for part in made.itertext()).split()) or None


def _day(text: str | None) -> date | None:
    """A date; a zone after it says nothing about the day.

    Raises Unreadable for one of XML Schema that no calendar here has: before the year 1, or after 9999.
    """
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise Unreadable(f"the date {text!r:.40} is beyond every calendar", mend="ask its sender for a correct one") from None
