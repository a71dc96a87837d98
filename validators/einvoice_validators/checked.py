"""What travels through a batch: a document to check, how it is to be checked, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeAlias

from einvoice.errors import ArtefactError, DocumentError, EInvoiceError, SettingsError, Unwritable
from einvoice.report import Report, Verdict

Document: TypeAlias = Path | bytes | tuple[str, Path | bytes | EInvoiceError]
"""A file, bytes, or either with the name to know it by; an error stands for a document that could not be fetched, in its place."""


class CheckFailed(EInvoiceError):
    """A document was not checked, through no fault of its own: a process ended, or a rule set could not be loaded."""


class How(NamedTuple):
    """What is asked of every document: the profile (None is the document's own), by which rules and severities, and the most bytes."""

    profile: str | None = None
    official: bool = False
    both: bool = False
    max_size: int | None = None
    severities: str = "official"


class Task(NamedTuple):
    """One document by its name."""

    name: str
    source: Path | bytes | EInvoiceError


class Checked(NamedTuple):
    """The report on one document, or the error that kept it from being checked.

    A document that is refused (UnsafeXML) has both, if it looks like an invoice: no layer of its report is judged.
    Where both rule sets ran, `report` is that of our own rules, `official` the other, and `differences` names what tells them apart.
    """

    name: str
    report: Report | None = None
    error: EInvoiceError | None = None
    official: Report | None = None
    differences: tuple[str, ...] = ()

    @property
    def reports(self) -> tuple[Report, ...]:
        """What there is of the two reports."""
        return tuple(report for report in (self.report, self.official) if report is not None)

    @property
    def verdict(self) -> Verdict:
        """The report's verdict, the worse of two; not judged where there is none."""
        verdicts = {report.verdict for report in self.reports} or {Verdict.NOT_JUDGED}
        return next(verdict for verdict in (Verdict.INVALID, Verdict.NOT_JUDGED, Verdict.VALID) if verdict in verdicts)


def failure(fault: Exception) -> EInvoiceError:
    """The error that a document's check ended with, as one that can cross to another process and be told."""
    ours = isinstance(fault, DocumentError | ArtefactError | SettingsError | CheckFailed) and not isinstance(fault, Unwritable)
    if isinstance(fault, EInvoiceError) and (ours or type(fault) is EInvoiceError):  # the latter where an extra is absent
        return fault
    trace = fault.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" in {trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}" if trace else ""
    return CheckFailed(f"a fault of einvoice-toolkit itself{where} ({type(fault).__name__}: {fault}); please report it with the file")
