"""Works out the amounts of a draft (JSON or CSV), or verifies those of an invoice (UBL or CII): each step with where it comes from.

Exit code 1 where an amount that is stated is not what the lines come to."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common
from einvoice.cli.drafts import drafts_of
from einvoice.cli.printing import json_text
from einvoice.cli.problems import place, tell
from einvoice.cli.show import shape
from einvoice.cli.sources import Source, results
from einvoice.errors import CalculationError, Contradiction

if TYPE_CHECKING:
    from einvoice.calculation import Step
    from einvoice.drafts import Draft

USAGE = "DRAFT|FILE…"
EXAMPLES = """\
  einvoice calculate draft.json
  einvoice calculate till.csv --prices gross
  einvoice calculate invoice.xml --format json
"""


def options(parser: ArgumentParser) -> None:
    """What `calculate` understands."""
    common.files(parser)
    common.formats(parser, "text", "json")
    common.prices(parser)


def run(options: Namespace) -> int:
    """Prints the steps for each invoice, and what contradicts them."""
    code, rows = 0, []
    for source, found in results(options.files, lambda source: drafts_of(source, options.max_size)):
        if isinstance(found, Exception):
            code = 2
            tell(found, source.name)
            continue
        for draft in found:
            try:
                row = _calculated(source, draft, options.prices)
            except CalculationError as fault:
                code = max(code, 1)
                row = _contradicted(source, draft, fault)
            code = max(code, 1 if row["contradictions"] else 0)
            rows.append(row)
            if options.format == "text":
                print("\n".join(_text(row)))
    if options.format == "json":
        print(json_text(rows, indent=1))
    return code


def _calculated(source: Source, draft: Draft, prices: Any) -> dict[str, Any]:
    from einvoice.calculation import calculate

    try:
        found = calculate(draft.invoice, prices=prices)
    except Contradiction:
        if prices == "gross":  # an invoice states prices without VAT; only a draft can promise prices with it
            raise
        return _differing(source, draft)
    return _row(source, draft, found.steps, shape(found.invoice), [])


def _differing(source: Source, draft: Draft) -> dict[str, Any]:
    """Every contradiction at once, not only the first."""
    from einvoice.calculation import recalculate

    found = recalculate(draft.invoice)
    wrong = []
    for row in found.differences:
        if row.stated is not None:
            text = f"{row}: a difference of {row.stated - (row.calculated or 0)}"
            wrong.append({"line": draft.line(row.path), "path": row.path, "term": row.term, "text": text})
    return _row(source, draft, found.steps, shape(found.invoice), wrong)


def _contradicted(source: Source, draft: Draft, fault: CalculationError) -> dict[str, Any]:
    line = draft.line(fault.path or "")
    return _row(source, draft, (), None, [{"line": line, "path": fault.path, "term": fault.term, "text": str(fault)}])


def _row(source: Source, draft: Draft, steps: Sequence[Step], invoice: Any, wrong: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("path", "term", "formula", "rule")
    told = [{**{name: getattr(step, name) for name in names}, "value": f"{step.value:f}"} for step in steps]
    return {"file": source.name, "number": draft.invoice.number, "steps": told, "contradictions": wrong, "invoice": invoice}


def _text(row: dict[str, Any]) -> list[str]:
    """The steps as a table: what, how much, how it came about, by which rule; then what contradicts them."""
    head = f"{place(row['file'], None)}: {row['number'] or 'no number'}"
    steps = row["steps"]
    whats = [f"{step['path']} ({step['term']})" for step in steps]
    wide = max((len(what) for what in whats), default=0)
    digits = max((len(step["value"]) for step in steps), default=0)
    told = [_step(step, what, wide, digits) for step, what in zip(steps, whats, strict=True)]
    return [head, *told, *(f"{place(row['file'], wrong['line'])}: {wrong['text']}" for wrong in row["contradictions"])]


def _step(step: dict[str, str], what: str, wide: int, digits: int) -> str:
    formula = "" if step["formula"] == step["value"] else f" = {step['formula']}"
    return f"  {what:<{wide}}  {step['value']:>{digits}}{formula}  [{step['rule']}]"
