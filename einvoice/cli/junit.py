"""`check --format junit`: a test report in JUnit's XML, one test a document, which CI servers list among the tests."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING

from lxml import etree

from einvoice.cli.problems import place
from einvoice.cli.verdicts import Printer, Problem, exit_code, problems
from einvoice.report import Verdict

if TYPE_CHECKING:
    from einvoice_validators.batch import Checked

TITLE = "einvoice check"
UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, such as the control characters that a file name may have."""


class JUnit(Printer):
    """A test for each document: it fails where the document is invalid, and is an error where it has no verdict."""

    def __init__(self, fail_on: str) -> None:
        super().__init__(fail_on)
        self.started = monotonic()
        self.suite = etree.Element("testsuite", name=TITLE)
        self.counts = {"tests": 0, "failures": 0, "errors": 0}

    def add(self, checked: Checked) -> None:
        """Keeps a document's test."""
        profile = (checked.report and checked.report.profile) or "unknown"
        case = etree.SubElement(self.suite, "testcase", classname=f"einvoice.{profile}", name=_fit(place(checked.name, None)))
        found, code = [*problems(checked)], exit_code(checked, self.fail_on)
        self.counts["tests"] += 1
        if code:
            self._broken(case, checked, code, found)
        elif found:
            etree.SubElement(case, "system-out").text = _text(checked, found)

    def end(self) -> None:
        """Prints the report."""
        counts = {name: str(count) for name, count in self.counts.items()}
        root = etree.Element("testsuites", name=TITLE, **counts, time=f"{monotonic() - self.started:.3f}")
        self.suite.attrib.update({**counts, "skipped": "0", "time": root.get("time")})
        root.append(self.suite)
        etree.indent(root)
        print(etree.tostring(root, xml_declaration=True, encoding="us-ascii").decode())

    def _broken(self, case: etree._Element, checked: Checked, code: int, found: list[Problem]) -> None:
        if code == 1:
            kind, verdict = "failure", "invalid" if checked.verdict is Verdict.INVALID else "warnings"
            why = ", ".join(dict.fromkeys(problem.rule for problem in found))
        else:
            stops = [problem for problem in found if problem.finding is None]
            kind, verdict, why = "error", stops[0].rule, "; ".join(problem.text for problem in stops)
        self.counts[f"{kind}s"] += 1
        etree.SubElement(case, kind, type=verdict, message=_fit(f"{verdict}: {why}")).text = _text(checked, found)


def _text(checked: Checked, found: list[Problem]) -> str:
    return _fit("\n".join(f"{_where(checked, problem)}: {_level(problem)}{problem.rule}: {problem.text}" for problem in found))


def _where(checked: Checked, problem: Problem) -> str:
    return place(checked.name, problem.finding.line if problem.finding else None, problem.inside)


def _level(problem: Problem) -> str:
    return "" if problem.level == "error" else f"{problem.level}: "


def _fit(text: str) -> str:
    return UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
