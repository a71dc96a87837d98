"""Where an element stands: its line, and its path with positions where it has equals beside it."""

from __future__ import annotations

from lxml import etree

from einvoice.formats.location import Locator
from einvoice.formats.structure.table import Table

LONGEST = 100  # characters of a name that a message shows


def elements(parent: etree._Element) -> list[etree._Element]:
    """The child elements, without comments and processing instructions."""
    return [child for child in parent if isinstance(child.tag, str)]


class Where(Locator):
    """Names and paths of the elements below `root`, as the structure table knows them."""

    def __init__(self, table: Table, root: etree._Element) -> None:
        super().__init__(root)
        self.table = table

    def name(self, element: etree._Element) -> str:
        """The element's name with our prefix, or as it is written where its namespace is foreign."""
        short = self.table.short(element.tag).removeprefix("inv:").removeprefix("cn:")
        if short[0] != "{":
            return short[:LONGEST]
        local = etree.QName(element).localname[:LONGEST]
        return f"{element.prefix}:{local}" if element.prefix else local

    def step(self, element: etree._Element) -> str:
        """The name in a path; `*:Name` stands for a foreign namespace."""
        foreign = self.table.short(element.tag)[0] == "{"
        return f"*:{etree.QName(element).localname[:LONGEST]}" if foreign else self.name(element)


def at(element: etree._Element) -> str:
    """`(line 12)`, for a message; nothing where the line is not known, as in a tree that was never parsed."""
    return f" (line {element.sourceline})" if element.sourceline else ""
