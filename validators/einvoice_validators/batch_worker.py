"""What a worker does: checks a chunk of documents, and packs the reports small for their way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import starmap
from pathlib import Path
from typing import Any, TypeAlias

from einvoice import errors
from einvoice.errors import DocumentError, EInvoiceError, Location, Unreadable, UnsafeXML
from einvoice.report import Finding, Layer, Report, Severity, Verdict
from einvoice_validators.checked import Checked, CheckFailed, How, Task, failure
from einvoice_validators.validate import opened, validate_parsed, within

Packed: TypeAlias = tuple[Any, ...]
"""Texts and numbers in tuples, which pickle in a quarter of the time that the objects would take."""


def check_one(task: Task, how: How) -> Checked:
    """The verdict on one document; whatever goes wrong is its error."""
    try:
        return _checked(task, how)
    except Exception as fault:  # whatever it is, the other documents are to be checked
        return Checked(task.name, error=failure(fault))


def check_chunk(tasks: Sequence[tuple[str, str | bytes]], how: tuple[Any, ...]) -> list[Packed]:
    """The verdicts on a chunk, packed; a text is the path of a file."""
    asked = How(*how)
    return [_packed(check_one(Task(name, Path(source) if isinstance(source, str) else source), asked)) for name, source in tasks]


def unpacked(name: str, packed: Packed) -> Checked:
    """What a worker found out about the document of that name."""
    report, error, official, differences = packed
    return Checked(name, _report(report), _error(error), _report(official), differences)


def _checked(task: Task, how: How) -> Checked:
    if isinstance(task.source, EInvoiceError):
        return Checked(task.name, error=task.source)
    try:
        parsed, container = opened(task.source, name=task.name, max_size=how.max_size)
    except UnsafeXML as fault:
        from einvoice_validators.refused import report  # noqa: PLC0415 - few documents are refused

        return Checked(task.name, report(task.source, task.name, how.profile, fault), fault)
    if how.both:
        from einvoice_validators.comparison import check_both  # noqa: PLC0415 - an extra that most runs do without

        native, official, differences = check_both(parsed, how.profile, severities=how.severities)
        return Checked(task.name, within(container, native), None, within(container, official), tuple(differences))
    return Checked(task.name, within(container, validate_parsed(parsed, how.profile, official=how.official, severities=how.severities)))


def _packed(checked: Checked) -> Packed:
    return (_flat(checked.report), _flat_error(checked.error), _flat(checked.official), checked.differences)


def _flat(report: Report | None) -> Packed | None:
    if report is None:
        return None
    return (report.source, report.syntax, report.profile, tuple(_flat_layer(layer) for layer in report.layers), report.inside)


def _flat_layer(layer: Layer) -> Packed:
    found = tuple(map(_flat_finding, layer.findings))
    return (layer.name, layer.version, str(layer.verdict), found, layer.required, layer.note)


def _flat_finding(each: Finding) -> Packed:
    return (each.rule, str(each.severity), each.text, each.term, each.xpath, each.line, each.value)


def _flat_error(fault: EInvoiceError | None) -> Packed | None:
    """An error by its kind and what it knows: packages that change how exceptions are pickled have no part in it."""
    if fault is None:
        return None
    if not isinstance(fault, DocumentError):
        return (type(fault).__name__, str(fault))
    place = fault.location and (fault.location.line, fault.location.xpath, fault.location.term)
    findings = tuple(map(_flat_finding, getattr(fault, "findings", ())))
    names = getattr(fault, "attachments", ()) or getattr(fault, "candidates", ())
    return (type(fault).__name__, fault.message, fault.source, place, fault.mend, findings, names)


def _error(packed: Packed | None) -> EInvoiceError | None:
    if packed is None:
        return None
    kind, message, *known = packed
    if not known:
        made: EInvoiceError = getattr(errors, kind, CheckFailed)(message)
        return made
    source, place, mend, findings, names = known
    if kind in ("NoInvoice", "SeveralInvoices"):
        carried: DocumentError = getattr(errors, kind)(message, names, source=source, mend=mend)
        return carried
    fault: DocumentError = getattr(errors, kind, DocumentError)(message, source=source, location=place and Location(*place), mend=mend)
    if isinstance(fault, Unreadable):
        fault.findings = tuple(starmap(_finding, findings))
    return fault


def _report(packed: Packed | None) -> Report | None:
    if packed is None:
        return None
    source, syntax, profile, layers, inside = packed
    return Report(source, syntax, profile, tuple(starmap(_layer, layers)), inside)


def _layer(name: str, version: str, verdict: str, found: tuple[Packed, ...], required: bool, note: str | None) -> Layer:
    if not found:
        return _sound(name, version, verdict, required, note)
    return Layer(name, version, Verdict(verdict), tuple(starmap(_finding, found)), required, note)


def _finding(rule: str, severity: str, text: str, term: str | None, xpath: str | None, line: int | None, value: str | None) -> Finding:
    return Finding(rule, Severity(severity), text, term, xpath, line, value)


@lru_cache(maxsize=256)
def _sound(name: str, version: str, verdict: str, required: bool, note: str | None) -> Layer:
    """A layer without findings: most are, and all alike."""
    return Layer(name, version, Verdict(verdict), (), required, note)
