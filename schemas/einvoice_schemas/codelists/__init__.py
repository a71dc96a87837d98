"""The code lists of EN 16931, as CEN 1.3.16, Peppol BIS Billing 3 (2026.5) and XRechnung 3.0.2 test them.

`codes("eas", "peppol")` is a mapping of code to `Code`; `"0208" in codes("eas")` is how to ask. Each list is a JSON file beside
this one, read when it is first asked for. A list holds every code that any of its users allows; what one user allows is a
subset: `cen-ubl`, `cen-cii`, `peppol`, `peppol-selfbilling`, `xrechnung`, and narrower ones where the rules distinguish.
The script `update` writes the files from the official artefacts, and `report` renders docs/codelists.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from einvoice_schemas._unknown import unknown

_HERE = Path(__file__).parent


class Code(NamedTuple):
    """One code; the dates (ISO 8601) are None where it is valid as long as its list."""

    code: str
    name: str
    description: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class CodeList(NamedTuple):
    """One list: where it comes from, when it holds, which rules and business terms use it, and its codes.

    `subsets` maps a user's name to the codes that user allows; `maps` maps another list's name to the codes there that mean
    the same (for BT-8), or that go with a code (the VAT category of an exemption reason).
    """

    name: str
    title: str
    version: str
    source: str
    valid_from: str
    valid_to: str | None
    used_by: tuple[str, ...]
    terms: tuple[str, ...]
    subsets: Mapping[str, Mapping[str, Code]]
    maps: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, Code]


@cache
def names() -> tuple[str, ...]:
    """The names of all lists, in order of the alphabet."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.json")))


def code_list(name: str) -> CodeList:
    """The list of this name, such as `eas` or `untdid-1001`; KeyError with the nearest names for any other."""
    if name not in names():
        raise unknown("code list", name, names())
    return _read(name)


def codes(name: str, subset: str | None = None) -> Mapping[str, Code]:
    """The codes of a list, or those that one of its users allows; KeyError for a name or a subset that does not exist."""
    found = code_list(name)
    if subset is None:
        return found.codes
    if subset not in found.subsets:
        raise unknown(f"subset of {name}", subset, found.subsets)
    return found.subsets[subset]


@cache
def code_set(name: str, subset: str | None = None) -> frozenset[str]:
    """The same codes without what the list says of them, which is quicker to read; KeyError likewise."""
    found = _sets(name)
    if subset is not None and subset not in found:
        raise unknown(f"subset of {name}", subset, [each for each in found if each is not None])
    return found[subset]


def translate(code: str, source: str, target: str) -> str | None:
    """The code of list `target` that list `source` maps a code to, or None: `translate("5", "untdid-2475", "untdid-2005")` is 3."""
    found = code_list(source)
    if target not in found.maps:
        raise unknown(f"map from {source}", target, found.maps)
    return found.maps[target].get(code)


@cache
def _sets(name: str) -> dict[str | None, frozenset[str]]:
    """The codes of each subset; those of the whole list under None."""
    try:
        table = _table(name)
    except FileNotFoundError:
        raise unknown("code list", name, names()) from None
    every = frozenset(table["codes"])
    subsets = {key: every if found == "*" else frozenset(found) for key, found in table["subsets"].items()}
    return {None: every, **subsets}


def _table(name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((_HERE / f"{name}.json").read_text("utf-8"))
    return table


@cache
def _read(name: str) -> CodeList:
    table = _table(name)
    every = MappingProxyType({key: Code(key, **row) for key, row in table["codes"].items()})
    subsets = {
        key: every if found == "*" else MappingProxyType({code: every[code] for code in found}) for key, found in table["subsets"].items()
    }
    return CodeList(
        name=table["name"],
        title=table["title"],
        version=table["version"],
        source=table["source"],
        valid_from=table["valid_from"],
        valid_to=table["valid_to"],
        used_by=tuple(table["used_by"]),
        terms=tuple(table["terms"]),
        subsets=MappingProxyType(subsets),
        maps=MappingProxyType(table["maps"]),
        codes=every,
    )
