"""What Factur-X and its relatives call things: levels, file names, relationships, namespaces of the XMP metadata.

Sources: Factur-X 1.0 / ZUGFeRD 2, section 6.2 (ZUGFeRD 2.1.1, Technical Supplement, part A, 2.2.2 on the relationship); the examples
that FeRD published with ZUGFeRD 2.1 to 2.3.2; ZUGFeRD 1.0, chapter 4.3; ZUGFeRD 2.0, technical supplement.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from einvoice_schemas.profiles import by_specification


class Level(NamedTuple):
    """A conformance level of Factur-X 1.0 / ZUGFeRD 2, by the name of its profile here.

    `name` is the level as the XMP metadata spell it, `filename` that of the XML, `relationships` the allowed AFRelationship, the one
    that is written first; `version` is that of the standard which the XML follows: 1.0 of Factur-X, for XRECHNUNG that of XRechnung.
    """

    profile: str
    name: str
    filename: str
    relationships: tuple[str, ...]
    version: str = "1.0"

    @property
    def is_excerpt(self) -> bool:
        """Whether the XML is no invoice of its own, because the level leaves most of it out: the PDF is the invoice."""
        return self.relationships == _EXCERPT

    def allowed(self, country: str | None = None) -> tuple[str, ...]:
        """The relationships that a recipient in that country (ISO 3166-1 alpha-2) may be sent: in Germany the XML is an alternative."""
        only = country is not None and country.upper() == "DE" and "Alternative" in self.relationships
        return ("Alternative",) if only else self.relationships


_EXCERPT = ("Data",)
_INVOICE = ("Alternative", "Source", "Data")
_ALTERNATIVE = ("Alternative",)

LEVELS = (
    Level("facturx-minimum", "MINIMUM", "factur-x.xml", _EXCERPT),
    Level("facturx-basicwl", "BASIC WL", "factur-x.xml", _EXCERPT),
    Level("facturx-basic", "BASIC", "factur-x.xml", _INVOICE),
    Level("facturx-en16931", "EN 16931", "factur-x.xml", _INVOICE),
    Level("facturx-extended", "EXTENDED", "factur-x.xml", _INVOICE),
    Level("xrechnung", "XRECHNUNG", "xrechnung.xml", _INVOICE, "3.0"),
)
"""The levels that are written."""

ZUGFERD_2_0 = tuple(level._replace(filename="zugferd-invoice.xml", relationships=_ALTERNATIVE, version="2p0") for level in LEVELS[:5])
ZUGFERD_1 = tuple(Level("zugferd-1", name, "ZUGFeRD-invoice.xml", _ALTERNATIVE) for name in ("BASIC", "COMFORT", "EXTENDED"))


class Standard(NamedTuple):
    """A family of hybrids: its name, the namespace of its XMP properties, the names of its XML files, and its levels."""

    name: str
    namespace: str
    filenames: tuple[str, ...]
    levels: tuple[Level, ...] = ()


FACTUR_X = Standard(
    "Factur-X 1.0 / ZUGFeRD 2", "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#", ("factur-x.xml", "xrechnung.xml"), LEVELS
)
STANDARDS = (
    FACTUR_X,
    Standard("ZUGFeRD 2.0", "urn:zugferd:pdfa:CrossIndustryDocument:invoice:2p0#", ("zugferd-invoice.xml",), ZUGFERD_2_0),
    Standard("ZUGFeRD 1", "urn:ferd:pdfa:CrossIndustryDocument:invoice:1p0#", ("ZUGFeRD-invoice.xml",), ZUGFERD_1),
    Standard("Order-X 1.0", "urn:factur-x:pdfa:CrossIndustryDocument:1p0#", ("order-x.xml",)),
)

_ferd = re.compile(r"urn:ferd:CrossIndustryDocument:invoice:1p0:(basic|comfort|extended)", re.IGNORECASE)
_xrechnung = re.compile(r"xrechnung_(\d+\.\d+)")


def by_profile(profile: str) -> Level | None:
    """The level that is written for a profile; None for one that has none, such as `peppol`."""
    return next((level for level in LEVELS if level.profile == profile), None)


def by_name(name: str, standard: Standard = FACTUR_X) -> Level | None:
    """The level that the XMP metadata of a standard name; case, spaces and dashes do not count."""
    return next((level for level in standard.levels if _squeezed(level.name) == _squeezed(name)), None)


def of_specification(specification: str | None) -> Level | None:
    """The level that an XML is of by the specification it names (BT-24), None where that is none.

    Identifiers of ZUGFeRD 2.0 count as the level of today, those of ZUGFeRD 1 as a level of its own; EN 16931 itself is EN 16931;
    any XRechnung, its extension and the one for clean vehicles are XRECHNUNG, in the version that it names.
    """
    if found := _ferd.fullmatch((specification or "").strip()):
        return next(level for level in ZUGFERD_1 if level.name == found[1].upper())
    profile = by_specification(specification)
    if profile is None:
        return None
    if named := _xrechnung.search(specification or ""):
        return LEVELS[-1]._replace(version=named[1])
    return by_profile("facturx-en16931" if profile.name == "en16931" else profile.name)


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).upper()
