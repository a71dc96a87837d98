"""The structure tables as objects: element types, compiled when first met."""

from __future__ import annotations

from functools import cache
from typing import Any

import einvoice_schemas.structure
from einvoice.formats.structure.content import Particle, parse
from einvoice.formats.syntax import Document, Syntax


class Table:
    """One structure table: `roots` by document type, the types by name. Get it by `Table.of`."""

    def __init__(self, name: str) -> None:
        self.raw: dict[str, Any] = einvoice_schemas.structure.load(name)
        self.version: str = self.raw["version"]
        self.namespaces: dict[str, str] = self.raw["namespaces"]
        self.roots: dict[str, str] = self.raw["roots"]

    @staticmethod
    def of(document: Document) -> Table:
        """The table of a document type, read once a process."""
        return _load("cii" if document.syntax is Syntax.CII else "ubl")

    def type_of(self, element: str, declared: str | None = None) -> str:
        """The type of an element: as its parent declares it, else the element's own."""
        return declared or self.raw["elements"].get(element) or f"{element}Type"

    def model(self, type_name: str) -> tuple[str, dict[str, str]]:
        """The content model of a type as text, and its attributes."""
        entry = self.raw["types"].get(type_name, f"={type_name}")
        if isinstance(entry, int):
            entry = self.raw["shapes"][entry]
        return (entry, {}) if isinstance(entry, str) else (entry[0], self.raw["attributes"][entry[1]])

    def particles(self, type_name: str) -> Particle:
        """The children of a type; none for a simple or empty one."""
        model, _ = self.model(type_name)
        if model == "#empty" or model[0] == "=":
            return Particle()
        return parse(model.removeprefix("#mixed "))


@cache
def _load(name: str) -> Table:
    return Table(name)
