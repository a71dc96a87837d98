"""KoSIT's verdict beside ours: `python -m tests.agreement.kosit [--show 20]`.

Each file of the corpora says whether KoSIT's configuration accepts it; ours accepts where `validate` calls it valid with KoSIT's
severities. A document of no scenario is weighed as a standard one, as the corpora do. Files whose structure gets another verdict
here are counted apart: libxml2, which judged it there, refuses a date with a space behind it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from einvoice.formats.guard import parse
from einvoice.report import Verdict
from einvoice_validators.validate import validate_parsed
from tests.corpora import XSD_LAYERS, folder, rows


def files() -> Iterator[tuple[Path, bool, bool]]:
    """Every file of the corpora that says whether KoSIT's configuration accepts it, and whether its structure is valid."""
    home = folder()
    for path, row in rows(home) if home else ():
        if "kosit_accept" in row:
            yield path, row["kosit_accept"], all(row["layers"][name]["valid"] for name in XSD_LAYERS if name in row["layers"])


def compare() -> tuple[Counter[bool], list[str], int]:
    """How many files KoSIT accepts and rejects, those that we judge otherwise, and how many are apart."""
    seen: Counter[bool] = Counter()
    different: list[str] = []
    apart = 0
    for path, theirs, structured in files():
        report = validate_parsed(parse(path), "xrechnung", severities="kosit")
        if (report.layers[0].verdict is Verdict.VALID) != structured:
            apart += 1
            continue
        seen[theirs] += 1
        if (report.verdict is Verdict.VALID) != theirs:
            different.append(f"{'rejected' if theirs else 'accepted'} by us alone: {path}")
    return seen, different, apart


def main() -> int:
    """Prints the comparison; 0 where every file gets KoSIT's verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=20, help="how many differences to show")
    options = parser.parse_args()
    seen, different, apart = compare()
    print(f"{seen[True]} accepted and {seen[False]} rejected by KoSIT, {len(different)} otherwise by us; {apart} of another structure")
    print(*different[: options.show], sep="\n")
    return 0 if seen and not different else 1


if __name__ == "__main__":
    sys.exit(main())
