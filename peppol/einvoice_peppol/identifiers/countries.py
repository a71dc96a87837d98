"""Countries as the network names them."""

from __future__ import annotations

from einvoice_schemas.codelists import codes

_MORE, _GONE = {"1A", "EL", "XK"}, {"AN"}
"""Codes besides ISO 3166-1 (Kosovo and Greece), and one that is no longer in it (the Netherlands Antilles)."""


def is_country(code: str) -> bool:
    """Whether a code is a country by ISO 3166-1 alpha-2, `EL`, `XK` or `1A` (TSR 1.0, code list of countries)."""
    return code in _MORE or (code in codes("iso-3166-1") and code not in _GONE)
