"""What an ERP's tax rule is in EN 16931: category, rate, and why nothing is charged.

The codes are UNTDID 5305 as EN 16931-1 restricts it and the CEF list VATEX. A rate above zero is standard where the ERP says nothing
else; a rate of zero has no category by itself, since zero rated, exempt and reverse charge look alike: the ERP must say which.
"""

from __future__ import annotations

from decimal import Decimal

from einvoice_plugins.records import Tax, Treatment

REASONS = {
    Treatment.REVERSE_CHARGE: ("VATEX-EU-AE", "Reverse charge"),
    Treatment.INTRA_COMMUNITY: ("VATEX-EU-IC", "Intra-Community supply"),
    Treatment.EXPORT: ("VATEX-EU-G", "Export outside the EU"),
    Treatment.OUT_OF_SCOPE: ("VATEX-EU-O", "Not subject to VAT"),
}
"""Where the category itself says why: its VATEX code and its words."""
CHARGED = frozenset({Treatment.STANDARD, Treatment.CANARY_ISLANDS, Treatment.CEUTA_MELILLA})
"""Where a rate above zero may stand."""


def treatment(tax: Tax) -> Treatment | None:
    """How a tax treats a supply; None where it cannot be told."""
    return tax.treatment or (Treatment.STANDARD if tax.rate > 0 else None)


def category(tax: Tax) -> str | None:
    """The VAT category code (BT-118, BT-151)."""
    found = treatment(tax)
    return None if found is None else found.value


def rate(tax: Tax) -> Decimal | None:
    """The VAT rate in percent (BT-119, BT-152); none where VAT does not apply at all."""
    return None if treatment(tax) is Treatment.OUT_OF_SCOPE else tax.rate


def exemption(tax: Tax) -> str | None:
    """The VATEX code (BT-121): the ERP's, or the one that the category has by itself."""
    if tax.exemption:
        return tax.exemption
    found = REASONS.get(treatment(tax) or Treatment.STANDARD)
    return found[0] if found else None


def notice(tax: Tax) -> str | None:
    """Why nothing is charged, in words (BT-120): the ERP's, or those of the category; none where something is charged."""
    found = treatment(tax)
    if found is None or found in CHARGED or found is Treatment.ZERO:
        return None
    return tax.notice or (REASONS[found][1] if found in REASONS else None)
