"""Rules of the syntax and code patterns that no valid document can break, each with the reason; they are not written."""

from __future__ import annotations

_NO_SUCH = "the schema knows no such element there"
_ONCE = "the schema allows it once"
_HIDDEN = "the pattern looks at every type code for other attributes first, so these tests are never reached"
_NO_ATTRIBUTE = "the root element has no attributes in the schema"

NEVER_UBL: dict[str, str] = {
    "UBL-CR-629": _NO_SUCH,
    "UBL-CR-630": _NO_SUCH,
    "UBL-CR-651": _NO_SUCH,
    "UBL-SR-06": _ONCE,
    "UBL-SR-27": _ONCE,
    "UBL-SR-28": _ONCE,
}

NEVER_CII: dict[str, str] = {
    "CII-SR-036": _NO_SUCH,
    "CII-SR-037": _NO_SUCH,
    "CII-SR-038": _NO_SUCH,
    "CII-SR-438": _NO_SUCH,
    "CII-SR-471": _NO_SUCH,
    "CII-DT-010": _HIDDEN,
    "CII-DT-011": _HIDDEN,
    "CII-DT-012": _HIDDEN,
    "CII-DT-013": _NO_ATTRIBUTE,
    "CII-DT-014": _NO_ATTRIBUTE,
}
