"""Official rules on the semantic model in UBL that no document with a valid structure can break, and why; they are not written."""

from __future__ import annotations

_TRUE = "the official test is always true"
_MANDATORY = "the schema makes the element mandatory"

NEVER: dict[str, str] = {
    "BR-03": "the schema wants an issue date, which is never empty",
    "BR-15": _MANDATORY,
    "BR-16": "the schema wants at least one line",
    "BR-31": _MANDATORY,
    "BR-36": _MANDATORY,
    "BR-41": _MANDATORY,
    "BR-43": _MANDATORY,
    "BR-46": _MANDATORY,
    "BR-49": _MANDATORY,
    "BR-CO-05": _TRUE,
    "BR-CO-06": _TRUE,
    "BR-CO-07": _TRUE,
    "BR-CO-08": _TRUE,
    "BR-DEC-13": "the official test looks for the currency of the document within the amount, where it never is",
    "BR-DEC-15": "the official test looks for the accounting currency within the amount, where it never is",
}
