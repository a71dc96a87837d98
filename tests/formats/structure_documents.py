"""Random invoices for the tests of the structure check: written from the structure tables, then damaged."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from lxml import etree

from einvoice.formats.structure.content import Particle
from einvoice.formats.structure.table import XSI, Kind, Table
from einvoice.formats.syntax import NAMESPACES, Document

DEEPEST = 7
VALUES = {
    "decimal": ["1", "-0.50", "+1.", ".5", " 12 ", "007", "1e3", "1,5", "", "٣", "1\u00a0", "NaN", "12.5.1", "-"],
    "integer": ["1", "-7", "1.0", ""],
    "date": [
        "2026-02-28",
        "2024-02-29Z",
        "2026-01-01+14:00",
        "2026-02-29",
        "2026-1-1",
        "20260101",
        "",
        "0000-01-01",
        "2026-01-01T00:00:00",
    ],
    "time": ["10:00:00", "24:00:00", "09:30:47.5Z", "10:00", "25:00:00", ""],
    "dateTime": ["2026-02-28T10:00:00", "2026-02-28T24:00:00Z", "2026-02-28", "2026-02-30T10:00:00", ""],
    "boolean": ["true", "false", "1", "0", " true\n", "TRUE", "yes", ""],
    "base64Binary": ["", "YQ==", "YWJj", "Y W\nJj", "YQ=", "YR==", "YQ", "===="],
    "language": ["en", "de-AT", "e_n", "", "englishlanguage"],
    "anyURI": ["http://a/b?c#d", "", "urn:x", "a b", "%zz", "ü", "http://[", ":", "##"],
    "string": ["text", "", " a  b ", "&<>\"'", "ünï", "x" * 50],
}
ODD = ["", " ", "x", "\u00a0", "1", "true", "2026-01-01", "é", "]]>", "\n\t"]
ATTRIBUTES = [
    "schemeID",
    "currencyID",
    "unitCode",
    "listID",
    "mimeCode",
    "format",
    "name",
    "schemeURI",
    "languageID",
    "wrong",
    f"{XSI}nil",
    f"{XSI}foo",
]


class Writer:
    """Writes random documents of one type; the same seed gives the same document."""

    def __init__(self, document: Document, seed: int) -> None:
        self.random = random.Random(seed)
        self.table = Table.of(document)
        self.document = document

    def invoice(self, rich: float = 0.08) -> Any:
        """A document whose elements and attributes stand right; about one value in a hundred is odd. `rich`: share of optional ones."""
        self.rich = rich
        name = self.table.roots[self.document]
        root = etree.Element(self.table.full(name), nsmap=NAMESPACES if self.random.random() < 0.5 else None)
        self._fill(root, self.table.type_of(name), 0)
        return root

    def _fill(self, element: Any, type_name: str, depth: int) -> None:
        made = self.table.type(type_name)
        for name, attribute in made.attributes.items():
            if attribute.required or self.random.random() < self.rich / 2:
                element.set(name, attribute.fixed or self._text(self._simple(self.table.model(type_name)[1][name])))
        if made.kind is Kind.VALUE:
            element.text = self._text(self.table.model(type_name)[0][1:])
        else:
            self._children(element, self.table.particles(type_name), depth, wanted=True)

    def _children(self, element: Any, particle: Particle, depth: int, *, wanted: bool) -> None:
        """Write a particle into an element, as often as it should."""
        share = self.rich if depth < DEEPEST else 0.0
        times = int(wanted and (not particle.optional or self.random.random() < share))
        times += self.random.randint(1, 3) if times and particle.repeats and self.random.random() < 0.3 else 0
        for _ in range(times):
            items = [self.random.choice(particle.items)] if particle.choice else particle.items
            for item in items:
                self._children(element, item, depth, wanted=True)
            if particle.name.startswith("#"):
                etree.SubElement(element, "{urn:foreign}thing").text = self._text("string")
            elif particle.name:
                child = etree.SubElement(element, self.table.full(particle.name))
                self._fill(child, self.table.type_of(particle.name, particle.type), depth + 1)

    def _simple(self, attribute: str) -> str:
        return attribute.partition("=")[0].rstrip("!")

    def _text(self, simple: str) -> str:
        pool = VALUES.get(simple, VALUES["string"])
        return self.random.choice(pool if self.random.random() < 0.01 else pool[:2])


def damaged(root: Any, rng: random.Random, table: Table, times: int = 1) -> Any:
    """The tree, damaged in that many places."""
    for _ in range(times):
        rng.choice(DAMAGES)(rng.choice([e for e in root.iter() if isinstance(e.tag, str)]), rng, table)
    return root


def remove(element: Any, rng: random.Random, table: Table) -> None:
    if element.getparent() is not None:
        element.getparent().remove(element)


def repeat(element: Any, rng: random.Random, table: Table) -> None:
    if element.getparent() is not None:
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))


def move(element: Any, rng: random.Random, table: Table) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
        parent.insert(rng.randint(0, len(parent)), element)


def move_elsewhere(element: Any, rng: random.Random, table: Table) -> None:
    others = [other for other in element.getroottree().iter() if isinstance(other.tag, str)]
    target = rng.choice(others)
    if element.getparent() is not None and element not in [target, *target.iterancestors()]:
        target.insert(rng.randint(0, len(target)), element)


def rename(element: Any, rng: random.Random, table: Table) -> None:
    names = [leaf for name in rng.sample(sorted(table.parts[0]["types"]), 3) for leaf, wild in table.type(name).leaves if wild]
    if element.getparent() is not None:
        local = etree.QName(element).localname
        element.tag = rng.choice([*names[:5], local, f"{{urn:foreign}}{local}", element.tag + "x", element.tag[:-1] + "q"])


def insert(element: Any, rng: random.Random, table: Table) -> None:
    """An element that the parent may know, anywhere in it."""
    name = rng.choice(sorted(table.parts[0]["types"]))
    for leaf, type_name in rng.sample(table.type(name).leaves, min(1, len(table.type(name).leaves))):
        element.insert(rng.randint(0, len(element)), etree.Element(leaf if type_name else "{urn:foreign}any"))


def revalue(element: Any, rng: random.Random, table: Table) -> None:
    element.text = rng.choice([*ODD, *rng.choice(list(VALUES.values()))])


def trail(element: Any, rng: random.Random, table: Table) -> None:
    if element.getparent() is not None:
        element.tail = rng.choice(ODD)


def attribute(element: Any, rng: random.Random, table: Table) -> None:
    element.set(rng.choice(ATTRIBUTES), rng.choice([*ODD, *rng.choice(list(VALUES.values()))]))


def no_attribute(element: Any, rng: random.Random, table: Table) -> None:
    for name in list(element.attrib)[:1]:
        del element.attrib[name]


def remark(element: Any, rng: random.Random, table: Table) -> None:
    """A comment or processing instruction, which may divide a value."""
    new = etree.Comment(" <a> ") if rng.random() < 0.5 else etree.ProcessingInstruction("pi", "x")
    new.tail, element.text = (element.text or "")[1:] + rng.choice(["", "", " ", "1"]), (element.text or "")[:1]
    element.insert(0, new)


def retype(element: Any, rng: random.Random, table: Table) -> None:
    """xsi:type with the element's own type, or another."""
    name = rng.choice([table.type_of(table.short(element.tag)), *rng.sample(sorted(table.parts[0]["types"]), 2)])
    prefix, _, local = name.partition(":")
    known = {uri: key for key, uri in element.nsmap.items()}
    if local and "/" not in local and table.namespaces.get(prefix) in known:
        written = known[table.namespaces[prefix]]
        element.set(f"{XSI}type", f"{written}:{local}" if written else local)


def extend(element: Any, rng: random.Random, table: Table) -> None:
    """Content below ext:ExtensionContent, known and foreign."""
    extensions = element.getroottree().getroot().findall(f".//{{{NAMESPACES['ext']}}}ExtensionContent")
    others = [other for other in element.getroottree().iter() if isinstance(other.tag, str)]
    for extension in extensions[:1]:
        for _ in range(rng.choice([1, 1, 1, 2])):
            copy = etree.fromstring(etree.tostring(rng.choice(others[-40:]), with_tail=False))
            extension[:] = [copy]
            if rng.random() < 0.5:
                copy.tag = "{urn:foreign}thing"
                copy.append(etree.fromstring(etree.tostring(rng.choice(others[-40:]), with_tail=False)))


Damage = Callable[[Any, random.Random, Table], None]
DAMAGES: tuple[Damage, ...] = (
    remove, repeat, move, move_elsewhere, rename, insert, revalue, trail, attribute, no_attribute, remark, retype, extend,
)  # fmt: skip
