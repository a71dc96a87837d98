"""What Factur-X and its relatives call things: levels, file names, relationships, namespaces of the XMP metadata."""

from __future__ import annotations

from typing import NamedTuple


class Level(NamedTuple):
    """A conformance level of Factur-X 1.0 / ZUGFeRD 2, by the name of its profile here.

    `name` is the level as the XMP metadata spell it, `filename` that of the XML, `relationships` the allowed AFRelationship, the one
    that is written first.
    """

    profile: str
    name: str
    filename: str
    relationships: tuple[str, ...]
    version: str = "1.0"


_EXCERPT = ("Data",)  # no invoice of its own: the PDF is
_INVOICE = ("Alternative", "Source", "Data")

LEVELS = (
    Level("facturx-minimum", "MINIMUM", "factur-x.xml", _EXCERPT),
    Level("facturx-basicwl", "BASIC WL", "factur-x.xml", _EXCERPT),
    Level("facturx-basic", "BASIC", "factur-x.xml", _INVOICE),
    Level("facturx-en16931", "EN 16931", "factur-x.xml", _INVOICE),
    Level("facturx-extended", "EXTENDED", "factur-x.xml", _INVOICE),
    Level("xrechnung", "XRECHNUNG", "xrechnung.xml", _INVOICE),
)


class Standard(NamedTuple):
    """A family of hybrids: its name, the namespace of its XMP properties, and the names of its XML files."""

    name: str
    namespace: str
    filenames: tuple[str, ...]


STANDARDS = (
    Standard("Factur-X 1.0 / ZUGFeRD 2", "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#", ("factur-x.xml", "xrechnung.xml")),
    Standard("ZUGFeRD 2.0", "urn:zugferd:pdfa:CrossIndustryDocument:invoice:2p0#", ("zugferd-invoice.xml",)),
    Standard("ZUGFeRD 1", "urn:ferd:pdfa:CrossIndustryDocument:invoice:1p0#", ("ZUGFeRD-invoice.xml",)),
    Standard("Order-X 1.0", "urn:factur-x:pdfa:CrossIndustryDocument:1p0#", ("order-x.xml",)),
)
