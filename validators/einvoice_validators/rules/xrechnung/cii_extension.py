"""The Extension of XRechnung (CII): more schemes and file types, sub lines."""

from __future__ import annotations

from collections.abc import Callable, Set

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, texts, there
from einvoice_validators.rules.xrechnung.specification import EXTENSION_ADDRESS_SCHEMES, EXTENSION_MIME, EXTENSION_SCHEMES, is_extension
from einvoice_validators.ruleset import WARNING, Context, Pattern, Rule, rule
from einvoice_validators.xpath import exists, normal

PATTERN = Pattern("xrechnung extension", Syntax.CII)


def _schemed(path: str, *outside: str) -> Context:
    """An identifier with a scheme, not within certain elements."""
    return PATTERN.context(path, when=is_extension, where=_where(outside), scheme=text("@schemeID"))


def _where(outside: tuple[str, ...]) -> Callable[[Fact], bool]:
    return lambda identifier: exists(identifier.scheme) and not any(name in identifier.path for name in outside)


LINE_DOCUMENT = PATTERN.context(
    "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem/ram:AssociatedDocumentLineDocument",
    when=is_extension,
)
PARTY_ID = _schemed("ram:GlobalID", "ram:SpecifiedTradeProduct", "ram:ShipToTradeParty")
COMPANY_ID = _schemed("ram:ID", "ram:SpecifiedTaxRegistration")
ITEM_ID = _schemed("ram:SpecifiedTradeProduct/ram:GlobalID")
ENDPOINT = _schemed("ram:URIUniversalCommunication/ram:URIID")
LOCATION_ID = _schemed("ram:ApplicableHeaderTradeDelivery/ram:ShipToTradeParty/ram:GlobalID")
ATTACHMENT = PATTERN.context("ram:AttachmentBinaryObject", when=is_extension, mime_code=text("@mimeCode"))
ROOT = PATTERN.context(
    "/rsm:CrossIndustryInvoice",
    specifications=texts("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
    some_parent_line_named=there(".//ram:ParentLineID"),
)


@rule("BR-DEX-15", LINE_DOCUMENT, severity=WARNING)
def no_sub_lines_in_cii(line: Fact) -> object:
    """Sub lines (BG-DEX-01) are not used in CII."""
    return not line.document.some_parent_line_named


@rule("BR-DEX-01", ATTACHMENT, at="mime_code")
def attachment_type_is_allowed(attachment: Fact) -> object:
    """The type of an attached document (BT-125-1) is one that the Extension allows."""
    return attachment.mime_code in EXTENSION_MIME()


def _scheme_rule(name: str, context: Context, allowed: Callable[[], Set[str]], said: str) -> Rule:
    return Rule(name, (context,), lambda identifier: normal(identifier.scheme) in allowed(), said, at="scheme")


SCHEME_RULES = (
    _scheme_rule(
        "BR-DEX-04", PARTY_ID, EXTENSION_SCHEMES, "The scheme of a party's identifier (BT-29, BT-46, BT-60) is of ISO 6523 or XR01 to XR03."
    ),
    _scheme_rule(
        "BR-DEX-05", COMPANY_ID, EXTENSION_SCHEMES, "The scheme of a registration (BT-30, BT-47, BT-61) is of ISO 6523 or XR01 to XR03."
    ),
    _scheme_rule(
        "BR-DEX-06", ITEM_ID, EXTENSION_SCHEMES, "The scheme of a standard item identifier (BT-157) is of ISO 6523 or XR01 to XR03."
    ),
    _scheme_rule(
        "BR-DEX-07",
        ENDPOINT,
        EXTENSION_ADDRESS_SCHEMES,
        "The scheme of an electronic address (BT-34, BT-49) is of the EAS list or XR01 to XR03.",
    ),
    _scheme_rule("BR-DEX-08", LOCATION_ID, EXTENSION_SCHEMES, "The scheme of a delivery location (BT-71) is of ISO 6523 or XR01 to XR03."),
)
