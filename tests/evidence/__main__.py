"""Prints a topic's figures, one a line: `name | value | bar | holds | command`. Exits 1 while one does not hold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.evidence import Claim, claims


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the figures asked for; 0 where all hold, 1 where one does not, 2 where there is none to run."""
    options = _options(argv)
    chosen = [claim for claim in claims(options.topic) if options.only in (None, claim.name)]
    if not chosen:
        print(f"no such figure: {options.topic} {options.only or ''}; --list names them", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(f"{claim.item} | {claim.name} | {claim.bar}" for claim in chosen))
        return 0
    return 0 if all([_printed(claim) for claim in chosen]) else 1


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evidence", description=__doc__)
    parser.add_argument("topic", help="core, …: the first part of the modules' names")
    parser.add_argument("--only", metavar="NAME", help="one figure")
    parser.add_argument("--list", action="store_true", help="item, name and bar of each figure, nothing measured")
    return parser.parse_args(argv)


def _printed(claim: Claim) -> bool:
    figure = claim.measured()
    value = " ".join(figure.value.replace("|", "/").split())
    print(f"{claim.name} | {value} | {claim.bar} | {'yes' if figure.holds else 'no'} | {claim.command}", flush=True)
    return figure.holds


if __name__ == "__main__":
    sys.exit(main())
