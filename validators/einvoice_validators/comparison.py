"""The native rules beside the official artefacts: both reports on a document, and what tells them apart."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.formats.guard import Parsed
from einvoice.report import Layer, Report, Severity, Verdict
from einvoice_validators import schematron
from einvoice_validators.official import validate_official
from einvoice_validators.validate import validate_parsed


def check_both(parsed: Parsed, profile: str | None = None, *, severities: str = "official") -> tuple[Report, Report, list[str]]:
    """The native report, the official one, and their differences, each a line.

    Raises SettingsError where no profile or severities have the name.
    """
    native = validate_parsed(parsed, profile, severities=severities)
    official = validate_official(parsed, profile, severities=severities)
    return native, official, differences(native, official)


def differences(native: Report, official: Report) -> list[str]:
    """Where two reports on a document disagree, by layer: verdicts, and the rules that only one of them calls broken.

    The structure's findings have no ids in common, so only its verdict is compared. A layer that the official artefacts did not judge
    is compared where they aborted: then the native rules must not call it valid.
    """
    theirs = {layer.name: layer for layer in official.layers}
    own = {layer.name for layer in native.layers}
    lines = [line for layer in native.layers for line in _compared(layer, theirs.get(layer.name))]
    return lines + [f"{name}: only the official artefacts judge this layer" for name in theirs if name not in own]


def _compared(native: Layer, official: Layer | None) -> Iterator[str]:
    if official is None:
        yield f"{native.name}: only the native rules judge this layer"
    elif official.verdict is Verdict.NOT_JUDGED:
        aborted = (official.note or "").startswith(schematron.ABORTED)
        if native.verdict is Verdict.VALID or not (aborted or native.verdict is Verdict.NOT_JUDGED):
            yield f"{native.name}: {native.verdict} by the native rules, not judged by the official ones: {official.note}"
    else:
        if native.verdict is not official.verdict:
            verdicts = f"{native.verdict} by the native rules, {official.verdict} by the official ones"
            yield f"{native.name}: {verdicts}{_versions(native, official)}"
        if native.name != "structure":
            yield from _only(native, official)


def _versions(native: Layer, official: Layer) -> str:
    same = native.version == official.version
    return "" if same else f" (versions {native.version or 'unknown'} and {official.version or 'unknown'})"


def _only(native: Layer, official: Layer) -> Iterator[str]:
    """The rules that one of them alone calls broken."""
    ours, theirs = _broken(native), _broken(official)
    for found, whose in ((ours - theirs, "native"), (theirs - ours, "official")):
        for rule, severity in sorted(found):
            yield f"{native.name}: only the {whose} rules find {rule} ({severity})"


def _broken(layer: Layer) -> set[tuple[str, Severity]]:
    return {(finding.rule, finding.severity) for finding in layer.findings}
