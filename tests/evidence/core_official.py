"""What we write, judged by the official stylesheets: the shortest program, and published invoices written again and converted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.report import Verdict
from tests import stylesheets, test_readme
from tests.agreement.test_roundtrip import valid_invoices
from tests.corpora import Case
from tests.evidence import Figure, NotMeasured, corpora, figure, scaled

PUBLISHED = {"cen-examples", "peppol-examples", "xr-testsuite", "nlcius", "phive-en16931", "phive-xrechnung", "phive-peppol", "synthetic"}
LAYER = {Syntax.UBL: "en16931-ubl", Syntax.CII: "en16931-cii"}


def fatal(layer: str, document: bytes) -> list[str]:
    try:
        return stylesheets.fatal(layer, document)
    except stylesheets.Absent as absent:
        raise NotMeasured(str(absent)) from absent


@figure("shortest-program", bar="at most 15 lines; structure, CEN 1.3.16 and Peppol 2026.5 valid", item=5)
def shortest_program() -> Figure:
    """Runs the README's program and has its invoice judged."""
    program = test_readme.block("python", test_readme.README.split(test_readme.MARK, 1)[1])
    names: dict[str, Any] = {}
    exec(compile(program, "README.md", "exec"), names)  # noqa: S102 - our own README
    data = names["data"]
    lines = [line for line in program.splitlines() if line.strip()]
    broken = fatal("en16931-ubl", data) + fatal("peppol", data)
    sound = structure.layer(parse(data).root).verdict is Verdict.VALID
    return Figure(
        f"{len(lines)} lines; structure {'valid' if sound else 'invalid'}; fatal rules: {broken or 'none'}",
        sound and not broken and len(lines) <= 15,
    )


def published() -> list[Case]:
    """Published invoices (no mutants) that EN 16931's own rules call valid."""
    cases = [case for case in valid_invoices(corpora()) if case.path.parent.name in PUBLISHED]
    return [case for case in cases if any(name.startswith("en16931") and layer["valid"] for name, layer in case.layers.items())]


def judged(across: bool) -> tuple[int, Counter[str]]:
    """Files written in their own syntax or the other, and the fatal rules that break, by file name."""
    broken: Counter[str] = Counter()
    cases = published()
    cases = cases[:: max(1, len(cases) // scaled(len(cases)))]
    for case in cases:
        own = parse(case.path).document.syntax
        syntax = own if not across else Syntax.CII if own is Syntax.UBL else Syntax.UBL
        if rules := fatal(LAYER[syntax], write(read(case.path), syntax)):
            broken[f"{case.path.name}: {', '.join(sorted(set(rules)))}"] += 1
    return len(cases), broken


@figure("written-valid", bar="every published valid invoice is valid under CEN 1.3.16 when written again", item=4)
def written_valid() -> Figure:
    count, broken = judged(across=False)
    return Figure(f"{count - len(broken)} of {count}; {'; '.join(broken) or 'none broken'}", count > 0 and not broken)


@figure("converted-valid", bar="at least 97 % in the other syntax too (lines within lines have no equal in CII)", item=6)
def converted_valid() -> Figure:
    count, broken = judged(across=True)
    return Figure(f"{count - len(broken)} of {count}; {'; '.join(broken) or 'none broken'}", count > 0 and len(broken) <= 0.03 * count)
