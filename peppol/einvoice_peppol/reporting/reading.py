"""A report as it was sent, its structure checked: what the rules look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from lxml import etree

from einvoice.report import Finding, Severity
from einvoice_peppol.reporting.kinds import Shape

_Element: TypeAlias = Any  # lxml's
_DATE = re.compile(r"-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?", re.ASCII)
_NUMBER = re.compile(r"\+?\d+|-0+", re.ASCII)
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


class Key(NamedTuple):
    """A key of a part, white space normalised; `raw` is its text as it stands."""

    meta: str
    scheme: str
    value: str
    element: _Element


class Part(NamedTuple):
    """A part (Subtotal, Subset): its type, its keys, its numbers in order."""

    type: str
    keys: tuple[Key, ...]
    numbers: tuple[int, ...]
    element: _Element

    def of(self, meta: str, scheme: str | None = None) -> list[Key]:
        """Its keys of a meta scheme, and of a scheme where one is named."""
        return [key for key in self.keys if key.meta == meta and scheme in (None, key.scheme)]


class Stated(NamedTuple):
    """What a report states: texts with white space normalised, `dates` and `reporter_scheme` as they stand."""

    customization: str
    profile: str
    dates: tuple[str, str]
    reporter: str
    reporter_scheme: str
    total: tuple[int, ...]
    parts: tuple[Part, ...]
    root: _Element


def structure(root: etree._Element, shape: Shape) -> list[Finding]:
    """What breaks the structure of a report (its XSD, stated anew here)."""
    return [*_structure(root, shape)]


def _structure(root: _Element, shape: Shape) -> Iterator[Finding]:
    own = _named(root, shape)
    if own[:4] != ["CustomizationID", "ProfileID", "Header", shape.total] or set(own[4:]) - {shape.part}:
        yield _finding(root, f"wanted are CustomizationID, ProfileID, Header, {shape.total} and any number of {shape.part}, in this order")
        return
    yield from _attributes(root, ())
    yield from _texts(root[:2], _any)
    yield from _header(root[2], shape)
    yield from _numbers(root[3], shape, first=0)
    for part in root[4:]:
        names = _named(part, shape)
        keys = sum(1 for name in names if name == "Key")
        if not keys or names[:keys] != ["Key"] * keys:
            yield _finding(part, "wanted are one Key or more, and the numbers after them")
            continue
        yield from _attributes(part, ("type",), required=("type",))
        for key in part[:keys]:
            yield from _attributes(key, ("metaSchemeID", "schemeID"), required=("metaSchemeID", "schemeID"))
            yield from _no_children(key)
        yield from _numbers(part, shape, first=keys)


def _header(header: _Element, shape: Shape) -> Iterator[Finding]:
    if _named(header, shape) != ["ReportPeriod", "ReporterID"] or _named(header[0], shape) != ["StartDate", "EndDate"]:
        yield _finding(header, "wanted are ReportPeriod with StartDate and EndDate, and ReporterID")
        return
    for each in (header, header[0]):
        yield from _attributes(each, ())
    for day in header[0]:
        yield from _attributes(day, ())
    yield from _texts(header[0], _DATE)
    yield from _texts([header[1]], _any)


def _numbers(parent: _Element, shape: Shape, *, first: int) -> Iterator[Finding]:
    if _named(parent, shape)[first:] != [*shape.numbers]:
        yield _finding(parent, f"wanted are {', '.join(shape.numbers)}, in this order")
        return
    if not first:
        yield from _attributes(parent, ())
    for number in parent[first:]:
        yield from _attributes(number, ())
    yield from _texts(parent[first:], _NUMBER)


_any = re.compile(".*", re.DOTALL)


def _texts(elements: Sequence[_Element], form: re.Pattern[str]) -> Iterator[Finding]:
    for element in elements:
        yield from _no_children(element)
        if form is _any:
            yield from _attributes(element, ("schemeID",))
        if form.fullmatch(normal(text(element))) is None:
            yield _finding(element, "the value has not the form that is wanted here", normal(text(element)))


def _no_children(element: _Element) -> Iterator[Finding]:
    if any(isinstance(child.tag, str) for child in element):
        yield _finding(element, "elements have no place here")


def _attributes(element: _Element, allowed: Sequence[str], required: Sequence[str] = ()) -> Iterator[Finding]:
    for name in element.attrib:
        if name not in allowed and not name.startswith(_INSTANCE):
            yield _finding(element, f"the attribute {name} has no place here")
    for name in required:
        if element.get(name) is None:
            yield _finding(element, f"the attribute {name} is missing")


def _named(parent: _Element, shape: Shape) -> list[str]:
    """The names of the children, empty for one of another namespace; text between them is named as well, for none may stand there."""
    start = f"{{{shape.namespace}}}"
    names = [child.tag.removeprefix(start) if child.tag.startswith(start) else "" for child in parent]
    stray = [parent.text, *(child.tail for child in parent)]
    return [*names, *("text" for each in stray if each and each.strip(" \t\r\n"))]


def read(root: etree._Element, shape: Shape) -> Stated:
    """What a report states whose structure is right."""
    header = root[2]
    return Stated(
        normal(text(root[0])),
        normal(text(root[1])),
        (text(header[0][0]), text(header[0][1])),
        normal(text(header[1])),
        header[1].get("schemeID") or "",
        tuple(int(text(number)) for number in root[3]),
        tuple(_part(part, len(shape.numbers)) for part in root[4:]),
        root,
    )


def _part(part: _Element, numbers: int) -> Part:
    keys = tuple(Key(normal(key.get("metaSchemeID")), normal(key.get("schemeID")), normal(text(key)), key) for key in part[:-numbers])
    return Part(normal(part.get("type")), keys, tuple(int(text(number)) for number in part[-numbers:]), part)


def text(element: _Element) -> str:
    """All text of an element."""
    return "".join(element.itertext())


def normal(value: str) -> str:
    """Text with its white space normalised, as XPath does."""
    return " ".join(re.split("[ \t\r\n]+", value.strip(" \t\r\n")))


def _finding(element: _Element, why: str, value: str | None = None) -> Finding:
    return Finding("structure-report", Severity.FATAL, f"{etree.QName(element).localname}: {why}", line=element.sourceline, value=value)
