"""The business terms (BT) and groups (BG) of EN 16931-1:2017+A1:2019, with their names in four languages.

`term("BT-10").name("de")` is `Käuferreferenz`. The table stands in `terms.json`, in the order of the standard, and is read
at first use. Besides BT-1 … BT-165 (BT-4 does not exist) and BG-1 … BG-32 it holds the parts that carry an id of their own
(`BT-29-1`, the scheme of an identifier) and the terms of the XRechnung Extension (`BG-DEX-01`, `BT-DEX-001`).
English names are the standard's terms, with groups written like terms (it prints groups in capitals); the descriptions
are ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from einvoice_schemas._unknown import unknown

LANGUAGES = ("en", "nl", "de", "fr")

Kind = Literal[
    "Group",
    "Text",
    "Identifier",
    "Code",
    "Amount",
    "Unit Price",
    "Quantity",
    "Percentage",
    "Date",
    "Binary object",
    "Document reference",
]


class Term(NamedTuple):
    """One business term or group.

    `parent` is the id of the group it stands in (for `BT-29-1` the term it is part of), None at the level of the document;
    `cardinality` is the standard's, such as `0..n`, within the parent; `names` maps a language to its name.
    """

    id: str
    parent: str | None
    kind: Kind
    cardinality: str
    names: Mapping[str, str]
    description: str

    def name(self, language: str = "en") -> str:
        """Its name in en, nl, de or fr; a regional tag such as `de-AT` is cut to its language. KeyError for any other."""
        short = language.replace("_", "-").partition("-")[0].lower()
        if short not in self.names:
            raise unknown("language", language, self.names)
        return self.names[short]

    @property
    def is_group(self) -> bool:
        """Whether it is a group of terms (BG) and holds no value itself."""
        return self.kind == "Group"

    @property
    def mandatory(self) -> bool:
        """Whether the standard requires it wherever its parent stands."""
        return self.cardinality.startswith("1")

    @property
    def repeats(self) -> bool:
        """Whether the standard allows it more than once within its parent."""
        return self.cardinality.endswith("n")


@lru_cache(maxsize=1)
def terms() -> Mapping[str, Term]:
    """Every term by its id, in the order of the standard; a group comes before what stands in it."""
    table: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("terms.json").read_text("utf-8"))["terms"]
    return MappingProxyType({key: _term(key, row) for key, row in table.items()})


def term(identifier: str) -> Term:
    """The term with this id, such as `BT-1`, `BG-4` or `BT-29-1`; KeyError with the nearest ids for any other."""
    found = terms().get(identifier)
    if found is None:
        raise unknown("business term", identifier, terms())
    return found


def children(identifier: str | None = None) -> tuple[Term, ...]:
    """What stands directly in this group or term, in order; with None, what stands at the level of the document."""
    if identifier is not None:
        term(identifier)
    return tuple(each for each in terms().values() if each.parent == identifier)


def _term(key: str, row: dict[str, Any]) -> Term:
    return Term(key, row["parent"], row["kind"], row["cardinality"], MappingProxyType(row["name"]), row["description"])
