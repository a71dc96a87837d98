"""Validation: a document is held against every layer that its profile requires. What was not checked is never valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from einvoice.formats import guard, structure
from einvoice.formats.detect import Detected, detect_root
from einvoice.report import Layer, Report, Verdict
from einvoice_schemas.profiles import Profile
from einvoice_schemas.profiles import profile as named

if TYPE_CHECKING:
    from einvoice.model import Invoice

ABSENT = "no rule set is installed for it yet"


def validate(document: bytes | Path | BinaryIO | Invoice, profile: str | None = None, *, language: str = "en") -> Report:  # noqa: ARG001 - the rules, which are still to come, speak in it
    """What the layers of a profile say of a document; `profile` None means the one that the document names (BT-24).

    An invoice is written first, then its bytes are checked. `language` is of the texts: en, nl, de or fr.
    Raises what `guard.parse` raises, SettingsError where no profile has the name, and Unwritable.
    """
    chosen = _named(profile)
    return validate_parsed(guard.parse(document if _is_source(document) else _written(document, chosen)), profile)


def validate_parsed(parsed: guard.Parsed, profile: str | None = None) -> Report:
    """The same for a document that has been parsed."""
    chosen = _named(profile)
    detected = detect_root(parsed.root, wrapped=parsed.wrapped)
    own = chosen or (named(detected.profile) if detected.profile else None)
    layers = [structure.layer(parsed.root)]
    if layers[0].verdict is Verdict.VALID:
        layers += _rules(own, detected)
    return Report(parsed.source, str(parsed.document), own.name if own else None, tuple(layers))


def _rules(profile: Profile | None, detected: Detected) -> list[Layer]:
    """The layers above the structure; without a known profile those of EN 16931, and one that says what is unknown."""
    if profile is None:
        return [Layer.not_judged("en16931", "", ABSENT), Layer.not_judged("specification", "", _unknown(detected))]
    return [Layer.not_judged(name, "", ABSENT) for name in profile.layers if name != "structure"]


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
    from einvoice.formats.syntax import Syntax  # noqa: PLC0415 - a document that is bytes already needs no model
    from einvoice.formats.writer import write  # noqa: PLC0415

    return write(invoice, Syntax(profile.syntaxes[0]) if profile else Syntax.UBL, profile=profile.name if profile else None)
