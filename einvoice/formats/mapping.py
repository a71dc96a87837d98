"""The mapping page: every business term with its place in a syntax, from the same table that reads and writes.

`python -m einvoice.formats.mapping docs schemas/einvoice_schemas/terms` writes the pages, and the terms by place.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from einvoice.formats import cii, ubl
from einvoice.formats.binding import Branch, Choice, Each, Leaf, Node, Table
from einvoice.formats.syntax import Document
from einvoice.model.index import terms
from einvoice_schemas.terms import term

PAGES = {
    "mapping-ubl.md": ("UBL 2.1", (Document.UBL_INVOICE, Document.UBL_CREDIT_NOTE)),
    "mapping-cii.md": ("CII D16B", (Document.CII,)),
}
ROOTS = {Document.UBL_INVOICE: "/Invoice", Document.UBL_CREDIT_NOTE: "/CreditNote", Document.CII: "/rsm:CrossIndustryInvoice"}

_bare = re.compile(r"\[[^\]]*\]")


class Place(NamedTuple):
    """One element or attribute and the model path of what stands there."""

    model: str
    xpath: str


def places(document: Document) -> Iterator[Place]:
    """Every place of a document type that the binding names, in the table's order."""
    table = cii.table() if document is Document.CII else ubl.table(document)
    yield from of_table(table, ROOTS[document])


def of_table(table: Table, root: str = "") -> Iterator[Place]:
    """Every place that a table names, below a root."""
    yield from _in_table(table, "", root, frozenset())


def _in_table(table: Table, group: str, xpath: str, above: frozenset[int]) -> Iterator[Place]:
    if id(table) in above:  # a line within a line
        return
    for name, node in table.items():
        yield from _in_node(node, group, f"{xpath}/{name}", above | {id(table)})


def _in_node(node: Node, group: str, xpath: str, above: frozenset[int]) -> Iterator[Place]:
    if isinstance(node, Leaf):
        yield from _in_leaf(node, group, xpath)
    elif isinstance(node, Each):
        yield from _in_leaf(node.leaf, f"{group}{node.slot}[].", xpath)
    elif isinstance(node, Choice):
        for key, case in node.cases.items():
            yield from _in_node(case, group, xpath if key in ("other", "invoice") else f"{xpath}[{key}]", above)
    else:
        yield from _in_branch(node, group, xpath, above)


def _in_branch(node: Branch, group: str, xpath: str, above: frozenset[int]) -> Iterator[Place]:
    inner = within(node, group)
    if node.slot is not None:
        yield Place(inner.rstrip("."), xpath)
    yield from _in_table(node.children, inner, xpath, above)


def _in_leaf(node: Leaf, group: str, xpath: str) -> Iterator[Place]:
    if node.slot is not None:
        yield Place(path_of(group, node.slot), xpath)
    for name, slot in node.attributes.items():
        if slot[0] not in "=$":
            yield Place(path_of(group, slot), f"{xpath}/@{name}")


def within(node: Branch, group: str) -> str:
    """The path that slots inside a branch continue, by that of the branch itself."""
    return group if node.slot is None else f"{path_of(group, node.slot)}{'[]' if node.many else ''}."


def path_of(group: str, slot: str) -> str:
    """The model path of a slot."""
    return slot[1:] if slot.startswith("/") else group + slot


def term_at(path: str) -> str | None:
    """The term at a model path; an identifier's value is the term itself, its scheme a part of it."""
    known = terms()
    path = path.replace("further_invoices", "preceding_invoices")
    return known.get(path) or known.get(path.removesuffix(".value"))


def page(title: str, documents: tuple[Document, ...]) -> str:
    """The page for one syntax, as Markdown."""
    lines = [
        f"# {title}: where each business term stands",
        "",
        "Made from the binding table that reads and writes this syntax. Names in brackets tell apart what one element can mean.",
    ]
    for document in documents:
        lines += [
            "",
            f"## {ROOTS[document].rpartition('/')[2]}",
            "",
            "| Term | Name | In the model | In the document |",
            "|---|---|---|---|",
        ]
        lines += [_row(place) for place in places(document)]
    return "\n".join(lines) + "\n"


def _row(place: Place) -> str:
    known = term_at(place.model)
    name = term(known).name("en") if known else ""
    xpath = place.xpath.removeprefix("/").partition("/")[2]
    return f"| {known or ''} | {name} | `{place.model}` | `{xpath}` |"


def table() -> str:
    """The term at each path of every document type, without conditions, as the JSON of `einvoice_schemas.terms.places`."""
    found = {str(document): {_bare.sub("", place.xpath): term_at(place.model) for place in places(document)} for document in Document}
    kept = {document: {path: term for path, term in known.items() if term} for document, known in found.items()}
    return json.dumps(kept, indent=1) + "\n"


if __name__ == "__main__":
    docs, data = map(Path, sys.argv[1:3])
    (data / "places.json").write_text(table(), "utf-8")
    for file, (title, documents) in PAGES.items():
        (docs / file).write_text(page(title, documents), "utf-8")
