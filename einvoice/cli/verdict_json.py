"""`check --format json` and `jsonl`: one object a document, which counts each layer's findings by rule; json has them in full, too."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from einvoice.cli.printing import json_text
from einvoice.cli.problems import lines
from einvoice.cli.verdicts import Printer
from einvoice.errors import EInvoiceError
from einvoice.report import Layer, Report, Severity, Verdict

if TYPE_CHECKING:
    from einvoice_validators.batch import Checked


class JSONLines(Printer):
    """One line a document, as soon as it is done."""

    def add(self, checked: Checked) -> None:
        """Prints a document's line."""
        print(json_text(row(checked)), flush=True)


class JSON(Printer):
    """One list of all documents."""

    def __init__(self, fail_on: str) -> None:
        super().__init__(fail_on)
        self.rows: list[dict[str, Any]] = []

    def add(self, checked: Checked) -> None:
        """Keeps a document."""
        self.rows.append(row(checked, findings=True))

    def end(self) -> None:
        """Prints all."""
        print(json_text(self.rows, indent=1))


def row(checked: Checked, *, findings: bool = False) -> dict[str, Any]:
    """The verdict on one document; with `both`, the official layers and the differences, too."""
    if checked.error is not None or checked.report is None:
        return _unread(checked)
    report = checked.report
    made: dict[str, Any] = {"file": checked.name, "syntax": report.syntax, "profile": report.profile, "verdict": str(checked.verdict)}
    made |= {"inside": report.inside} if report.inside else {}
    made["layers"] = _layers(report)
    if checked.official is not None:
        made |= {"official": _layers(checked.official), "differences": [*checked.differences]}
    if findings:
        made["findings"] = [{key: getattr(finding, key) for key in finding._fields} for finding in report.findings]
    return made


def _unread(checked: Checked) -> dict[str, Any]:
    fault = checked.error or EInvoiceError("there is no report")
    error = {"type": type(fault).__name__, "text": "\n".join(lines(fault, checked.name))}
    seen = checked.report or Report(checked.name, None, None)
    said = {"file": checked.name, "syntax": seen.syntax, "profile": seen.profile, "verdict": str(Verdict.NOT_JUDGED)}
    return {**said, "layers": _layers(seen), "error": error}


def _layers(report: Report) -> dict[str, dict[str, Any]]:
    return {layer.name: _layer(layer) for layer in report.layers}


def _layer(layer: Layer) -> dict[str, Any]:
    counts: dict[str, Counter[str]] = {str(severity): Counter() for severity in Severity}
    for finding in layer.findings:
        counts[finding.severity][finding.rule] += 1
    more = {"note": layer.note} if layer.note else {}
    optional = {} if layer.required else {"required": False}
    return {"version": layer.version, "verdict": str(layer.verdict), **counts, **optional, **more}
