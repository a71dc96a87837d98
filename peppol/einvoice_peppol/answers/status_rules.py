"""The rules of the Message Level Status, by their official ids (Peppol MLS, Schematron 1.0.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from einvoice.report import Finding, Severity
from einvoice_peppol.answers.writing import CAC, CBC

VERSION = "1.0.1"
SEVERAL = "answer-several"
"""Our own rule: what may stand once does."""
_NAMES = {"cac": CAC, "cbc": CBC}
_PROVIDER = re.compile(r"[0-9]{6}(-[0-9A-Z_]{3,12}(\.[0-9A-Z\-._~]{3,24})?)?", re.IGNORECASE | re.ASCII)
_FAILURES = frozenset({"BV", "FD", "SV"})
_ISSUES = _FAILURES | {"BW"}


def check(root: etree._Element) -> Iterator[Finding]:
    """What an MLS breaks."""
    yield from _header(root)
    for name, first in (("SenderParty", 7), ("ReceiverParty", 12)):
        yield from _party(root, name, first)
    responses = root.findall("cac:DocumentResponse", _NAMES)
    if len(responses) != 1:
        yield _finding(17, root, "an MLS answers exactly one document")
    for response in responses:
        yield from _several(response)
        yield from _response(response)
        yield from _issues(response)


def _header(root: etree._Element) -> Iterator[Finding]:
    if _text(root, "cbc:CustomizationID") != "urn:peppol:edec:mls:1.0":
        yield _finding(1, root, "the specification is urn:peppol:edec:mls:1.0")
    if _text(root, "cbc:ProfileID") != "urn:peppol:edec:mls":
        yield _finding(2, root, "the process is urn:peppol:edec:mls")
    if not _text(root, "cbc:ID"):
        yield _finding(3, root, "the message needs an id")
    if len(_text(root, "cbc:IssueDate") or "") != 10:
        yield _finding(4, root, "the date has no time zone; the time has it")
    time = _text(root, "cbc:IssueTime")
    if root.find("cbc:IssueTime", _NAMES) is None:
        yield _finding(5, root, "the time of day is missing")
    if not re.search(r"([+-]\d{2}:\d{2}|Z)$", time or "", re.ASCII):
        yield _finding(6, root, "the time needs its zone: Z or +01:00")


def _party(root: etree._Element, name: str, first: int) -> Iterator[Finding]:
    endpoint = root.find(f"cac:{name}/cbc:EndpointID", _NAMES)
    text = _text(root, f"cac:{name}/cbc:EndpointID") or ""
    scheme = None if endpoint is None else endpoint.get("schemeID")
    if endpoint is None:
        yield _finding(first, root, f"the {name} has no EndpointID")
    if not text:
        yield _finding(first + 1, root, f"the {name} has an empty EndpointID")
    if not _PROVIDER.fullmatch(text):
        yield _finding(first + 2, root, f"the {name} is no service provider: six digits of its seat, perhaps with a suffix", text)
    if scheme is None:
        yield _finding(first + 3, root, f"the EndpointID of the {name} has no scheme")
    if scheme != "0242":
        yield _finding(first + 4, root, f"the EndpointID of the {name} is of the scheme 0242", scheme)


def _response(response: etree._Element) -> Iterator[Finding]:
    code = _text(response, "cac:Response/cbc:ResponseCode")
    found = {_text(each, ".") for each in response.iterfind("cac:LineResponse/cac:Response/cac:Status/cbc:StatusReasonCode", _NAMES)}
    has_failure = bool(found & _FAILURES)
    if response.find("cac:Response/cbc:ResponseCode", _NAMES) is None:
        yield _finding(18, response, "the status is missing")
    if code not in ("AP", "AB", "RE"):
        yield _finding(19, response, "the status is AP, AB or RE", code)
    if code == "RE":
        description = response.find("cac:Response/cbc:Description", _NAMES)
        if description is None:
            yield _finding(20, response, "a rejection needs a description")
        if not _text(response, "cac:Response/cbc:Description"):
            yield _finding(21, response, "a rejection needs a description that says something")
        if response.find("cac:LineResponse", _NAMES) is None:
            yield _finding(23, response, "a rejection names at least one fault")
        if not has_failure:
            yield _finding(24, response, "a rejection names at least one fault with BV, FD or SV")
    elif has_failure:
        yield _finding(25, response, "what is not rejected has no fault with BV, FD or SV")
    if len(response.findall("cac:DocumentReference", _NAMES)) != 1:
        yield _finding(22, response, "an MLS refers to exactly one document")


def _several(response: etree._Element) -> Iterator[Finding]:
    """Where a rule reads one value and finds two, the official check breaks off: what cannot be judged is not valid."""
    for said in response.iter(f"{{{CAC}}}Response"):
        for name in ("cbc:Description", "cac:Status"):
            if len(said.findall(name, _NAMES)) > 1:
                yield Finding(
                    SEVERAL, Severity.FATAL, f"{name} stands more than once here; leave one", xpath=_path(said), line=said.sourceline
                )


def _issues(response: etree._Element) -> Iterator[Finding]:
    for reference in response.iterfind("cac:DocumentReference", _NAMES):
        if not _text(reference, "cbc:ID"):
            yield _finding(26, reference, "the document that is answered has no id")
    for line in response.iterfind("cac:LineResponse", _NAMES):
        if not _text(line, "cac:LineReference/cbc:LineID"):
            yield _finding(27, line, "the place of the fault is empty; write NA where it has none")
        for said in line.iterfind("cac:Response", _NAMES):
            yield from _issue(said)


def _issue(said: etree._Element) -> Iterator[Finding]:
    if said.find("cbc:Description", _NAMES) is None:
        yield _finding(28, said, "the fault has no description")
    if not _text(said, "cbc:Description"):
        yield _finding(29, said, "the fault has an empty description")
    statuses = said.findall("cac:Status", _NAMES)
    if not statuses:
        yield _finding(30, said, "the fault has no status")
    for status in statuses:
        code = _text(status, "cbc:StatusReasonCode")
        if code not in _ISSUES:
            yield _finding(31, status, "the code of a fault is BV, BW, FD or SV", code)


def _text(parent: etree._Element, path: str) -> str | None:
    made = parent if path == "." else parent.find(path, _NAMES)
    return None if made is None else " ".join("".join(map(str, made.itertext())).split())


def _finding(number: int, element: etree._Element, text: str, value: str | None = None) -> Finding:
    return Finding(f"SCH-MLS-{number:02}", Severity.FATAL, text, xpath=_path(element), line=element.sourceline, value=value)


def _path(element: etree._Element) -> str:
    return str(element.getroottree().getpath(element))
