"""The ids of NLCIUS that can never fire, those of CEN within it and its own, each with the reason: they are not to be mended."""

from __future__ import annotations

from einvoice_validators.rules.en16931 import never as cen

_OF_LINES = {
    "BR-NL-32-2": "the context for reason codes of any allowance or charge comes first, so that BR-NL-32-1 speaks for lines too",
    "BR-NL-32-3": "the context for reason codes of any allowance or charge comes first, so that BR-NL-32-1 speaks for lines too",
}
NEVER_UBL: dict[str, str] = {
    **cen.UBL,
    **_OF_LINES,
    "REPORT:ubl:Invoice or cn:CreditNote": "a document of another kind is refused before rules are asked",
}
NEVER_CII: dict[str, str] = {
    **cen.CII,
    "BR-NL-9": "its context is the same as that of BR-NL-7, which comes first",
    "BR-NL-31": "its context is the same as that of BR-NL-12, which comes first",
}
NEVER_GACCOUNT: dict[str, str] = {**cen.UBL, **_OF_LINES}
