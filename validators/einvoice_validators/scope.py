"""Which layers a document is held against, and by which rule sets."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.errors import SettingsError
from einvoice.formats.detect import Detected
from einvoice.formats.syntax import Syntax
from einvoice.report import Layer
from einvoice_schemas.profiles import Profile
from einvoice_schemas.profiles import profile as named
from einvoice_validators.layers import HOMES

SEVERITIES = ("official", "kosit")
"""Whose severities findings can have: those of the rules, or of KoSIT's validator configuration for XRechnung."""


class Wanted(NamedTuple):
    """A layer above the structure; one that is not `required` is for information and decides nothing."""

    name: str
    required: bool = True


def profile(name: str | None) -> Profile | None:
    """The profile of that name, None where none is named.

    Raises SettingsError with the nearest names where there is none.
    """
    try:
        return named(name) if name else None
    except KeyError as fault:
        raise SettingsError(fault.args[0]) from None


def known(severities: str) -> None:
    """Raises SettingsError where no severities have the name."""
    if severities not in SEVERITIES:
        raise SettingsError(f"there are no severities {severities!r}; those of {' or '.join(SEVERITIES)} are known")


def scenario(severities: str, chosen: Profile | None, detected: Detected) -> str | None:
    """The scenario of KoSIT that weighs the findings; None where they keep the severities of their rules.

    A document of XRechnung that KoSIT has no scenario for is weighed as a standard one.
    Raises SettingsError where no severities have the name.
    """
    known(severities)
    if severities == "official" or chosen is None or "xrechnung" not in chosen.layers:
        return None
    from einvoice_validators.rules.xrechnung import kosit  # noqa: PLC0415 - only where KoSIT's severities are wanted

    return kosit.scenario(detected.specification, detected.document.syntax) or "standard"


def wanted(chosen: Profile | None) -> tuple[Wanted, ...]:
    """The layers of a profile. EN 16931 is asked of a document of an unknown specification too, and of one of another
    specification that we only know by name, there for information."""
    if chosen is None:
        return (Wanted("en16931"),)
    own = tuple(Wanted(name) for name in chosen.layers if name != "structure")
    foreign = not chosen.supported and "en16931" not in chosen.layers
    return (Wanted("en16931", required=False), *own) if foreign else own


def home(chosen: Profile | None, layer: str, syntax: Syntax) -> str | None:
    """The native rule set of a layer in that syntax; self-billing has rules of its own under the name of its layer."""
    if chosen is None or layer == "en16931":
        return layer
    if syntax not in chosen.syntaxes:
        return None
    special = chosen.name in HOMES and chosen.name.startswith(f"{layer}-")
    return chosen.name if special else layer if layer in HOMES else None


def unknown(detected: Detected) -> Layer:
    """What is said of a document whose specification is not known."""
    note = "the document names no specification (BT-24)"
    if detected.specification is not None:
        note = f"the specification {detected.specification[:200]!r} (BT-24) is not known here"
    return Layer.not_judged("specification", "", note)
