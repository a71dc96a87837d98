"""Where each rule is explained: its own page where its publisher has one, else the page of its specification."""

from __future__ import annotations

import re
from urllib.parse import quote

from einvoice_schemas.profiles import profile as profile_of

BILLING = "https://docs.peppol.eu/poacc/billing/3.0/"
"""Peppol BIS Billing 3.0, which has a page for each rule of EN 16931 in UBL, and for each of its own."""
_ADDRESS = re.compile(r"https?://\S+").search


def page(rule: str, layer: str, profile: str) -> str | None:
    """The address of the page about a rule that a layer found under a profile; None where nobody publishes one."""
    if layer == "ledger":
        return None
    if layer == "en16931" and rule.startswith(("BR-", "UBL-")):
        return f"{BILLING}rules/ubl-tc434/{quote(rule)}/"
    if layer == "peppol" and rule.startswith("PEPPOL-") and profile == "peppol":
        return f"{BILLING}rules/ubl-peppol/{quote(rule)}/"
    if layer == "structure" and profile == "peppol":
        return f"{BILLING}syntax/ubl-invoice/tree/"
    try:
        source = profile_of(profile).source
    except KeyError:
        return None
    found = _ADDRESS(source)
    return found[0] if found else None
