"""Validation by the official artefacts themselves: the XML Schema, then the compiled Schematron of each layer that a profile requires.

The layers have the names that the native rules have, the version of the artefact that judged, and its texts. A layer whose artefact
is not here is not judged. `comparison` says where the native rules and the official ones disagree.
"""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.formats.detect import Detected, detect_root
from einvoice.formats.guard import Parsed
from einvoice.report import Finding, Layer, Report, Verdict
from einvoice_schemas.artefacts import judging
from einvoice_schemas.profiles import Profile
from einvoice_validators import schematron, scope, xsd
from einvoice_validators.schematron import Subject


def validate_official(parsed: Parsed, profile: str | None = None, *, severities: str = "official") -> Report:
    """What the official artefacts say of a document that the guard parsed; `profile` None means the one that it names (BT-24).

    `severities` "kosit" weighs the findings of XRechnung as KoSIT's validator configuration does.
    Raises SettingsError where no profile or severities have the name.
    """
    detected = detect_root(parsed.root, wrapped=parsed.wrapped)
    own = scope.profile(profile or detected.profile)
    weighed = scope.scenario(severities, own, detected)
    layers = [xsd.layer(parsed.root, own.name if own else None)]
    if layers[0].verdict is not Verdict.INVALID:
        layers += _rules(own, detected, Subject(parsed.root))
    if weighed is not None:
        layers = [_weighed(layer, weighed) for layer in layers]
    return Report(parsed.source, str(parsed.document), own.name if own else None, tuple(layers), parsed.inside)


def _rules(own: Profile | None, detected: Detected, subject: Subject) -> Iterator[Layer]:
    """The layers above the structure; without a known profile one more that says what is unknown."""
    for name, required in scope.wanted(own):
        layer = _judged(name, own, detected, subject)
        yield layer if required else layer._replace(required=False)
    if own is None:
        yield scope.unknown(detected)


def _judged(name: str, own: Profile | None, detected: Detected, subject: Subject) -> Layer:
    artefact = judging(name, detected.document, own.name if own else None)
    if artefact is None:
        return Layer.not_judged(name, "", f"no official artefact is known that judges {name} in {detected.document}")
    return schematron.layer(name, subject, artefact)


def _weighed(layer: Layer, scenario: str) -> Layer:
    """The same layer with the severities of a scenario of KoSIT; one that was not judged stays so."""
    from einvoice_validators.rules.xrechnung.kosit import KOSIT  # noqa: PLC0415 - only where KoSIT's severities are wanted

    if layer.verdict is Verdict.NOT_JUDGED or not layer.findings:
        return layer
    weights = KOSIT[scenario]
    found = tuple(
        Finding(each.rule, weights.get(each.rule, each.severity), each.text, each.term, each.xpath, each.line, each.value)
        for each in layer.findings
    )
    judged = Layer.judged(layer.name, layer.version, found)
    return Layer(layer.name, layer.version, judged.verdict, found, layer.required, layer.note)
