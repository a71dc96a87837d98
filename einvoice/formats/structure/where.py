"""Where an element stands: its line, and its path with positions where it has equals beside it."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from einvoice.formats.structure.table import Table

LONGEST = 100  # characters of a name that a message shows


def elements(parent: etree._Element) -> list[etree._Element]:
    """The child elements, without comments and processing instructions."""
    return [child for child in parent if isinstance(child.tag, str)]


class Where:
    """Names and paths of the elements below `root`; counts the children of a parent once, so that many paths stay cheap."""

    def __init__(self, table: Table, root: etree._Element) -> None:
        self.table = table
        self.root = root
        self.positions: dict[etree._Element, int] = {}
        self.counts: dict[etree._Element, Counter[str]] = {}

    def name(self, element: etree._Element) -> str:
        """The element's name with our prefix, or as it is written where its namespace is foreign."""
        short = self.table.short(element.tag).removeprefix("inv:").removeprefix("cn:")
        if short[0] != "{":
            return short[:LONGEST]
        local = etree.QName(element).localname[:LONGEST]
        return f"{element.prefix}:{local}" if element.prefix else local

    def path(self, element: etree._Element) -> str:
        """An XPath such as /Invoice/cac:InvoiceLine[3]/cbc:ID; `*:Name` stands for a foreign namespace."""
        steps = []
        while element is not None:
            steps.append(self._step(element))
            element = element.getparent() if element is not self.root else None
        return "/" + "/".join(reversed(steps))

    def _step(self, element: etree._Element) -> str:
        short = self.table.short(element.tag)
        step = f"*:{etree.QName(element).localname[:LONGEST]}" if short[0] == "{" else self.name(element)
        if element is self.root:
            return step
        parent = element.getparent()
        if parent not in self.counts:
            self._count(parent)
        return f"{step}[{self.positions[element]}]" if self.counts[parent][element.tag] > 1 else step

    def _count(self, parent: etree._Element) -> None:
        count: Counter[str] = Counter()
        for child in elements(parent):
            count[child.tag] += 1
            self.positions[child] = count[child.tag]
        self.counts[parent] = count


def at(element: etree._Element) -> str:
    """`(line 12)`, for a message; nothing where the line is not known, as in a tree that was never parsed."""
    return f" (line {element.sourceline})" if element.sourceline else ""
