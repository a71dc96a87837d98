"""Native verdicts beside the official ones of the corpora.

`python -m tests.agreement.verdicts en16931-ubl [--rules BR-S-,BR-27] [--show 20]`.

For each structurally valid file with an official verdict of that layer: is the set of fatal ids the same, and that of warnings?
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from einvoice.errors import UnsafeXML
from einvoice.formats.guard import parse
from einvoice.formats.syntax import Syntax
from einvoice.report import Layer, Severity, Verdict
from einvoice_validators.engine import NOT_COMPUTED
from einvoice_validators.layers import program
from tests.corpora import folder, recorded

LAYERS = {
    "en16931-ubl": ("en16931", Syntax.UBL),
    "en16931-cii": ("en16931", Syntax.CII),
    "peppol": ("peppol", Syntax.UBL),
    "peppol-sb": ("peppol-selfbilling", Syntax.UBL),
    "xrechnung-ubl": ("xrechnung", Syntax.UBL),
    "xrechnung-cii": ("xrechnung", Syntax.CII),
    "nlcius-ubl": ("nlcius", Syntax.UBL),
    "nlcius-cii": ("nlcius", Syntax.CII),
    "nlcius-gaccount": ("nlcius-gaccount", Syntax.UBL),
}


@dataclass
class Agreement:
    """What comparing one layer gave: files, equal verdicts, equal sets, and the differences by rule, each with its files."""

    files: int = 0
    same_verdict: int = 0
    same_fatal: int = 0
    same_warning: int = 0
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    added: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    seen: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)


def files(layer: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every structurally valid file of the corpora that the official rules of a layer were run on, with what they said."""
    home = folder()
    for path, found, valid in recorded(home, layer) if home else ():
        if valid:
            yield path, found


def ids(layer: Layer, severity: Severity) -> set[str]:
    """The ids of a layer's findings of one severity."""
    return {finding.rule for finding in layer.findings if finding.severity is severity}


def compare(name: str, cases: Iterable[tuple[Path, dict[str, Any]]], wanted: tuple[str, ...] = ()) -> Agreement:
    """Compares a layer on the files; `wanted` are the beginnings of ids that are looked at, all where none is named."""
    made = program((LAYERS[name][0],), LAYERS[name][1])
    agreement = Agreement()
    for path, official in cases:
        try:
            root = parse(path).root
        except UnsafeXML:  # a DTD is refused before any rule, whatever the official rules make of it
            agreement.refused.append(str(path))
            continue
        layer = made.run(root)[0]
        agreement.files += 1
        fatal, warning = ids(layer, Severity.FATAL), ids(layer, Severity.WARNING)
        if official.get("error"):
            ok = layer.verdict is not Verdict.VALID
            agreement.same_verdict += ok
            agreement.same_fatal += ok
            agreement.same_warning += 1
            if not ok:
                agreement.missed["ABORT"].append(str(path))
            continue
        theirs = set(official["fatal"]), set(official["warning"])
        agreement.seen.update(theirs[0] | theirs[1])
        if wanted:
            fatal, warning = _kept(fatal, wanted) | (fatal & {NOT_COMPUTED}), _kept(warning, wanted)
            theirs = _kept(theirs[0], wanted), _kept(theirs[1], wanted)
        agreement.same_verdict += bool(fatal) == bool(theirs[0])
        agreement.same_fatal += fatal == theirs[0]
        agreement.same_warning += warning == theirs[1]
        for rule in (theirs[0] - fatal) | (theirs[1] - warning):
            agreement.missed[rule].append(str(path))
        for rule in (fatal - theirs[0]) | (warning - theirs[1]):
            agreement.added[rule].append(str(path))
    return agreement


def _kept(found: set[str], wanted: tuple[str, ...]) -> set[str]:
    return {each for each in found if each.startswith(wanted)}


def main() -> int:
    """Prints the comparison; 0 where everything is equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layer", choices=LAYERS)
    parser.add_argument("--rules", default="", help="beginnings of the ids to look at, separated by commas")
    parser.add_argument("--show", type=int, default=20, help="how many differences to show")
    parser.add_argument("--files", type=int, default=2, help="how many files to name for each")
    options = parser.parse_args()
    found = compare(options.layer, files(options.layer), tuple(filter(None, options.rules.split(","))))
    print(
        f"{options.layer}: {found.files} files, same verdict {found.same_verdict}, fatal {found.same_fatal}, warnings {found.same_warning}"
    )
    for sign, differences in (("missed", found.missed), ("added", found.added)):
        for rule, paths in sorted(differences.items(), key=lambda item: -len(item[1]))[: options.show]:
            print(f"  {sign} {rule} {len(paths)}: {' '.join(paths[: options.files])}")
    return 0 if found.files and not found.missed and not found.added else 1


if __name__ == "__main__":
    sys.exit(main())
