"""Validation: a document is held against every layer that its profile requires. What was not checked is never valid."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from einvoice.formats import guard
from einvoice.formats.detect import Detected, detect_root
from einvoice.formats.syntax import Syntax
from einvoice.report import Layer, Report, Verdict
from einvoice_schemas.profiles import Profile
from einvoice_validators import scope
from einvoice_validators.layers import program

if TYPE_CHECKING:
    from einvoice.model import Invoice


def validate(
    document: bytes | Path | BinaryIO | Invoice,
    profile: str | None = None,
    *,
    official: bool = False,
    severities: str = "official",
    language: str = "en",  # noqa: ARG001 - the texts speak English alone so far
) -> Report:
    """What the layers of a profile say of a document; `profile` None means the one that the document names (BT-24).

    An invoice is written first, then its bytes are checked. `official` runs the official artefacts (extra `official`) instead of
    our own rules. `severities` "kosit" weighs the findings of XRechnung as KoSIT's validator configuration does.
    `language` is of the texts: en, nl, de or fr. Of a PDF (extra `pdf`) the container is checked, and the XML that it carries.
    Raises what `guard.parse` raises, PDFError, SettingsError where no profile or severities have the name, and Unwritable.
    """
    chosen = scope.profile(profile)
    data = document if _is_source(document) else _written(document, chosen)
    parsed, container = opened(data)
    return within(container, validate_parsed(parsed, profile, official=official, severities=severities))


def opened(
    source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None
) -> tuple[guard.Parsed, tuple[Layer, ...]]:
    """A document parsed, and the layer of the PDF that it came in, where it came in one.

    Raises what `guard.parse` raises, and PDFError.
    """
    layers: list[Layer] = []

    def take_out(data: bytes, named: str | None, limit: int) -> tuple[bytes, str]:
        from einvoice.pdf.container import examine  # noqa: PLC0415 - an extra that XML does without

        found = examine(data, name=named, max_size=limit)
        layers.append(found.layer)
        return found.xml, found.hybrid.filename

    return guard.parse(source, name=name, max_size=max_size, take_out=take_out), tuple(layers)


def within(container: tuple[Layer, ...], report: Report) -> Report:
    """The report on a document with what was found in the PDF around it."""
    return report._replace(layers=container + report.layers) if container else report


def validate_parsed(parsed: guard.Parsed, profile: str | None = None, *, official: bool = False, severities: str = "official") -> Report:
    """The same for a document that has been parsed."""
    if official:
        from einvoice_validators.official import validate_official  # noqa: PLC0415 - an extra that most runs do without

        return validate_official(parsed, profile, severities=severities)
    detected = detect_root(parsed.root, wrapped=parsed.wrapped)
    own = scope.profile(profile or detected.profile)
    weighed = scope.scenario(severities, own, detected)
    layers = _layers(parsed, own, detected, weighed)
    return Report(parsed.source, str(parsed.document), own.name if own else None, layers, parsed.inside)


def _layers(parsed: guard.Parsed, own: Profile | None, detected: Detected, weighed: str | None) -> tuple[Layer, ...]:
    """The structure, and the layers above it where it is valid; without a known profile one more that says what is unknown."""
    syntax = parsed.document.syntax
    wanted, layers_judged, homes = _asked(own, syntax)
    first, found = program(homes, syntax, weighed).check(parsed.root)
    if first.verdict is not Verdict.VALID:
        return (first,)
    judged = dict(zip(layers_judged, found, strict=True))
    made = [judged.get(name) or Layer.not_judged(name, "", _absent(own, syntax)) for name, _ in wanted]
    layers = [layer if each.required else layer._replace(required=False) for layer, each in zip(made, wanted, strict=True)]
    return (first, *layers, scope.unknown(detected)) if own is None else (first, *layers)


@cache
def _asked(own: Profile | None, syntax: Syntax) -> tuple[tuple[scope.Wanted, ...], tuple[str, ...], tuple[str, ...]]:
    """The layers of a profile, those that have native rules, and the homes of these."""
    wanted = scope.wanted(own)
    homes = {layer.name: home for layer in wanted if (home := scope.home(own, layer.name, syntax)) is not None}
    return wanted, tuple(homes), tuple(homes.values())


def _absent(own: Profile | None, syntax: Syntax) -> str:
    if own is not None and syntax not in own.syntaxes:
        return f"{own.title} is not written in {syntax.upper()}"
    return "there are no native rules for it; the official artefacts may judge it (--official)"


def _is_source(document: object) -> TypeGuard[bytes | Path | BinaryIO]:
    """Whether it is a document already; the model is not imported to find out."""
    return not hasattr(document, "model_dump")


def _written(invoice: Any, profile: Profile | None) -> bytes:
    from einvoice.formats.writer import write  # noqa: PLC0415 - a document that is bytes already needs no model

    return write(invoice, Syntax(profile.syntaxes[0]) if profile else Syntax.UBL, profile=profile.name if profile else None)
