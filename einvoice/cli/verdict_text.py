"""`check` as a person reads it: the verdict on each document, what was found as compilers say it, and a summary at the end."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING

from einvoice.cli.problems import place
from einvoice.cli.progress import MANY
from einvoice.cli.verdicts import Printer, by_weight, inside, message, not_judged
from einvoice.report import Finding, Layer, Report, Severity

if TYPE_CHECKING:
    from einvoice_validators.batch import Checked

MOST = 10
"""Rules in the summary."""
COLOURS = {"valid": "32", "invalid": "1;31", "not judged": "1;33", "warning": "33", "information": "36"}
NAMES = ("valid", "invalid", "not judged", "not read")


class Text(Printer):
    """Prints each document as soon as it is done, and counts for the summary."""

    def __init__(self, fail_on: str) -> None:
        super().__init__(fail_on)
        self.coloured = sys.stdout.isatty() and os.name != "nt" and "NO_COLOR" not in os.environ
        self.started = monotonic()
        self.verdicts: Counter[str] = Counter()
        self.rules: Counter[tuple[str, Severity]] = Counter()
        self.layers: dict[str, None] = {}
        self.different = 0

    def add(self, checked: Checked) -> None:
        """Prints a document."""
        self._count(checked)
        if checked.report is not None:
            print("\n".join(self._lines(checked)), flush=True)

    def end(self) -> None:
        """Prints the summary."""
        print("\n".join(self._summary()))

    def _lines(self, checked: Checked) -> Iterator[str]:
        assert checked.report is not None
        report = checked.report
        kind = ", ".join(part for part in (report.syntax, report.profile) if part)
        yield f"{place(checked.name, None)}: {self._colour(checked.verdict, checked.verdict)} ({kind})"
        yield from self._findings(checked.name, report, (layer for layer in report.layers if layer.required))
        yield from (f"  not judged: {', '.join(layers)}: {note}" for note, layers in not_judged(report).items())
        yield from self._for_information(checked.name, report, [layer for layer in report.layers if not layer.required])
        if checked.official is not None:
            yield from self._comparison(checked, checked.official)

    def _findings(self, name: str, report: Report, layers: Iterable[Layer], mark: str = "") -> Iterator[str]:
        for layer, finding in by_weight(layers):
            yield f"{place(name, finding.line, inside(report, layer))}: {mark}{self._severity(finding)}{finding.rule}: {message(finding)}"

    def _for_information(self, name: str, report: Report, layers: list[Layer]) -> Iterator[str]:
        """What layers say that decide nothing."""
        mark = f"{self._colour('information', 'for information')}: "
        yield from (f"  {mark}{layer.name}: {layer.verdict}, which decides nothing here" for layer in layers)
        yield from self._findings(name, report, layers, mark)

    def _comparison(self, checked: Checked, official: Report) -> Iterator[str]:
        agrees = "the same findings" if not checked.differences else self._colour("invalid", "differs")
        yield f"  official: {self._colour(official.verdict, official.verdict)}, {agrees}"
        yield from (f"  {difference}" for difference in checked.differences)

    def _count(self, checked: Checked) -> None:
        self.verdicts["not read" if checked.error is not None or checked.report is None else str(checked.verdict)] += 1
        self.different += bool(checked.differences)
        if checked.report is not None:
            required = [layer for layer in checked.report.layers if layer.required]
            self.rules.update((finding.rule, finding.severity) for layer in required for finding in layer.findings)
            self.layers |= {f"{layer.name} ({layer.version})": None for layer in checked.report.layers if layer.version}

    def _summary(self) -> Iterator[str]:
        total = self.verdicts.total()
        counts = ", ".join(f"{self.verdicts[name]:,} {name}" for name in NAMES if self.verdicts[name])
        different = f"; {self.different:,} with differences from the official rules" if self.different else ""
        yield f"{total:,} document{'' if total == 1 else 's'}: {counts or 'none'}{different}"
        if self.layers:
            yield f"rules: {', '.join(self.layers)}"
        if total > 1 and self.rules:
            yield "most frequent:"
            yield from self._most_frequent()
        if total >= MANY:
            taken = monotonic() - self.started
            yield f"{taken:,.1f} seconds, {total / max(taken, 1e-9):,.0f} documents a second"

    def _most_frequent(self) -> Iterator[str]:
        found = self.rules.most_common(MOST)
        width = len(f"{found[0][1]:,}")
        for (rule, severity), count in found:
            yield f"  {count:{width},} × {rule}" + ("" if severity is Severity.FATAL else f" ({severity})")
        if left := len(self.rules) - len(found):
            yield f"  and {left} rule{'' if left == 1 else 's'} more"

    def _severity(self, finding: Finding) -> str:
        return "" if finding.severity is Severity.FATAL else f"{self._colour(finding.severity, finding.severity)}: "

    def _colour(self, kind: str, text: str) -> str:
        return f"\x1b[{COLOURS[kind]}m{text}\x1b[0m" if self.coloured else str(text)
