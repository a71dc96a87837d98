"""KoSIT's verdict beside ours: `python -m tests.agreement.kosit [--show 20]`.

Each file of the corpora says whether KoSIT's configuration accepts it; ours accepts where no error is left in the structure, EN 16931
and XRechnung with KoSIT's severities. A document of no scenario is weighed as a standard one, as the corpora do. Files whose
structure gets another verdict here are counted apart: libxml2, which judged it there, refuses a date with a space behind it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from einvoice.formats import structure
from einvoice.formats.detect import detect_root
from einvoice.formats.guard import Parsed, parse
from einvoice.formats.syntax import Syntax
from einvoice.report import Severity, Verdict
from einvoice_validators.engine import Program
from einvoice_validators.layers import ruleset
from einvoice_validators.rules.xrechnung.kosit import kosit, scenario
from tests.corpora import XSD_LAYERS, folder


def files() -> Iterator[tuple[Path, bool, bool]]:
    """Every file of the corpora that says whether KoSIT's configuration accepts it, and whether its structure is valid."""
    home = folder()
    for listing in sorted(home.rglob("verdicts.jsonl")) if home else ():
        for line in listing.read_text("utf-8").splitlines():
            row = json.loads(line)
            path = listing.parent / row["file"]
            if "kosit_accept" in row and path.suffix.lower() == ".xml" and path.exists():
                yield path, row["kosit_accept"], all(row["layers"][name]["valid"] for name in XSD_LAYERS if name in row["layers"])


@cache
def program(name: str, syntax: Syntax) -> Program:
    """EN 16931 and XRechnung, weighed as in a scenario."""
    return Program([kosit(ruleset("en16931"), name), kosit(ruleset("xrechnung"), name)], syntax)


def sound(parsed: Parsed) -> bool:
    """Whether the structure is valid."""
    return all(found.severity is not Severity.FATAL for found in structure.check(parsed.root))


def accepts(parsed: Parsed) -> bool:
    """Whether no error is left in any layer."""
    if not sound(parsed):
        return False
    syntax = parsed.document.syntax
    name = scenario(detect_root(parsed.root, wrapped=parsed.wrapped).specification, syntax) or "standard"
    return all(layer.verdict is Verdict.VALID for layer in program(name, syntax).run(parsed.root))


def main() -> int:
    """Prints the comparison; 0 where every file gets KoSIT's verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=20, help="how many differences to show")
    options = parser.parse_args()
    seen: Counter[bool] = Counter()
    different: list[str] = []
    apart = 0
    for path, theirs, structured in files():
        parsed = parse(path)
        if sound(parsed) != structured:
            apart += 1
            continue
        ours = accepts(parsed)
        seen[theirs] += 1
        if ours != theirs:
            different.append(f"{'accepted' if ours else 'rejected'} by us alone: {path}")
    print(f"{seen[True]} accepted and {seen[False]} rejected by KoSIT, {len(different)} otherwise by us; {apart} of another structure")
    print(*different[: options.show], sep="\n")
    return 0 if seen and not different else 1


if __name__ == "__main__":
    sys.exit(main())
