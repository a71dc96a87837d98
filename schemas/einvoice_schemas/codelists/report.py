"""docs/codelists.md: every code list with its version, source, validity and users.

python -m einvoice_schemas.codelists.report > docs/codelists.md
"""

from __future__ import annotations

import sys

from einvoice_schemas.codelists import CodeList, code_list, names

HEAD = """# Code lists

Every list that the rules of CEN EN 16931, Peppol BIS Billing and XRechnung test codes against, as Python sees it:
`einvoice_schemas.codelists.codes(name, subset)`. A list holds each code that any of its users allows; a subset is what one user
allows. The tables are written by `python -m einvoice_schemas.codelists.update` from the official artefacts, and this page by
`python -m einvoice_schemas.codelists.report`.
"""


def table() -> str:
    """The page in Markdown: an overview, then each list with its subsets, users and source."""
    lists = [code_list(name) for name in names()]
    overview = ["| List | What | Codes | Version | Valid from | Valid to |", "|---|---|---:|---|---|---|", *map(_row, lists)]
    return "\n".join([HEAD, *overview, "", *map(_section, lists)])


def _row(each: CodeList) -> str:
    cells = (f"[`{each.name}`](#{each.name})", each.title, str(len(each.codes)), each.version, each.valid_from, each.valid_to or "–")
    return f"| {' | '.join(cells)} |"


def _section(each: CodeList) -> str:
    subsets = "; ".join(f"`{name}` {len(codes)}" for name, codes in each.subsets.items())
    maps = "; ".join(f"`{name}`" for name in each.maps)
    lines = [
        f"## {each.name}",
        "",
        f"{each.title}.",
        "",
        f"- Source: {each.source}",
        f"- Used by: {', '.join(each.used_by)}",
        f"- Business terms: {', '.join(each.terms)}",
        f"- Subsets: {subsets}",
        *([f"- Maps to: {maps}"] if maps else []),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table())
