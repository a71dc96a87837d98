"""Which properties there are in XMP, and of what type: predefined ones, and those of extension schemas (ISO 19005-3, 6.6.2.3).

A schema defines a property where it names it with a type that is known: predefined, or a type of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from einvoice.pdf.conditions.seen.xmp import EXTENSION, Node, Packet

SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
TYPE = "http://www.aiim.org/pdfa/ns/type#"
FIELD = "http://www.aiim.org/pdfa/ns/field#"

_CHOICE = re.compile(r"(open |closed )?(choice |choice$)(of )?")
_DATE = re.compile(r"\d{4}(-\d{1,2}(-\d{1,2}(T\d{1,2}(:\d{1,2}(:\d{1,2}(\.\d+)?)?)?(Z|[+-]\d{1,2}(:?\d{1,2})?)?)?)?)?")
_ARRAYS = ("bag", "seq", "alt")
_PATTERNS = {
    "boolean": "True|False",
    "integer": r"[+-]?\d+",
    "real": r"[+-]?\d+\.?\d*|[+-]?\d*\.?\d+",
    "mimetype": r"[-\w+.]+/[-\w+.]+",
    "gpscoordinate": r"\d{1,3},\d{1,2}(,\d{1,2}|\.\d+)[NSEW]",
}
_TEXTS = frozenset("text propername agentname rational renditionclass locale uri url xpath".split())


class Structure(NamedTuple):
    """A type with fields, each with its type; one without fields is a text."""

    namespace: str
    fields: Mapping[str, str]


class Schema(NamedTuple):
    """The properties of a namespace with their types, and the types that it brings itself."""

    properties: Mapping[str, str]
    types: Mapping[str, Structure]


@cache
def predefined() -> dict[str, Schema]:
    """The schemas of XMP and of PDF/A, by namespace."""
    stated = json.loads((files(__package__) / "xmp.json").read_text("utf-8"))
    return {namespace: Schema(properties, {}) for namespace, properties in stated["schemas"].items()}


@cache
def _structures() -> dict[str, Structure]:
    stated = json.loads((files(__package__) / "xmp.json").read_text("utf-8"))
    return {name: Structure(each["namespace"], each["fields"]) for name, each in stated["types"].items()}


def extensions(packet: Packet | None, main: Mapping[str, Schema] = MappingProxyType({})) -> dict[str, Schema]:
    """The schemas that a packet defines, by namespace; that of a part of the document knows the types of the document's, too."""
    container = packet and packet.find(EXTENSION, "schemas")
    made: dict[str, Schema] = {}
    for node in container.parts if container and container.kind in _ARRAYS else ():
        namespace, listed = node.part(SCHEMA, "namespaceURI"), node.part(SCHEMA, "property")
        if namespace is not None and listed is not None and listed.kind in _ARRAYS:
            known = main[namespace.value].types if namespace.value in main else {}
            made[namespace.value] = _schema(listed, node.part(SCHEMA, "valueType"), known)
    return made


def _schema(listed: Node, types: Node | None, known: Mapping[str, Structure]) -> Schema:
    own = {**known, **dict(_own_types(types))} if types is not None and types.kind in _ARRAYS else dict(known)
    properties: dict[str, str] = {}
    for each in listed.parts:
        name, kind = each.part(PROPERTY, "name"), each.part(PROPERTY, "valueType")
        if name is not None and kind is not None and is_known(kind.value, own):
            properties.setdefault(name.value, kind.value)
    return Schema(properties, own)


def _own_types(types: Node) -> list[tuple[str, Structure]]:
    made = []
    for each in types.parts:
        name, namespace, listed = each.part(TYPE, "type"), each.part(TYPE, "namespaceURI"), each.part(TYPE, "field")
        fields = _fields(listed) if listed is not None and listed.kind in _ARRAYS else {}
        if name is not None and (namespace is not None or not fields):
            made.append((plain(name.value), Structure(namespace.value if namespace else "", fields)))
    return made


def _fields(listed: Node) -> dict[str, str]:
    pairs = [(each.part(FIELD, "name"), each.part(FIELD, "valueType")) for each in listed.parts]
    return {name.value: kind.value for name, kind in pairs if name is not None and kind is not None}


def plain(stated: str) -> str:
    """A type without the choice that it is of: `Closed Choice of Integer` is an integer, `Bag` one of texts."""
    kind = _CHOICE.sub("", stated.lower()).strip()
    if not kind:
        return "text"
    if not kind.endswith("lang alt") and kind.endswith(_ARRAYS):
        return f"{kind} text"
    return kind


def is_known(stated: str, own: Mapping[str, Structure]) -> bool:
    """Whether there is such a type."""
    kind = plain(stated)
    while kind.startswith(tuple(f"{array} " for array in _ARRAYS)):
        kind = kind.partition(" ")[2]
    return kind in own or kind in _structures() or kind in _PATTERNS or kind in _TEXTS or kind in {"date", "lang alt", "any"}


def fits(node: Node, stated: str, own: Mapping[str, Structure]) -> bool:
    """Whether what stands there is of the type."""
    kind = plain(stated)
    for array in _ARRAYS:
        if kind.startswith(f"{array} "):
            return node.kind == array and all(fits(each, kind[4:], own) for each in node.parts)
    if kind in own:
        return _fits_structure(node, own[kind], own)
    if kind in _structures():
        return _fits_structure(node, _structures()[kind], own)
    return _fits_simple(node, kind)


def _fits_simple(node: Node, kind: str) -> bool:
    if kind == "any":
        return True
    if kind == "lang alt":
        return node.kind == "alt" and (not node.parts or all(each.language is not None for each in node.parts))
    tests: dict[str, Callable[[str], object]] = {"date": _DATE.fullmatch}
    if kind in _PATTERNS:
        tests[kind] = re.compile(_PATTERNS[kind]).fullmatch
    test = tests.get(kind)
    return node.kind == "simple" and (kind in _TEXTS if test is None else test(node.value) is not None)


def _fits_structure(node: Node, structure: Structure, own: Mapping[str, Structure]) -> bool:
    if not structure.fields:
        return node.kind == "simple"
    return node.kind == "struct" and all(
        each.namespace == structure.namespace and each.name in structure.fields and fits(each, structure.fields[each.name], own)
        for each in node.parts
    )


class Property(NamedTuple):
    """A property of a packet, its type where a schema defines it, and whether it is of that type."""

    node: Node
    stated: str | None
    fits: bool
    place: str


def properties(packet: Packet, main: Mapping[str, Schema]) -> Iterator[Property]:
    """The properties of a packet, the container of extension schemas left out; `main` are the schemas of the document's packet."""
    own = main if packet.main else extensions(packet, main)
    for node in packet.properties or ():
        if node.namespace != EXTENSION:
            yield _property(node, (own, main, predefined()), f"{packet.place}, {node.prefix}:{node.name}")


def _property(node: Node, known: Iterable[Mapping[str, Schema]], place: str) -> Property:
    for schemas in known:
        schema = schemas.get(node.namespace)
        if schema is not None and node.name in schema.properties:
            stated = schema.properties[node.name]
            return Property(node, stated, fits(node, stated, schema.types), place)
    return Property(node, None, False, place)


class Described(NamedTuple):
    """A part of an extension schema: container, schema, property, type or field, and the types that are known in its schema."""

    level: str
    node: Node
    own: Mapping[str, Structure]
    place: str


def described(packet: Packet, main: Mapping[str, Schema]) -> Iterator[Described]:
    """The container of extension schemas of a packet, its schemas, and all that they define."""
    container = packet.find(EXTENSION, "schemas")
    if container is None:
        return
    yield Described("container", container, {}, packet.place)
    known = extensions(packet, main)
    for schema in container.parts if container.kind in _ARRAYS else ():
        stated = schema.part(SCHEMA, "namespaceURI")
        place = f"{packet.place}, extension schema {stated.value if stated else 'without a namespace'}"
        own = known[stated.value].types if stated is not None and stated.value in known else {}
        yield Described("schema", schema, own, place)
        for each in _listed(schema, SCHEMA, "property"):
            yield Described("property", each, own, place)
        for each in _listed(schema, SCHEMA, "valueType"):
            yield Described("type", each, own, place)
            yield from (Described("field", field, own, place) for field in _listed(each, TYPE, "field"))


def _listed(node: Node, namespace: str, name: str) -> tuple[Node, ...]:
    found = node.part(namespace, name)
    return found.parts if found is not None and found.kind in _ARRAYS else ()
