"""Which documents the Dutch rules speak to: those that say they follow NLCIUS, most rules only where the seller is in the Netherlands."""

from __future__ import annotations

from einvoice_validators.facts import Fact, derived
from einvoice_validators.xpath import normal

NLCIUS = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
GACCOUNT_PART = "#conformant#urn:fdc:nen.nl:gaccount:v1.0"
NLCIUS_PART = NLCIUS.removeprefix("urn:cen.eu:en16931:2017")
IN_CII = frozenset({NLCIUS, NLCIUS + GACCOUNT_PART})


@derived
def ubl_follows_nlcius(document: Fact) -> bool:
    """Whether the specification (BT-24) has NLCIUS or its extension for blocked accounts in it."""
    specification = normal(document.customization_id)
    return NLCIUS_PART in specification or GACCOUNT_PART in specification


@derived
def ubl_seller_is_dutch(document: Fact) -> bool:
    """Whether it follows NLCIUS and the seller's country (BT-40) is the Netherlands."""
    return ubl_follows_nlcius(document) and normal(document.seller_country).upper() == "NL"


@derived
def cii_follows_nlcius(document: Fact) -> bool:
    """Whether the specification (BT-24) is NLCIUS, or NLCIUS with its extension for blocked accounts."""
    return normal(document.guideline_id) in IN_CII


@derived
def cii_seller_is_dutch(document: Fact) -> bool:
    """Whether it follows NLCIUS and the seller's country (BT-40) is the Netherlands."""
    return cii_follows_nlcius(document) and normal(document.seller_country).upper() == "NL"


def has_dutch_scheme(*schemes: str) -> bool:
    """Whether a scheme identifier is that of the chamber of commerce (KVK, 0106) or of public bodies (OIN, 0190)."""
    listed = f" {' '.join(schemes)} "
    return " 0106 " in listed or " 0190 " in listed


def unwanted(*_: object) -> bool:
    """The test of what had better not be there at all."""
    return False
