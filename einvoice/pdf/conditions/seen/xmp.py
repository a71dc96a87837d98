"""XMP metadata: the packet and its properties as a tree of plain nodes (XMP Specification, September 2005; ISO 16684-1, 7)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lxml import etree

from einvoice.pdf.conditions.seen.values import Object

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PDFA_ID = "http://www.aiim.org/pdfa/ns/id/"
EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_XML = "http://www.w3.org/XML/1998/namespace"
_LANGUAGE = f"{{{_XML}}}lang"
_RDF_ROOT, _DESCRIPTION = f"{{{RDF}}}RDF", f"{{{RDF}}}Description"
_PARSE_TYPE, _RESOURCE = f"{{{RDF}}}parseType", f"{{{RDF}}}resource"
_ARRAYS = {f"{{{RDF}}}Bag": "bag", f"{{{RDF}}}Seq": "seq", f"{{{RDF}}}Alt": "alt"}
_PACKET = re.compile(r"<\?xpacket\s(.*?)\?>", re.DOTALL)
_ATTRIBUTE = r"{}\s*=\s*(?:'[^']*'|\"[^\"]*\")"
_MARKS = {b"\0\0\xfe\xff": "UTF-32BE", b"\xff\xfe\0\0": "UTF-32LE", b"\xfe\xff": "UTF-16BE", b"\xff\xfe": "UTF-16LE"}
_DEEPEST = 30
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True, "remove_pis": True}


class Node(NamedTuple):
    """A property or a part of one; `kind` is simple, struct, bag, seq or alt."""

    namespace: str
    name: str
    prefix: str | None
    kind: str
    value: str
    parts: tuple[Node, ...]
    language: str | None = None

    def part(self, namespace: str, name: str) -> Node | None:
        """The first part of that name."""
        return next((each for each in self.parts if each.namespace == namespace and each.name == name), None)


class Packet(NamedTuple):
    """The metadata of the document (`main`) or of a part of it; `properties` is None where it cannot be read."""

    stream: Object
    data: bytes | None
    properties: tuple[Node, ...] | None
    main: bool
    place: str

    @property
    def header(self) -> str:
        """What the first processing instruction `xpacket` says."""
        found = _PACKET.search((self.data or b"")[:4_096].decode(self.encoding, "replace"))
        return found[1] if found else ""

    @property
    def encoding(self) -> str:
        """How the packet is encoded, by its first bytes."""
        start = (self.data or b"")[:4]
        for mark, name in (
            (b"\0\0\xfe\xff", "UTF-32BE"),
            (b"\xff\xfe\0\0", "UTF-32LE"),
            (b"\xfe\xff", "UTF-16BE"),
            (b"\xff\xfe", "UTF-16LE"),
        ):
            if start.startswith(mark):
                return name
        if start[1:2] == b"\0" or start[:1] == b"\0":
            return "UTF-16BE" if start[:1] == b"\0" else "UTF-16LE"
        return "UTF-8"

    def states(self, attribute: str) -> bool:
        """Whether the header has an attribute."""
        return re.search(_ATTRIBUTE.format(attribute), self.header) is not None

    def find(self, namespace: str, name: str) -> Node | None:
        """A property by its name."""
        return next((each for each in self.properties or () if each.namespace == namespace and each.name == name), None)


def packet(stream: Object, data: bytes | None, place: str, *, main: bool) -> Packet:
    """The packet in a metadata stream."""
    return Packet(stream, data, None if data is None else _properties(data), main, place)


class _NotRDF(ValueError):
    """The XML is not what RDF wants."""


def _properties(data: bytes) -> tuple[Node, ...] | None:
    """The properties, None where the packet is not well-formed XML, or not RDF as XMP writes it: each property once, no text between."""
    try:
        root = etree.fromstring(_trimmed(data), etree.XMLParser(**_PARSER))
        start = root if root.tag == _RDF_ROOT else next(root.iter(_RDF_ROOT), None)
        if start is None or root.getroottree().docinfo.internalDTD is not None:
            return None
        described = _elements(start)
        if any(each.tag != _DESCRIPTION for each in described):
            return None
        abouts = {each.get(f"{{{RDF}}}about", "") for each in described} - {""}
        found = _once([node for each in described for node in _described(each)])
    except (etree.XMLSyntaxError, ValueError):
        return None
    return found if len(abouts) < 2 else None


def _elements(element: Any) -> list[Any]:
    """The elements within one; raises _NotRDF where text stands between them."""
    found = list(element)
    if any((text or "").strip() for text in (element.text, *(each.tail for each in found))):
        raise _NotRDF
    return found


def _once(nodes: list[Node]) -> tuple[Node, ...]:
    """The nodes; raises _NotRDF where one is there twice."""
    if len({(each.namespace, each.name) for each in nodes}) < len(nodes):
        raise _NotRDF
    return tuple(nodes)


def _trimmed(data: bytes) -> bytes:
    """Without what some programs leave around the packet; in an encoding of two bytes that stays."""
    return data if b"\0" in data[:4] or data[:2] in {b"\xfe\xff", b"\xff\xfe"} else data.strip(b"\0 \t\r\n")


def _described(element: Any, depth: int = 0) -> list[Node]:
    """The properties that a description has, as attributes and as elements."""
    found = _attributes(element)
    if depth < _DEEPEST:
        found += [_property(each, depth + 1) for each in _elements(element)]
    return found


def _attributes(element: Any) -> list[Node]:
    """The properties that stand as attributes."""
    if not element.attrib:
        return []
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items()}
    found = []
    for key, value in element.attrib.items():
        name = etree.QName(key)
        if name.namespace is None:
            raise _NotRDF
        if name.namespace not in {RDF, _XML}:
            found.append(Node(name.namespace, name.localname, prefixes.get(name.namespace), "simple", value, ()))
    return found


def _property(element: Any, depth: int, *, listed: bool = False) -> Node:
    namespace, _, name = element.tag[1:].partition("}") if isinstance(element.tag, str) else ("", "", "")
    if not name or (namespace == RDF and name != ("li" if listed else "value")):
        raise _NotRDF
    kind, value, parts = _value(element, depth)
    return Node(namespace, name, element.prefix, kind, value, parts, element.get(_LANGUAGE))


def _value(element: Any, depth: int) -> tuple[str, str, tuple[Node, ...]]:
    """Kind, text and parts of what an element holds; most have no attributes, and are looked at no further."""
    if not element.keys():
        return _inner(_elements(element), depth) if len(element) else ("simple", element.text or "", ())
    parse = element.get(_PARSE_TYPE)
    if parse == "Resource":
        return _structure(_once(_described(element, depth)))
    if parse is not None:
        raise _NotRDF
    if len(element):
        return _inner(_elements(element), depth)
    fields = _attributes(element)
    if fields:
        return _structure(_once(fields))
    return "simple", element.get(_RESOURCE, element.text or ""), ()


def _inner(elements: list[Any], depth: int) -> tuple[str, str, tuple[Node, ...]]:
    """What the one element within a property is: a list, or a description."""
    if len(elements) > 1:
        raise _NotRDF
    (inner,) = elements
    if inner.tag in _ARRAYS:
        return _ARRAYS[inner.tag], "", tuple(_property(each, depth + 1, listed=True) for each in _elements(inner) if depth < _DEEPEST)
    return _structure(_once(_described(inner, depth)))


def _structure(parts: tuple[Node, ...]) -> tuple[str, str, tuple[Node, ...]]:
    """A structure, or a value with qualifiers."""
    stated = next((each for each in parts if each.namespace == RDF and each.name == "value"), None)
    return (stated.kind, stated.value, stated.parts) if stated is not None else ("struct", "", parts)
