"""Rules of NLCIUS that can never fire, with the reason; those of CEN within it are listed with CEN's."""

from __future__ import annotations

_SHADOWED = "rules for reason codes of any allowance or charge come first"

NEVER_UBL: dict[str, str] = {
    "REPORT:ubl:Invoice or cn:CreditNote": "a document of another kind is refused before rules are asked",
    "BR-NL-32-2": _SHADOWED,
    "BR-NL-32-3": _SHADOWED,
}
NEVER_CII: dict[str, str] = {
    "BR-NL-9": "the rule for the same element that BR-NL-7 belongs to comes first",
    "BR-NL-31": "the rule for the same element that BR-NL-12 belongs to comes first",
}
NEVER_GACCOUNT: dict[str, str] = {
    "BR-NL-32-2": _SHADOWED,
    "BR-NL-32-3": _SHADOWED,
}
