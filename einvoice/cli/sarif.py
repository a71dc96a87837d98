"""`check --format sarif`: SARIF 2.1.0, which code hosts and editors show beside the lines that it names."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from einvoice.cli.printing import json_text
from einvoice.cli.problems import place
from einvoice.cli.verdicts import DIFFERENT, NOT_CHECKED, NOT_JUDGED, NOT_READ, Printer, Problem, problems

if TYPE_CHECKING:
    from einvoice_validators.batch import Checked

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
OWN = {
    NOT_READ: "The document can be read.",
    NOT_CHECKED: "The document can be checked.",
    NOT_JUDGED: "Every set of rules that the document requires is judged.",
    DIFFERENT: "Our own rules and the official artefacts find the same.",
}


class SARIF(Printer):
    """One run with a result for each finding, and for each document that has no verdict."""

    def __init__(self, fail_on: str) -> None:
        super().__init__(fail_on)
        self.rules: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []
        self.unread = False

    def add(self, checked: Checked) -> None:
        """Keeps a document's results."""
        self.unread |= checked.report is None
        self.results += [self._result(checked.name, problem) for problem in problems(checked)]

    def end(self) -> None:
        """Prints the log."""
        driver = {"name": "einvoice-toolkit", "semanticVersion": version("einvoice-toolkit"), "rules": [*self.rules.values()]}
        invocation = {"executionSuccessful": not self.unread, "exitCode": self.code}
        run = {"tool": {"driver": driver}, "invocations": [invocation], "columnKind": "unicodeCodePoints", "results": self.results}
        print(json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1))

    def _result(self, name: str, problem: Problem) -> dict[str, Any]:
        self.rules.setdefault(problem.rule, _rule(problem))
        index = [*self.rules].index(problem.rule)
        made = {"ruleId": problem.rule, "ruleIndex": index, "level": problem.level, "message": {"text": _text(problem)}}
        return {**made, "locations": [_location(name, problem)], **_properties(problem)}


def _rule(problem: Problem) -> dict[str, Any]:
    """A rule; the text of a structural finding is about one place, and describes no rule."""
    text = OWN.get(problem.rule) or (problem.finding.text if problem.finding and not problem.rule.startswith("structure-") else None)
    described = {"shortDescription": {"text": text}} if text else {}
    return {"id": problem.rule, **described, "defaultConfiguration": {"level": problem.level}}


def _text(problem: Problem) -> str:
    """What is wrong; in a PDF, which has no lines, with the line of the XML in it."""
    line = problem.finding and problem.finding.line
    return f"{place(problem.inside, line)}: {problem.text}" if problem.inside else problem.text


def _location(name: str, problem: Problem) -> dict[str, Any]:
    finding = problem.finding
    line = None if problem.inside else finding and finding.line
    physical = {"artifactLocation": {"uri": _uri(name)}, "region": {"startLine": line or 1}}
    logical = [{"fullyQualifiedName": finding.xpath}] if finding and finding.xpath else []
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}


def _uri(name: str) -> str:
    """A file name as a reference: absolute ones as file:, others relative to where the command ran."""
    if name == "-":
        return "stdin"
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")


def _properties(problem: Problem) -> dict[str, Any]:
    named = {
        "inside": problem.inside,
        "layer": problem.layer,
        "term": problem.finding and problem.finding.term,
        "value": problem.finding and problem.finding.value,
    }
    kept = {key: value for key, value in named.items() if value is not None}
    return {"properties": kept} if kept else {}
