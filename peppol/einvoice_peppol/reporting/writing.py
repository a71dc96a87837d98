"""Reports as XML, the same counts the same bytes."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from einvoice_peppol.reporting.counting import Transactions, Users
from einvoice_peppol.reporting.kinds import PROFILE, SHAPES, Kind, Shape
from einvoice_peppol.reporting.month import Month

_Element: TypeAlias = Any  # lxml's


def write(counts: Transactions | Users, month: Month, reporter: str) -> bytes:
    """The report of a month by a service provider (its seat id, `PNL000123`), in UTF-8."""
    shape = SHAPES[Kind.TSR if isinstance(counts, Transactions) else Kind.EUSR]
    root = etree.Element(f"{{{shape.namespace}}}{shape.root}", nsmap={None: shape.namespace})
    _add(root, "CustomizationID", shape.customization)
    _add(root, "ProfileID", PROFILE)
    header = _add(root, "Header")
    period = _add(header, "ReportPeriod")
    _add(period, "StartDate", month.first.isoformat())
    _add(period, "EndDate", month.last.isoformat())
    _add(header, "ReporterID", reporter).set("schemeID", "CertSubjectCN")
    _numbers(_add(root, shape.total), shape, counts.total)
    for kind, keys, numbers in counts.parts:
        part = _add(root, shape.part)
        part.set("type", kind)
        for key in keys:
            made = _add(part, "Key", key.value)
            made.set("metaSchemeID", key.meta)
            made.set("schemeID", key.scheme)
        _numbers(part, shape, numbers)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _numbers(parent: _Element, shape: Shape, numbers: tuple[int, ...]) -> None:
    for name, number in zip(shape.numbers, numbers, strict=True):
        _add(parent, name, str(number))


def _add(parent: _Element, name: str, text: str | None = None) -> _Element:
    made = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    made.text = text
    return made
