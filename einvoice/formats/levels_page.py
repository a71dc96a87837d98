"""The page that says which level of Factur-X / ZUGFeRD has which term, from the tables that documents are written by.

`python -m einvoice.formats.levels_page docs` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from einvoice.formats import excerpt
from einvoice.model.index import paths
from einvoice_schemas.profiles import profile
from einvoice_schemas.structure.facturx import NAMES, version
from einvoice_schemas.terms import term

FILE = "levels.md"
YES, NO = "✓", "–"
INTRODUCTION = f"""# Levels of Factur-X and ZUGFeRD: which term each has

Factur-X 1.0 and ZUGFeRD 2 are one standard with five levels, each with more of a CII document than the one before; the sixth,
XRECHNUNG, is XRechnung in CII and has every term. This page is made from the table that documents are written by, derived from the
official XML Schema and Schematron of each level ({version()}): `einvoice_schemas.structure.facturx_derive`.

- `einvoice.convert(invoice, Syntax.CII, profile="facturx-basic")` writes what the level has and lists the rest: a loss for each
  value, one for each member of a repeating group of which nothing is left, such as a line in MINIMUM.
- `einvoice.write(…)` under a level raises `Unwritable` with the same list. MINIMUM and BASIC WL have no lines and are excerpts of an
  invoice, so that only `convert` has a use for them.
- What the level requires and the invoice lacks is not invented; a check says so.
- What the model keeps beyond the terms of the norm is left out at every level: the name of a department beside a contact point
  (BT-41, BT-56), the network of a payment card.

Two valid invoices cannot be valid at a lower level, whatever is written: one with a rounding amount (BT-114), which BASIC WL and BASIC
do not have and BR-CO-16 adds up; and one whose seller is known by BT-29 alone, which MINIMUM does not have and BR-CO-26 asks for.
"""


def page() -> str:
    """The page, as Markdown."""
    titles = [profile(name).title.rpartition("ZUGFeRD ")[2] for name in NAMES]
    lines = [INTRODUCTION, "| Level | Profile | Specification (BT-24) | Terms |", "|---|---|---|---:|"]
    lines += [
        f"| {title} | `{name}` | `{profile(name).specification}` | {sum(excerpt.has(name, path) for path in _terms().values())} |"
        for title, name in zip(titles, NAMES, strict=True)
    ]
    lines += ["", f"| Term | Name | {' | '.join(titles)} |", f"|---|---|{':-:|' * len(titles)}"]
    lines += [_row(known, path) for known, path in _terms(groups=True).items()]
    return "\n".join(lines) + "\n"


def _terms(*, groups: bool = False) -> dict[str, str]:
    """The terms of the norm with their paths, in its order; with the groups too if wanted, without what is XRechnung's extension."""
    return {known: path for known, path in paths().items() if "DEX" not in known and (groups or known.startswith("BT-"))}


def _row(known: str, path: str) -> str:
    marks = " | ".join(YES if excerpt.has(name, path) else NO for name in NAMES)
    return f"| {known} | {term(known).name('en')} | {marks} |"


if __name__ == "__main__":
    (Path(sys.argv[1]) / FILE).write_text(page(), "utf-8")
