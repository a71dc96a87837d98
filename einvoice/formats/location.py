"""Where an element stands: XPath with the usual prefixes, whatever prefixes the document uses."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from einvoice.formats.syntax import NAMESPACES

LONGEST = 80

PREFIXES = {uri: "" if prefix in ("inv", "cn") else f"{prefix}:" for prefix, uri in NAMESPACES.items()}


def short(tag: str) -> str:
    """`{namespace}ID` as `cbc:ID`; a name in an unknown namespace as `*:ID`, which XPath understands."""
    uri, brace, local = tag[1:].partition("}") if tag[:1] == "{" else ("", "", tag)
    if not brace:
        return tag[:LONGEST]
    prefix = PREFIXES.get(uri)
    return ("*:" if prefix is None else prefix) + local[:LONGEST]


class Locator:
    """Paths of the elements below `root`; counts the children of a parent once, so that many paths stay cheap."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.positions: dict[etree._Element, int] = {}
        self.counts: dict[etree._Element, Counter[str]] = {}

    def step(self, element: etree._Element) -> str:
        """The element's name in a path."""
        return short(element.tag)

    def path(self, element: etree._Element) -> str:
        """An XPath such as /Invoice/cac:InvoiceLine[3]/cbc:ID, with a position where siblings have the same name."""
        steps = []
        while element is not None:
            steps.append(self._placed(element))
            element = element.getparent() if element is not self.root else None
        return "/" + "/".join(reversed(steps))

    def _placed(self, element: etree._Element) -> str:
        step = self.step(element)
        parent = None if element is self.root else element.getparent()
        if parent is None:
            return step
        if parent not in self.counts:
            self._count(parent)
        return f"{step}[{self.positions[element]}]" if self.counts[parent][element.tag] > 1 else step

    def _count(self, parent: etree._Element) -> None:
        count: Counter[str] = Counter()
        for child in parent.iterchildren(etree.Element):
            count[child.tag] += 1
            self.positions[child] = count[child.tag]
        self.counts[parent] = count
