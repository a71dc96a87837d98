"""Tests documents and gives one verdict each: valid, invalid, or not judged, which is what could not be tested in full.

This release tests the structure, which is what the official XML Schemas test. The business rules are still to come: a document
whose structure is sound is therefore not judged. Exit code: 0 all valid, 1 some invalid, 2 some not judged or not readable."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from einvoice.cli import options as common
from einvoice.cli.printing import json_text
from einvoice.cli.problems import lines, place, tell
from einvoice.cli.sources import Source, results
from einvoice.errors import DocumentError
from einvoice.report import Layer, Report, Severity, Verdict

USAGE = "FILE…"
EXAMPLES = """\
  einvoice check invoice.xml
  einvoice check inbox/ 'mail/**/*.xml' --format jsonl
  curl … | einvoice check -
"""

NAMES = ("valid", "invalid", "not judged", "not read")


def options(parser: ArgumentParser) -> None:
    """What `check` understands."""
    common.files(parser)
    common.formats(parser, "text", "json", "jsonl")
    common.profile(parser, "hold the documents against this profile, whatever they name")
    parser.add_argument("--fail-on", choices=("fatal", "warning"), default="fatal", help="end with 1 from there on; fatal unless told")


def run(options: Namespace) -> int:
    """Prints a verdict for each document."""
    code, rows, verdicts = 0, [], []
    for source, found in results(options.files, lambda source: _report(source, options)):
        code = max(code, _code(found, options.fail_on))
        verdicts.append("not read" if isinstance(found, Exception) else str(found.verdict))
        if isinstance(found, Exception):
            tell(found, source.name)
        if options.format == "json":
            rows.append(row(source.name, found, findings=True))
        elif options.format == "jsonl":
            print(json_text(row(source.name, found)))
        elif not isinstance(found, Exception):
            print("\n".join(_text(source.name, found)))
    if options.format == "json":
        print(json_text(rows, indent=1))
    elif options.format == "text":
        print(_summary(verdicts))
    return code


def _report(source: Source, options: Namespace) -> Report:
    from einvoice_validators.validate import validate_parsed

    return validate_parsed(source.parsed(options.max_size), options.profile)


def _code(found: Report | Exception, fail_on: str) -> int:
    if isinstance(found, Exception) or found.verdict is Verdict.NOT_JUDGED:
        return 2
    warned = fail_on == "warning" and any(finding.severity is Severity.WARNING for finding in found.findings)
    return 1 if warned or found.verdict is Verdict.INVALID else 0


def row(name: str, found: Report | Exception, *, findings: bool = False) -> dict[str, Any]:
    """The verdict on one document as JSON, with each layer's findings counted by rule."""
    if isinstance(found, Exception):
        kind = type(found).__name__ if isinstance(found, DocumentError) else "Error"
        error = {"type": kind, "text": "\n".join(lines(found, name))}
        return {"file": name, "syntax": None, "profile": None, "verdict": str(Verdict.NOT_JUDGED), "layers": {}, "error": error}
    layers = {layer.name: _layer(layer) for layer in found.layers}
    made: dict[str, Any] = {"file": name, "syntax": found.syntax, "profile": found.profile, "verdict": str(found.verdict), "layers": layers}
    if findings:
        made["findings"] = [{key: getattr(finding, key) for key in finding.__slots__} for finding in found.findings]
    return made


def _layer(layer: Layer) -> dict[str, Any]:
    from collections import Counter

    counts: dict[str, Counter[str]] = {str(severity): Counter() for severity in Severity}
    for finding in layer.findings:
        counts[finding.severity][finding.rule] += 1
    return {"version": layer.version, "verdict": str(layer.verdict), **counts, **({"note": layer.note} if layer.note else {})}


def _text(name: str, report: Report) -> list[str]:
    """The verdict, then what was found as compilers say it, then what was not judged and why."""
    kind = ", ".join(part for part in (report.syntax, report.profile) if part)
    found = [f"{place(name, finding.line)}: {_severity(finding.severity)}{finding.rule}: {finding.text}" for finding in report.findings]
    notes: dict[str, list[str]] = {}
    for layer in report.layers:
        if layer.verdict is Verdict.NOT_JUDGED:
            notes.setdefault(layer.note or "", []).append(layer.name)
    sound = [f"{layer.name} ({layer.version})" for layer in report.layers if layer.verdict is Verdict.VALID]
    return [
        f"{place(name, None)}: {report.verdict} ({kind})",
        *found,
        *([f"  valid: {', '.join(sound)}"] if sound else []),
        *(f"  not judged: {', '.join(layers)}: {note}" for note, layers in notes.items()),
    ]


def _severity(severity: Severity) -> str:
    return "" if severity is Severity.FATAL else f"{severity}: "


def _summary(verdicts: list[str]) -> str:
    counts = ", ".join(f"{verdicts.count(name)} {name}" for name in NAMES if name in verdicts)
    return f"{len(verdicts)} document{'' if len(verdicts) == 1 else 's'}: {counts}"
