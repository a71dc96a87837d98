"""The structure tables: what may stand where in an invoice, derived from the official XSD by `derive`.

A table is JSON: `name`, `version`, `source`; `namespaces` (prefix to URI); `roots` (document type to root element);
`elements` (element to type, where the type is not the element's name + "Type"); `types` (type to content model);
`shapes` (content models many types share, by index); `attributes` (attribute sets, by index); `facets` (simple types
that restrict a built-in one). A content model is a string such as `cbc:ID cbc:Note* (udt:Date|udt:DateString)`, in the
notation of a DTD, with `name=type` where the type is not the element's usual one, `#lax:##other` for a wildcard,
`#mixed` before mixed content and `#empty` for none; or `=decimal` for a value of a simple type; with an attribute set it is
`[model, index]`. An attribute is `type`, `type!` where required, `type=value` where fixed.
`ubl-extensions` completes `ubl` with what stands below ext:ExtensionContent only; its `local` elements are declared inside
a type, so that a wildcard does not know them, and its `apexes` stand in no content model, so that only a wildcard does.
`ubl-collection` has what a reminder, a statement of account and an application response hold beyond these two: their roots.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAMES = ("ubl", "ubl-extensions", "cii")
"""The tables of invoices."""
OTHERS = ("ubl-collection",)
"""The tables of documents about invoices."""


def load(name: str) -> dict[str, Any]:
    """The table of that name, read anew (under 1 ms); raises KeyError for a name that is neither in NAMES nor in OTHERS."""
    if name not in NAMES + OTHERS:
        raise KeyError(f"no structure table {name}; there are {', '.join(NAMES + OTHERS)}")
    table: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_bytes())
    return table
