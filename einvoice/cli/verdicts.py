"""What the formats of `check` share: how they are told, exit codes, the sentence of a finding, and all that is amiss in one list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from einvoice.cli.problems import lines, tell
from einvoice.report import Finding, Layer, Report, Severity, Verdict

if TYPE_CHECKING:
    from einvoice_validators.batch import Checked

NOT_READ, NOT_CHECKED, NOT_JUDGED, DIFFERENT = "not-read", "not-checked", "not-judged", "native-and-official-differ"
"""Ids, in formats that know nothing but rules, of what keeps a document from having a verdict."""
CONTAINER = "pdf"
"""The layer of a PDF around the XML."""
LONGEST = 80
LINE = re.compile(r"/(?:cac:InvoiceLine|cac:CreditNoteLine|ram:IncludedSupplyChainTradeLineItem)\[(\d+)\]")
"""Where an XPath names a line of the invoice: what a reader looks for first, since many files have but one line of text."""


class Printer:
    """A format: it is told of each document, and then of the end; `code` is the worst exit code so far."""

    def __init__(self, fail_on: str) -> None:
        self.fail_on = fail_on
        self.code = 0

    def take(self, checked: Checked) -> None:
        """One document; the error of one that could not be read is told on standard error, whatever the format."""
        self.code = max(self.code, exit_code(checked, self.fail_on))
        if checked.error is not None:
            tell(checked.error, checked.name)
        self.add(checked)

    def add(self, checked: Checked) -> None:
        """Prints a document, or keeps it until the end."""

    def end(self) -> None:
        """Prints what is left to say."""


class Problem(NamedTuple):
    """A finding, or what stands in the way of a verdict, in one shape; `level` is error, warning or note.

    `inside` is the name of the XML where the finding is in that and not in the PDF around it.
    """

    rule: str
    level: str
    text: str
    finding: Finding | None = None
    layer: str | None = None
    inside: str | None = None


LEVELS = {Severity.FATAL: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}


def exit_code(checked: Checked, fail_on: str) -> int:
    """0 valid, 1 invalid, 2 not judged or not read, or where the two rule sets differ; warnings count as 1 where asked for."""
    if not checked.reports or checked.differences or any(report.verdict is Verdict.NOT_JUDGED for report in checked.reports):
        return 2
    weighty = {Severity.FATAL, Severity.WARNING} if fail_on == "warning" else {Severity.FATAL}
    required = [layer for report in checked.reports for layer in report.layers if layer.required]
    found = any(finding.severity in weighty for layer in required for finding in layer.findings)
    return 1 if found or checked.verdict is Verdict.INVALID else 0


def message(finding: Finding) -> str:
    """What the rule wants, and the business term, the invoice line and the value, where the text does not name them already."""
    text, term, value = finding.text, finding.term, finding.value
    where = [term] if term and not re.search(rf"\b{term}\b", text) else []
    where += [f"invoice line {line[1]}"] if (line := LINE.search(finding.xpath or "")) else []
    named = f" [{', '.join(where)}]" if where else ""
    value_found = f"; found '{_short(value)}'" if value is not None and not _quoted(value, text) else ""
    return f"{text.rstrip('.')}{named}{value_found}"


def problems(checked: Checked) -> Iterator[Problem]:
    """All findings, by layer, and everything that leaves the document without a verdict."""
    if checked.error is not None:
        text = "\n".join(lines(checked.error, checked.name)).removeprefix(f"{checked.name}: ")
        yield Problem(unread(checked), "error", text)
    if checked.report is not None:
        yield from _found(checked.report)
    for difference in checked.differences:
        yield Problem(DIFFERENT, "error", difference)


def unread(checked: Checked) -> str:
    """Whether it is the document that could not be read, or the check that failed."""
    from einvoice.errors import DocumentError

    return NOT_READ if isinstance(checked.error, DocumentError) else NOT_CHECKED


def inside(report: Report, layer: Layer) -> str | None:
    """The name of the XML that the lines of a layer are those of, where the document is a PDF."""
    return None if layer.name == CONTAINER else report.inside


def by_weight(layers: Iterable[Layer]) -> list[tuple[Layer, Finding]]:
    """The findings with their layers, the fatal ones first."""
    order = [*Severity]
    found = ((layer, finding) for layer in layers for finding in layer.findings)
    return sorted(found, key=lambda each: order.index(each[1].severity))


def not_judged(report: Report) -> dict[str, list[str]]:
    """Why layers were not judged, each reason with the names of its layers."""
    notes: dict[str, list[str]] = {}
    for layer in report.layers:
        if layer.verdict is Verdict.NOT_JUDGED:
            notes.setdefault(layer.note or "no reason is known", []).append(layer.name)
    return notes


def _found(report: Report) -> Iterator[Problem]:
    for layer in report.layers:
        for finding in layer.findings:
            level = LEVELS[finding.severity] if layer.required else "note"
            yield Problem(finding.rule, level, message(finding), finding, layer.name, inside(report, layer))
    if report.verdict is Verdict.NOT_JUDGED:
        for note, layers in not_judged(report).items() or {"no rules ran": []}.items():
            yield Problem(NOT_JUDGED, "error", ": ".join(part for part in (", ".join(layers), note) if part))


def _short(value: str) -> str:
    plain = " ".join(value.split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def _quoted(value: str, text: str) -> bool:
    return f'"{value}"' in text or f"'{value}'" in text
