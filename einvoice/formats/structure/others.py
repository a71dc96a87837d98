"""The structure check for documents about invoices: UBL reminder, statement of account and response, on the same tables as invoices."""

from __future__ import annotations

from functools import cache
from typing import cast

from lxml import etree

import einvoice_schemas.structure
from einvoice.errors import Location, UnknownFormat
from einvoice.formats.structure.fast import Fast
from einvoice.formats.structure.table import Table, Type
from einvoice.formats.structure.walk import Walk
from einvoice.formats.syntax import Document
from einvoice.report import Finding

REMINDER, STATEMENT, RESPONSE = "ubl-reminder", "ubl-statement", "ubl-response"


class Collection(Table):
    """The table of these documents: their roots, and all else as invoices have it."""

    def __init__(self) -> None:
        super().__init__("ubl")
        own = einvoice_schemas.structure.load("ubl-collection")
        self.parts = [own, *self.parts, einvoice_schemas.structure.load("ubl-extensions")]
        self.roots = own["roots"]
        self._read_namespaces()


def check(root: etree._Element) -> tuple[Finding, ...]:
    """What is wrong with the structure of a UBL 2.1 Reminder, Statement or ApplicationResponse, as `structure.check` says it of invoices.

    Raises UnknownFormat where the root is none of them. Source: OASIS UBL 2.1, the schemas of these documents.
    """
    table = _table()
    document = next((name for name, tag in table.roots.items() if table.full(tag) == root.tag), None)
    if document is None:
        raise UnknownFormat(f"{root.tag} is no UBL Reminder, Statement or ApplicationResponse", location=Location(line=root.sourceline))
    fast, made = _prepared(document)
    return () if fast.valid(root, made) else Walk(fast, root).run(made)


@cache
def _table() -> Collection:
    return Collection()


@cache
def _prepared(document: str) -> tuple[Fast, Type]:
    table = _table()
    return Fast(table, cast("Document", document)), table.type(table.type_of(table.roots[document]))
