"""Validation: a document is held against every layer that its profile requires. What was not checked is never valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from einvoice.formats import guard, structure
from einvoice.formats.detect import Detected, detect_root
from einvoice.formats.syntax import Syntax
from einvoice.report import Layer, Report, Verdict
from einvoice_schemas.profiles import Profile
from einvoice_schemas.profiles import profile as named
from einvoice_validators.layers import HOMES, program

if TYPE_CHECKING:
    from einvoice.model import Invoice


def validate(
    document: bytes | Path | BinaryIO | Invoice,
    profile: str | None = None,
    *,
    official: bool = False,
    language: str = "en",  # noqa: ARG001 - the texts speak English alone so far
) -> Report:
    """What the layers of a profile say of a document; `profile` None means the one that the document names (BT-24).

    An invoice is written first, then its bytes are checked. `official` runs the official artefacts (extra `official`) instead of
    our own rules. `language` is of the texts: en, nl, de or fr.
    Raises what `guard.parse` raises, SettingsError where no profile has the name, and Unwritable.
    """
    chosen = _named(profile)
    return validate_parsed(guard.parse(document if _is_source(document) else _written(document, chosen)), profile, official=official)


def validate_parsed(parsed: guard.Parsed, profile: str | None = None, *, official: bool = False) -> Report:
    """The same for a document that has been parsed."""
    if official:
        from einvoice_validators.official import validate_official  # noqa: PLC0415 - an extra that most runs do without

        return validate_official(parsed, profile)
    chosen = _named(profile)
    detected = detect_root(parsed.root, wrapped=parsed.wrapped)
    own = chosen or (named(detected.profile) if detected.profile else None)
    text = structure.written(parsed.root)
    layers = [structure.layer(parsed.root, text)]
    if layers[0].verdict is Verdict.VALID:
        layers += _rules(parsed, text, own, detected)
    return Report(parsed.source, str(parsed.document), own.name if own else None, tuple(layers))


def _rules(parsed: guard.Parsed, text: str, profile: Profile | None, detected: Detected) -> list[Layer]:
    """The layers above the structure; without a known profile those of EN 16931, and one that says what is unknown."""
    syntax = parsed.document.syntax
    if profile is None:
        return [*program(("en16931",), syntax).run(parsed.root, text), Layer.not_judged("specification", "", _unknown(detected))]
    wanted = [name for name in profile.layers if name != "structure"]
    judged = {layer: home for layer in wanted if (home := _home(profile, layer, syntax)) is not None}
    made = dict(zip(judged, program(tuple(judged.values()), syntax).run(parsed.root, text), strict=True)) if judged else {}
    return [made.get(name) or Layer.not_judged(name, "", _absent(profile, syntax)) for name in wanted]


def _home(profile: Profile, layer: str, syntax: Syntax) -> str | None:
    """The rule set of a layer of a profile in that syntax; self-billing has rules of its own under the name of its layer."""
    if syntax not in profile.syntaxes and layer != "en16931":
        return None
    return profile.name if profile.name in HOMES and profile.name.startswith(f"{layer}-") else layer if layer in HOMES else None


def _absent(profile: Profile, syntax: Syntax) -> str:
    if syntax not in profile.syntaxes:
        return f"{profile.title} is not written in {syntax.upper()}"
    return "there are no native rules for it; the official artefacts may judge it (--official)"


def _unknown(detected: Detected) -> str:
    if detected.specification is None:
        return "the document names no specification (BT-24)"
    return f"the specification {detected.specification[:200]!r} (BT-24) is not known here"


def _named(profile: str | None) -> Profile | None:
    from einvoice.errors import SettingsError  # noqa: PLC0415 - only where a profile is named

    try:
        return named(profile) if profile else None
    except KeyError as fault:
        raise SettingsError(fault.args[0]) from None


def _is_source(document: object) -> TypeGuard[bytes | Path | BinaryIO]:
    """Whether it is a document already; the model is not imported to find out."""
    return not hasattr(document, "model_dump")


def _written(invoice: Any, profile: Profile | None) -> bytes:
    from einvoice.formats.writer import write  # noqa: PLC0415 - a document that is bytes already needs no model

    return write(invoice, Syntax(profile.syntaxes[0]) if profile else Syntax.UBL, profile=profile.name if profile else None)
