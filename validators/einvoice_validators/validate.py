"""Validation: a document is held against every layer that its profile requires. What was not checked is never valid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from einvoice.errors import SettingsError
from einvoice.formats import guard, structure
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
    `language` is of the texts: en, nl, de or fr.
    Raises what `guard.parse` raises, SettingsError where no profile or severities have the name, and Unwritable.
    """
    chosen = scope.profile(profile)
    data = document if _is_source(document) else _written(document, chosen)
    return validate_parsed(guard.parse(data), profile, official=official, severities=severities)


def validate_parsed(parsed: guard.Parsed, profile: str | None = None, *, official: bool = False, severities: str = "official") -> Report:
    """The same for a document that has been parsed."""
    if severities not in scope.SEVERITIES:
        raise SettingsError(f"there are no severities {severities!r}; those of {' or '.join(scope.SEVERITIES)} are known")
    if official:
        from einvoice_validators.official import validate_official  # noqa: PLC0415 - an extra that most runs do without

        return validate_official(parsed, profile)
    detected = detect_root(parsed.root, wrapped=parsed.wrapped)
    own = scope.profile(profile or detected.profile)
    text = structure.written(parsed.root)
    layers = [structure.layer(parsed.root, text)]
    if layers[0].verdict is Verdict.VALID:
        layers += _rules(parsed, text, own, detected, severities)
    return Report(parsed.source, str(parsed.document), own.name if own else None, tuple(layers))


def _rules(parsed: guard.Parsed, text: str, own: Profile | None, detected: Detected, severities: str) -> list[Layer]:
    """The layers above the structure; without a known profile one more that says what is unknown."""
    syntax = parsed.document.syntax
    wanted = scope.wanted(own)
    homes = {layer.name: home for layer in wanted if (home := scope.home(own, layer.name, syntax)) is not None}
    weighed = _scenario(detected, syntax) if severities == "kosit" and "xrechnung" in homes else None
    judged = dict(zip(homes, program(tuple(homes.values()), syntax, weighed).run(parsed.root, text), strict=True)) if homes else {}
    made = [judged.get(name) or Layer.not_judged(name, "", _absent(own, syntax)) for name, _ in wanted]
    layers = [layer if each.required else replace(layer, required=False) for layer, each in zip(made, wanted, strict=True)]
    return [*layers, scope.unknown(detected)] if own is None else layers


def _scenario(detected: Detected, syntax: Syntax) -> str:
    from einvoice_validators.rules.xrechnung.kosit import scenario  # noqa: PLC0415 - only where KoSIT's severities are wanted

    return scenario(detected.specification, syntax) or "standard"


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
