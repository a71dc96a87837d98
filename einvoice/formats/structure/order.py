"""The order of children, for whoever writes a document."""

from __future__ import annotations

from functools import cache

from einvoice.formats.structure.table import Table
from einvoice.formats.syntax import Document


def children(document: Document, path: tuple[str, ...] = ()) -> list[tuple[str, bool]]:
    """What the element at `path` below the root may hold, in the order of the standard: (prefixed name, required).

    `path` is prefixed names from below the root: `()` is the root itself, `("cac:AccountingSupplierParty", "cac:Party")` the
    seller. Prefixes are those of `syntax.NAMESPACES`. An element that holds a value gives `[]`; a wildcard is left out;
    alternatives of a choice stand side by side, not required. Cheap enough to call once a path; keep the result.
    Raises LookupError where the document has no element at that path.
    Source: the structure table of the document's syntax.
    """
    table = Table.of(document)
    type_name = table.type_of(table.roots[document])
    for step, name in enumerate(path):
        types = _types(table, type_name)
        if name not in types:
            raise LookupError(f"/{'/'.join(path[:step])} of {document} takes no {name}; it takes {', '.join(types) or 'no elements'}")
        type_name = types[name]
    return [(leaf.name, required) for leaf, required in table.particles(type_name).elements()]


@cache
def _types(table: Table, type_name: str) -> dict[str, str]:
    """The child elements of a type and their types."""
    return {leaf.name: table.type_of(leaf.name, leaf.type) for leaf, _ in table.particles(type_name).elements()}
