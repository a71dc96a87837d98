"""Metadata: the XMP packet, its properties, extension schemas, PDF/A's identification (ISO 19005-3, 6.6)."""

from __future__ import annotations

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.document import Document
from einvoice.pdf.conditions.seen.xmp import PDFA_ID, Packet
from einvoice.pdf.conditions.seen.xmp_types import FIELD, PROPERTY, SCHEMA, TYPE, Described, Property, is_known

_PARTS = {
    "schema": (SCHEMA, {"namespaceURI", "prefix", "property", "schema", "valueType"}),
    "property": (PROPERTY, {"category", "description", "name", "valueType"}),
    "type": (TYPE, {"namespaceURI", "prefix", "field", "description", "type"}),
    "field": (FIELD, {"description", "name", "valueType"}),
}
_PREFIXES = {SCHEMA: "pdfaSchema", PROPERTY: "pdfaProperty", TYPE: "pdfaType", FIELD: "pdfaField"}


@condition("PDFA-6.6.2.1-1", "itself")
def document_has_metadata(document: Document) -> object:
    """Add XMP metadata to the catalog: a stream of Type Metadata and Subtype XML."""
    return document.main_packet


@condition("PDFA-6.6.2.1-2", "packets")
def packet_has_no_bytes(packet: Packet) -> object:
    """Remove the attribute bytes from the packet's header."""
    return not packet.states("bytes")


@condition("PDFA-6.6.2.1-3", "packets")
def packet_has_no_encoding(packet: Packet) -> object:
    """Remove the attribute encoding from the packet's header."""
    return not packet.states("encoding")


@condition("PDFA-6.6.2.1-4", "packets")
def packet_can_be_read(packet: Packet) -> object:
    """Write the metadata as well-formed RDF in XML, each property once, without a DOCTYPE."""
    return packet.properties is not None


@condition("PDFA-6.6.2.1-5", "packets")
def packet_is_utf_8(packet: Packet) -> object:
    """Encode the metadata in UTF-8."""
    return packet.properties is not None and packet.encoding == "UTF-8"


@condition("PDFA-6.6.2.3.1-1", "properties")
def property_is_defined(found: Property) -> object:
    """Define the property in an extension schema (pdfaExtension:schemas) with its namespace, or remove it."""
    return found.stated is not None


@condition("PDFA-6.6.2.3.1-2", "properties")
def property_is_of_its_type(found: Property) -> object:
    """Write the property as its schema wants it: a text, a date, an ordered or unordered list, texts by language."""
    return found.fits


@condition("PDFA-6.6.2.3.2-1", "extensions")
def schema_has_known_fields(part: Described) -> object:
    """Remove what PDF/A does not define from the description of the extension schema."""
    if part.level == "container":
        return True
    namespace, names = _PARTS[part.level]
    return all(each.namespace == namespace and each.name in names for each in part.node.parts)


@condition("PDFA-6.6.2.3.3-1", "extensions")
def container_is_a_bag(part: Described) -> object:
    """Write pdfaExtension:schemas, by that prefix, as a Bag."""
    return part.level != "container" or (part.node.kind == "bag" and part.node.prefix == "pdfaExtension")


def _text(part: Described, level: str, namespace: str, name: str) -> bool:
    """Whether a field that must be there is a text under the prefix that it must have."""
    if part.level != level:
        return True
    found = part.node.part(namespace, name)
    return found is not None and found.kind == "simple" and found.prefix == _PREFIXES[namespace]


def _list(part: Described, level: str, namespace: str, name: str) -> bool:
    """Whether a field that may be there is a list in order under the prefix that it must have."""
    found = part.node.part(namespace, name) if part.level == level else None
    return found is None or (found.kind in {"seq", "alt"} and found.prefix == _PREFIXES[namespace])


@condition("PDFA-6.6.2.3.3-2", "extensions")
def schema_has_a_title(part: Described) -> object:
    """Describe the extension schema in pdfaSchema:schema."""
    return _text(part, "schema", SCHEMA, "schema")


@condition("PDFA-6.6.2.3.3-3", "extensions")
def schema_has_a_namespace(part: Described) -> object:
    """State the namespace of the extension schema in pdfaSchema:namespaceURI."""
    return _text(part, "schema", SCHEMA, "namespaceURI")


@condition("PDFA-6.6.2.3.3-4", "extensions")
def schema_has_a_prefix(part: Described) -> object:
    """State the prefix of the extension schema in pdfaSchema:prefix."""
    return _text(part, "schema", SCHEMA, "prefix")


@condition("PDFA-6.6.2.3.3-5", "extensions")
def schema_lists_properties(part: Described) -> object:
    """Write pdfaSchema:property as a Seq."""
    return _list(part, "schema", SCHEMA, "property")


@condition("PDFA-6.6.2.3.3-6", "extensions")
def schema_lists_types(part: Described) -> object:
    """Write pdfaSchema:valueType as a Seq."""
    return _list(part, "schema", SCHEMA, "valueType")


@condition("PDFA-6.6.2.3.3-7", "extensions")
def property_has_a_name(part: Described) -> object:
    """Name the property in pdfaProperty:name."""
    return _text(part, "property", PROPERTY, "name")


@condition("PDFA-6.6.2.3.3-8", "extensions")
def property_has_a_type(part: Described) -> object:
    """State a type that XMP or the schema defines in pdfaProperty:valueType."""
    return _text(part, "property", PROPERTY, "valueType") and _is_known(part, "property", PROPERTY)


def _is_known(part: Described, level: str, namespace: str) -> bool:
    found = part.node.part(namespace, "valueType") if part.level == level else None
    return found is None or is_known(found.value, part.own)


@condition("PDFA-6.6.2.3.3-9", "extensions")
def property_has_a_category(part: Described) -> object:
    """State in pdfaProperty:category whether the property is external or internal."""
    if part.level != "property":
        return True
    found = part.node.part(PROPERTY, "category")
    return _text(part, "property", PROPERTY, "category") and found is not None and found.value in {"external", "internal"}


@condition("PDFA-6.6.2.3.3-10", "extensions")
def property_has_a_description(part: Described) -> object:
    """Describe the property in pdfaProperty:description."""
    return _text(part, "property", PROPERTY, "description")


@condition("PDFA-6.6.2.3.3-11", "extensions")
def type_has_a_name(part: Described) -> object:
    """Name the type in pdfaType:type."""
    return _text(part, "type", TYPE, "type")


@condition("PDFA-6.6.2.3.3-12", "extensions")
def type_has_a_namespace(part: Described) -> object:
    """State the namespace of the type in pdfaType:namespaceURI."""
    return _text(part, "type", TYPE, "namespaceURI")


@condition("PDFA-6.6.2.3.3-13", "extensions")
def type_has_a_prefix(part: Described) -> object:
    """State the prefix of the type in pdfaType:prefix."""
    return _text(part, "type", TYPE, "prefix")


@condition("PDFA-6.6.2.3.3-14", "extensions")
def type_has_a_description(part: Described) -> object:
    """Describe the type in pdfaType:description."""
    return _text(part, "type", TYPE, "description")


@condition("PDFA-6.6.2.3.3-15", "extensions")
def type_lists_fields(part: Described) -> object:
    """Write pdfaType:field as a Seq."""
    return _list(part, "type", TYPE, "field")


@condition("PDFA-6.6.2.3.3-16", "extensions")
def field_has_a_name(part: Described) -> object:
    """Name the field in pdfaField:name."""
    return _text(part, "field", FIELD, "name")


@condition("PDFA-6.6.2.3.3-17", "extensions")
def field_has_a_type(part: Described) -> object:
    """State a type that XMP or the schema defines in pdfaField:valueType."""
    return _text(part, "field", FIELD, "valueType") and _is_known(part, "field", FIELD)


@condition("PDFA-6.6.2.3.3-18", "extensions")
def field_has_a_description(part: Described) -> object:
    """Describe the field in pdfaField:description."""
    return _text(part, "field", FIELD, "description")


@condition("PDFA-6.6.4-1", "main_packet")
def document_says_that_it_is_pdf_a(packet: Packet) -> object:
    """State PDF/A in the metadata: pdfaid:part 3 and pdfaid:conformance B."""
    return any(each.namespace == PDFA_ID for each in packet.properties or ())


@condition("PDFA-6.6.4-2", "main_packet")
def document_says_part_3(packet: Packet) -> object:
    """Set pdfaid:part to 3: earlier parts of PDF/A allow no attached XML."""
    return not _identified(packet) or ((found := packet.find(PDFA_ID, "part")) is not None and found.value.strip() == "3")


@condition("PDFA-6.6.4-3", "main_packet")
def document_says_its_level(packet: Packet) -> object:
    """Set pdfaid:conformance to B, U or A."""
    return not _identified(packet) or ((found := packet.find(PDFA_ID, "conformance")) is not None and found.value in {"A", "B", "U"})


def _identified(packet: Packet) -> bool:
    return any(each.namespace == PDFA_ID for each in packet.properties or ())


def _prefix(packet: Packet, name: str) -> bool:
    found = packet.find(PDFA_ID, name)
    return found is None or found.prefix == "pdfaid"


@condition("PDFA-6.6.4-4", "main_packet")
def part_has_its_prefix(packet: Packet) -> object:
    """Write the property part with the prefix pdfaid."""
    return _prefix(packet, "part")


@condition("PDFA-6.6.4-5", "main_packet")
def conformance_has_its_prefix(packet: Packet) -> object:
    """Write the property conformance with the prefix pdfaid."""
    return _prefix(packet, "conformance")


@condition("PDFA-6.6.4-6", "main_packet")
def amendment_has_its_prefix(packet: Packet) -> object:
    """Write the property amd with the prefix pdfaid."""
    return _prefix(packet, "amd")


@condition("PDFA-6.6.4-7", "main_packet")
def correction_has_its_prefix(packet: Packet) -> object:
    """Write the property corr with the prefix pdfaid."""
    return _prefix(packet, "corr")
