"""Seller, buyer and delivery address (CII)."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.xrechnung.parties import Parties, rules
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import normal

PATTERN = Pattern("xrechnung parties", Syntax.CII)

_HEADER = "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction"
_SELLER = f"{_HEADER}/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty"
_BUYER = f"{_HEADER}/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty"
_SHIP_TO = f"{_HEADER}/ram:ApplicableHeaderTradeDelivery/ram:ShipToTradeParty"

SELLER = PATTERN.context(_SELLER, contact_named=there("ram:DefinedTradeContact"))
SELLER_ADDRESS = PATTERN.context(f"{_SELLER}/ram:PostalTradeAddress", city=text("ram:CityName"), post_code=text("ram:PostcodeCode"))
SELLER_CONTACT = PATTERN.context(
    f"{_SELLER}/ram:DefinedTradeContact",
    point=text("ram:PersonName"),
    department=text("ram:DepartmentName"),
    telephone=text("ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
    email=text("ram:EmailURIUniversalCommunication/ram:URIID"),
)
BUYER_ADDRESS = PATTERN.context(f"{_BUYER}/ram:PostalTradeAddress", city=text("ram:CityName"), post_code=text("ram:PostcodeCode"))
DELIVERY_ADDRESS = PATTERN.context(f"{_SHIP_TO}/ram:PostalTradeAddress", city=text("ram:CityName"), post_code=text("ram:PostcodeCode"))

RULES = rules(Parties(SELLER_ADDRESS, SELLER_CONTACT, BUYER_ADDRESS, DELIVERY_ADDRESS))


@rule("BR-DE-2", SELLER)
def seller_has_a_contact(seller: Fact) -> object:
    """The seller names a contact (BG-6)."""
    return seller.contact_named


@rule("BR-DE-5", SELLER_CONTACT, at="point")
def contact_point_is_given(contact: Fact) -> object:
    """The seller's contact point, a person or a department, is named (BT-41)."""
    return normal(contact.point) or normal(contact.department)
