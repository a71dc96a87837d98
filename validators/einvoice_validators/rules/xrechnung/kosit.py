"""KoSIT's severities: how the validator configuration of XRechnung weighs findings otherwise than the rules themselves.

The configuration names scenarios by document type and specification; a document is accepted where no error is left. The tables
are those of the configuration for XRechnung 3.0.x of 2026-01-31, unchanged since in its repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from einvoice.formats.syntax import Syntax
from einvoice.report import Severity
from einvoice_schemas._unknown import unknown
from einvoice_validators.rules.xrechnung.specification import CVD, EXTENSION, STANDARD
from einvoice_validators.ruleset import FATAL, INFORMATION, WARNING, RuleSet

# Units and item identifiers, whose lists change faster than the rules; cardinalities that the CII rules only warn of; no sub lines.
_USUAL: Final = {
    "BR-CL-21": WARNING,
    "BR-CL-23": WARNING,
    "UBL-CR-646": FATAL,
    "CII-SR-452": FATAL,
    "CII-SR-453": FATAL,
    "CII-SR-454": FATAL,
}
# Schemes and file types that the rules of the Extension judge instead.
_EXTENDED: Final = _USUAL | dict.fromkeys(("BR-CL-10", "BR-CL-11", "BR-CL-21", "BR-CL-24", "BR-CL-25", "BR-CL-26"), INFORMATION)
# Payments by third parties and sub lines, which the Extension has in UBL alone.
_EXTENDED_UBL: Final = _EXTENDED | dict.fromkeys(("BR-CO-16", "UBL-CR-470", "UBL-CR-646"), INFORMATION)

KOSIT: Final[Mapping[str, Mapping[str, Severity]]] = MappingProxyType(
    {
        "standard": MappingProxyType(_USUAL),
        "extension-ubl": MappingProxyType(_EXTENDED_UBL),
        "extension-cii": MappingProxyType(_EXTENDED),
        "cvd": MappingProxyType(_USUAL | {"BR-CL-13": INFORMATION}),
    }
)


def kosit(ruleset: RuleSet, scenario: str) -> RuleSet:
    """The same rules with the severities of one of the scenarios above; ids that the set does not have are passed over.

    Raises KeyError where there is no such scenario.
    """
    if scenario not in KOSIT:
        raise unknown("scenario of KoSIT", scenario, KOSIT)
    return ruleset.weighing({name: severity for name, severity in KOSIT[scenario].items() if name in ruleset.ids})


def scenario(specification: str | None, syntax: Syntax) -> str | None:
    """The scenario of a document that names this specification (BT-24), None where the configuration has none for it."""
    found = {STANDARD: "standard", EXTENSION: f"extension-{syntax.value}", CVD: "cvd"}.get(specification or "")
    return found if found in KOSIT else None
