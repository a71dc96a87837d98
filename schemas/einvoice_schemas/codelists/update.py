"""Writes the code lists from the official artefacts that its user supplies; nothing of these is copied but the codes.

    python -m einvoice_schemas.codelists.update --cen DIR --peppol DIR --xrechnung DIR [--names PATH ...]

Each DIR holds one release: its stylesheets or its Schematron, in any folder. Names of codes come from `--names` and from the
code list files under `--peppol`; a name that a list already has is kept. Ends with 1 where a rule was not found, where two
rules of one subset test different codes, or where a code has no name.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from einvoice_schemas.codelists.artefacts import Rules, files, merge, read
from einvoice_schemas.codelists.namings import collect
from einvoice_schemas.codelists.recipes import RECIPES, Pick, Recipe

HERE = Path(__file__).parent
ALL = "*"
ROLES = {
    "cen-ubl": ("cen", r"EN16931-UBL-validation.*"),
    "cen-cii": ("cen", r"EN16931-CII-validation.*"),
    "peppol": ("peppol", r"PEPPOL-EN16931-UBL"),
    "peppol-selfbilling": ("peppol", r"PEPPOL-EN16931-UBL-SB"),
    "xrechnung-ubl": ("xrechnung", r"XRechnung-UBL-validation|common"),
    "xrechnung-cii": ("xrechnung", r"XRechnung-CII-validation|common"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes every list; returns 0, or 1 with the complaints on standard error."""
    parser = argparse.ArgumentParser(prog="python -m einvoice_schemas.codelists.update", description=(__doc__ or "").partition("\n")[0])
    for publisher in ("cen", "peppol", "xrechnung"):
        parser.add_argument(f"--{publisher}", type=Path, required=True, help="a folder with one release")
    parser.add_argument("--names", type=Path, action="append", default=[], help="a file or folder with names of codes")
    parser.add_argument("--out", type=Path, default=HERE, help="where to write the lists; the default is beside this script")
    chosen = parser.parse_args(arguments)
    artefacts = {role: _artefact(getattr(chosen, publisher), stem) for role, (publisher, stem) in ROLES.items()}
    names = collect([*chosen.names, chosen.peppol])
    complaints: list[str] = []
    for recipe in RECIPES:
        path = chosen.out / f"{recipe.name}.json"
        table = cook(recipe, artefacts, names.get(recipe.name, {}), _existing(path), complaints)
        path.write_text(dump(table), encoding="utf-8")
    sys.stderr.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


def cook(
    recipe: Recipe,
    artefacts: Mapping[str, Rules],
    names: Mapping[str, str],
    existing: Mapping[str, Any],
    complaints: list[str],
) -> dict[str, Any]:
    """The table of one list, as it stands in its file; what is amiss is appended to `complaints`."""
    subsets = {pick.subset: _picked(recipe, pick, artefacts[pick.role], complaints) for pick in recipe.picks}
    every = sorted({code for codes in subsets.values() for code in codes}, key=_order)
    rows: dict[str, Any] = {code: {"name": "", **existing.get(code, {})} for code in every}
    for code, row in rows.items():
        row["name"] = row["name"] or names.get(code, "")
        if not row["name"]:
            complaints.append(f"{recipe.name}: {code} has no name")
    return {
        "name": recipe.name,
        "title": recipe.title,
        "version": recipe.version,
        "source": recipe.source,
        "valid_from": recipe.valid_from,
        "valid_to": None,
        "used_by": sorted({rule for pick in recipe.picks for rule in pick.rules} | set(recipe.also_used_by)),
        "terms": list(recipe.terms),
        "subsets": {name: ALL if len(codes) == len(every) else sorted(codes, key=_order) for name, codes in subsets.items()},
        "maps": {name: dict(codes) for name, codes in recipe.maps.items()},
        "codes": rows,
    }


def dump(table: Mapping[str, Any]) -> str:
    """JSON with a line for each fact, each subset and each code, so that a change reads well."""
    lines = []
    for key, value in table.items():
        if key in ("codes", "subsets") and value:
            inner = ",\n".join(f"  {_json(each)}: {_json(row)}" for each, row in value.items())
            lines.append(f' "{key}": {{\n{inner}\n }}')
        else:
            lines.append(f' "{key}": {_json(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _picked(recipe: Recipe, pick: Pick, rules: Rules, complaints: list[str]) -> set[str]:
    found = [_codes(pick, rules.literals(rule)) for rule in pick.rules]
    for rule, codes in zip(pick.rules, found, strict=True):
        if not codes:
            complaints.append(f"{recipe.name}: {rule} lists no code in {pick.role}")
        elif codes != found[0]:
            complaints.append(f"{recipe.name}: {rule} and {pick.rules[0]} differ in {pick.role}: {sorted(codes ^ found[0])}")
    return found[0]


def _codes(pick: Pick, literals: Sequence[tuple[str, ...]]) -> set[str]:
    chosen = [words for words in literals if pick.containing is None or pick.containing in words]
    return {word for words in chosen for word in words if re.fullmatch(pick.words, word)}


def _artefact(folder: Path, stem: str) -> Rules:
    found = [read(path) for path in files(folder) if re.fullmatch(stem, path.stem)]
    if not any(each.tests for each in found):
        sys.exit(f"{folder} holds no rules in a file named {stem}")
    return merge(found)


def _existing(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    codes: dict[str, Any] = json.loads(path.read_text("utf-8"))["codes"]
    return codes


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _order(code: str) -> tuple[int, int, str]:
    """Numbers by their value, then words by the alphabet."""
    return (0, int(code), code) if code.isascii() and code.isdigit() else (1, 0, code)


if __name__ == "__main__":
    sys.exit(main())
