"""Official rules of the CII model pattern that no structurally valid document can break, and why."""

from __future__ import annotations

_TRUE = "the official test is true() and holds for everything"
_NO_RATE = "the official test looks for the rate one element too high, finds none and so compares nothing"

NEVER: dict[str, str] = {
    "BR-CO-05": _TRUE,
    "BR-CO-06": _TRUE,
    "BR-CO-07": _TRUE,
    "BR-CO-08": _TRUE,
    "BR-AF-08": _NO_RATE,
    "BR-AF-09": _TRUE,
    "BR-AG-08": _NO_RATE,
    "BR-AG-09": _TRUE,
}
