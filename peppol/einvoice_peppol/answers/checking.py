"""The check of an answer: the structure of UBL, then the official rules of its transaction, by their ids.

Rules that say what may or must stand where, and which codes, are rows of `rules.json`; the others are functions here and in `statuses`.
Sources: Peppol post-award rules T111 and T71, release 2026.5; Peppol Message Level Status 1.0.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from einvoice.errors import EInvoiceError
from einvoice.formats.structure import others
from einvoice.report import Finding, Layer, Report, Severity, Verdict
from einvoice_peppol.answers import digits, status_rules
from einvoice_peppol.answers.answer import Kind
from einvoice_peppol.answers.reading import kind_of, parse
from einvoice_peppol.answers.writing import CAC, CBC, RESPONSE

_PREFIXES = {CAC: "cac:", CBC: "cbc:", RESPONSE: "ar:"}
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
MANY = "answer-many"
"""Our own rule: an answer breaks no more than so many."""
MOST = 1_000
"""Findings of a layer: to say where each stands takes the longer the more there are."""


class Place(NamedTuple):
    """An element, its path from the root without the root, and what tells of it."""

    element: etree._Element
    path: str


def check(data: bytes, name: str | None = None) -> Report:
    """The report on an answer: the layers `structure` and that of its transaction; not judged where it is no answer that we know."""
    try:
        root = parse(data)
        kind = kind_of(root)
    except EInvoiceError as fault:
        return Report(name, None, None, (Layer.not_judged("structure", "", str(fault)),))
    structure = Layer.judged("structure", "UBL 2.1", others.check(root))
    if structure.verdict is Verdict.INVALID:
        return Report(name, "ubl-applicationresponse", kind.value, (structure,))
    if kind is Kind.MLS:
        layer = Layer.judged("peppol-mls", status_rules.VERSION, tuple(_bounded(status_rules.check(root))))
    else:
        rows = _rules()[kind.value]
        layer = Layer.judged(rows["layer"], rows["version"], tuple(_bounded(_checked(root, kind, rows))))
    return Report(name, "ubl-applicationresponse", kind.value, (structure, layer))


def _bounded(found: Iterator[Finding]) -> Iterator[Finding]:
    """The first findings; where there are more, that it is not valid, whatever the others say."""
    yield from islice(found, MOST)
    if next(found, None) is not None:
        yield Finding(MANY, Severity.FATAL, f"it breaks rules more than {MOST:,} times; what follows was not looked at")


def _checked(root: etree._Element, kind: Kind, rows: dict[str, Any]) -> Iterator[Finding]:
    places = [Place(root, "")]
    for place in places:
        places.extend(Place(child, f"{place.path}/{_name(child)}".lstrip("/")) for child in place.element if isinstance(child.tag, str))
    for place in places:
        yield from _common(place)
        if row := rows["elements"].get(place.path):
            yield from _rowed(place, row, rows)
        yield from _own(place, kind, rows["prefix"])
    if root.get(f"{{{_INSTANCE}}}schemaLocation") is not None:
        yield _finding(f"{rows['prefix']}B00108", Place(root, ""), "a schema location has no place here; leave it out")


def _rowed(place: Place, row: dict[str, Any], rows: dict[str, Any]) -> Iterator[Finding]:
    prefix = rows["prefix"]
    there = [(child, _name(child)) for child in place.element if isinstance(child.tag, str)]
    needs = row.get("needs", {})
    for name, rule in needs.items():
        if not any(found == name for _, found in there):
            yield _finding(f"{prefix}{rule}", place, f"{name} is missing; add it")
    if "others" in row:
        for child, name in there:
            if name not in needs and name not in row.get("may", ()):
                yield _finding(f"{prefix}{row['others']}", Place(child, name), f"{name} has no place here; leave it out")
    if "code" in row:
        rule, which = row["code"]
        text = _text(place.element)
        if text not in _codes(which, rows):
            yield _finding(f"{prefix}{rule}", place, f"{text!r} is none of the codes that may stand here", text)
    yield from _attributes(place, row, rows)


def _attributes(place: Place, row: dict[str, Any], rows: dict[str, Any]) -> Iterator[Finding]:
    prefix = rows["prefix"]
    for attribute, (missing, wrong, which) in row.get("attribute", {}).items():
        stated = place.element.get(attribute)
        if stated is None and missing:
            yield _finding(f"{prefix}{missing}", place, f"the attribute {attribute} is missing; add it")
        if stated is not None and stated not in _codes(which, rows):
            yield _finding(f"{prefix}{wrong}", place, f"{attribute} {stated!r} is none of the codes that may stand here", stated)


def _common(place: Place) -> Iterator[Finding]:
    element, path = place
    if not len(element) and not _text(element):
        yield _finding("PEPPOL-COMMON-R001", place, "it is empty; fill it in or leave it out")
    if not path and element.get(f"{{{_INSTANCE}}}schemaLocation") is not None:
        yield _finding("PEPPOL-COMMON-R003", place, "a schema location has no place here", severity=Severity.WARNING)
    name = path.rpartition("/")[2]
    if name == "cbc:IssueDate" and not _is_day("".join(map(str, element.itertext()))):
        yield _finding("PEPPOL-COMMON-R030", place, "a date is written YYYY-MM-DD", _text(element))
    if name == "cbc:EndpointID" or path.endswith("cac:PartyIdentification/cbc:ID"):
        scheme = element.get("schemeID") or ""
        rule = digits.broken(scheme, "".join(map(str, element.itertext())))
        if rule:
            weight = Severity.FATAL if rule in digits.FATAL else Severity.WARNING
            yield _finding(rule, place, f"it is no identifier of the scheme {scheme}; correct it", _text(element), severity=weight)


def _own(place: Place, kind: Kind, prefix: str) -> Iterator[Finding]:
    """What the rows do not say."""
    name = place.path.rpartition("/")[2]
    if name == "cbc:CustomizationID":
        begins = f"urn:fdc:peppol.eu:poacc:trns:{'invoice_response' if kind is Kind.INVOICE_RESPONSE else 'mlr'}:3"
        if not _text(place.element).startswith(begins):
            yield _finding(f"{prefix}R00{'3' if kind is Kind.INVOICE_RESPONSE else '1'}", place, f"the specification begins with {begins}")
    if kind is not Kind.INVOICE_RESPONSE:
        return
    if name == "cbc:ProfileID" and _text(place.element) not in _PROCESSES:
        yield _finding(f"{prefix}R008", place, f"the process is {' or '.join(_PROCESSES)}", _text(place.element))
    if name == "cac:Response" and _text(_child(place.element, "ResponseCode")) in ("CA", "UQ", "RE"):
        statuses = place.element.findall(f"{{{CAC}}}Status/{{{CBC}}}StatusReasonCode")
        if not statuses:
            yield _finding(f"{prefix}R001", place, "this status needs a clarification; add why")
    if name == "cac:Status":
        yield from _clarified(place, prefix)


_PROCESSES = ("urn:fdc:peppol.eu:poacc:bis:invoice_response:3", "urn:peppol:bis:billing_with_response")
_BY_LIST = {
    "OPStatusAction": ("R006", "NOA PIN NIN CNF CNP CNA OTH"),
    "OPStatusReason": ("R007", "NON REF LEG REC QUA DEL PRI QTY ITM PAY PPD UNR FIN OTH"),
}


def _clarified(place: Place, prefix: str) -> Iterator[Finding]:
    code, words = _child(place.element, "StatusReasonCode"), _child(place.element, "StatusReason")
    if code is None:
        return
    raw = "".join(map(str, code.itertext()))
    if raw == "OTH" and words is None:
        yield _finding(f"{prefix}R002", place, "the code OTH says nothing by itself; add words", severity=Severity.WARNING)
    elif raw == "PPD" and words is None:
        yield _finding(f"{prefix}R004", place, "a part payment needs words; say what was paid")
    rule, codes = _BY_LIST.get(code.get("listID") or "", (None, ""))
    if rule and _text(code) not in codes.split():
        yield _finding(f"{prefix}{rule}", place, f"{raw!r} is no code of {code.get('listID')}", raw)


def _codes(which: str, rows: dict[str, Any]) -> frozenset[str]:
    if which in rows["lists"]:
        return frozenset(rows["lists"][which].split())
    return _outside(which)


@cache
def _outside(which: str) -> frozenset[str]:
    if which == "document-type":
        spans = (span.partition("-") for span in _rules()["document_types"].split())
        return frozenset(str(code) for first, _, last in spans for code in range(int(first), int(last or first) + 1))
    from einvoice_schemas.codelists import codes  # noqa: PLC0415 - only where a scheme is stated

    return frozenset(codes("eas", "peppol") if which == "eas" else codes("iso-6523", "cen-ubl"))


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = json.loads((Path(__file__).parent / "rules.json").read_text("utf-8"))
    return rules


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{{CBC}}}{name}")


def _name(element: etree._Element) -> str:
    space, _, local = str(element.tag)[1:].partition("}")
    return f"{_PREFIXES.get(space, '?')}{local}"


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)) and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _finding(rule: str, place: Place, text: str, value: str | None = None, *, severity: Severity = Severity.FATAL) -> Finding:
    return Finding(
        rule, severity, text, xpath=place.element.getroottree().getpath(place.element), line=place.element.sourceline, value=value
    )
