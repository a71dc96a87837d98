"""Answers written: UBL 2.1 ApplicationResponse, the same answer the same bytes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, TypeAlias

from lxml import etree

from einvoice_peppol.answers.answer import SPECIFICATIONS, Answer, Clarification, Issue, Kind
from einvoice_peppol.identifiers import Participant

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC, RESPONSE = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2", f"{_UBL}ApplicationResponse-2"
_Element: TypeAlias = Any  # lxml's
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(answer: Answer) -> bytes:
    """The XML of an answer, in UTF-8.

    Nothing is checked: `checking.check` says whether it may be sent. Characters that XML cannot hold are left out.
    """
    root = etree.Element(f"{{{RESPONSE}}}ApplicationResponse", nsmap={None: RESPONSE, "cac": CAC, "cbc": CBC})
    specification = SPECIFICATIONS[answer.kind]
    _value(root, "CustomizationID", specification.specification)
    _value(root, "ProfileID", answer.process or specification.processes[0])
    _value(root, "ID", answer.id)
    _value(root, "IssueDate", answer.issued)
    _value(root, "IssueTime", answer.time)
    _value(root, "Note", answer.note)
    for name, who, called in zip(("SenderParty", "ReceiverParty"), (answer.sender, answer.receiver), answer.names, strict=True):
        _party(_group(root, name), who, called)
    made = _group(root, "DocumentResponse")
    _response(_group(made, "Response"), answer)
    _reference(_group(made, "DocumentReference"), answer)
    for issue in answer.issues:
        _issue(_group(made, "LineResponse"), issue)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _party(parent: _Element, who: Participant, called: str) -> None:
    _value(parent, "EndpointID", who.value.upper() if who.scheme == "0242" else who.value, schemeID=who.scheme)
    if called:
        _value(_group(parent, "PartyLegalEntity"), "RegistrationName", called)


def _response(parent: _Element, answer: Answer) -> None:
    _value(parent, "ResponseCode", answer.code)
    _value(parent, "Description", answer.description)
    _value(parent, "EffectiveDate", answer.effective)
    for clarification in answer.clarifications:
        _clarification(_group(parent, "Status"), clarification)


def _clarification(parent: _Element, said: Clarification) -> None:
    _value(parent, "StatusReasonCode", said.code, listID=said.list)
    _value(parent, "StatusReason", said.text)
    for condition in said.conditions:
        made = _group(parent, "Condition")
        _value(made, "AttributeID", condition.term)
        _value(made, "Description", condition.value)


def _reference(parent: _Element, answer: Answer) -> None:
    _value(parent, "ID", answer.reference)
    _value(parent, "IssueDate", answer.reference_issued)
    if answer.kind is not Kind.MLS:
        _value(parent, "DocumentTypeCode", answer.reference_type)


def _issue(parent: _Element, issue: Issue) -> None:
    _value(_group(parent, "LineReference"), "LineID", issue.location)
    made = _group(parent, "Response")
    _value(made, "Description", issue.text)
    _value(_group(made, "Status"), "StatusReasonCode", issue.code)


def _value(parent: _Element, name: str, text: str | date | None, **attributes: str) -> None:
    if text in (None, ""):
        return
    made = etree.SubElement(parent, f"{{{CBC}}}{name}", attributes)
    made.text = text.isoformat() if isinstance(text, date) else _allowed(str(text))


def _group(parent: _Element, name: str) -> _Element:
    return etree.SubElement(parent, f"{{{CAC}}}{name}")


def _allowed(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(
        sign for sign in text if sign in "\t\n\r" or (sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
    )
