"""Seller, buyer and delivery address (CII)."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.xrechnung.forms import is_email, is_telephone
from einvoice_validators.ruleset import WARNING, Pattern, rule
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


@rule("BR-DE-2", SELLER)
def seller_has_a_contact(seller: Fact) -> object:
    """The seller names a contact (BG-6)."""
    return seller.contact_named


@rule("BR-DE-3", SELLER_ADDRESS, at="city")
def seller_city_is_given(address: Fact) -> object:
    """The seller's city is given (BT-37)."""
    return normal(address.city)


@rule("BR-DE-4", SELLER_ADDRESS, at="post_code")
def seller_post_code_is_given(address: Fact) -> object:
    """The seller's post code is given (BT-38)."""
    return normal(address.post_code)


@rule("BR-DE-5", SELLER_CONTACT, at="point")
def contact_point_is_given(contact: Fact) -> object:
    """The seller's contact point, a person or a department, is named (BT-41)."""
    return normal(contact.point) or normal(contact.department)


@rule("BR-DE-6", SELLER_CONTACT, at="telephone")
def contact_telephone_is_given(contact: Fact) -> object:
    """The telephone number of the seller's contact is given (BT-42)."""
    return normal(contact.telephone)


@rule("BR-DE-7", SELLER_CONTACT, at="email")
def contact_email_is_given(contact: Fact) -> object:
    """The e-mail address of the seller's contact is given (BT-43)."""
    return normal(contact.email)


@rule("BR-DE-27", SELLER_CONTACT, at="telephone", severity=WARNING)
def contact_telephone_has_digits(contact: Fact) -> object:
    """The telephone number of the seller's contact (BT-42) has three digits at least."""
    return is_telephone(contact.telephone)


@rule("BR-DE-28", SELLER_CONTACT, at="email", severity=WARNING)
def contact_email_is_an_address(contact: Fact) -> object:
    """The e-mail address of the seller's contact (BT-43) has one @, and a name with a dot behind it."""
    return is_email(contact.email)


@rule("BR-DE-8", BUYER_ADDRESS, at="city")
def buyer_city_is_given(address: Fact) -> object:
    """The buyer's city is given (BT-52)."""
    return normal(address.city)


@rule("BR-DE-9", BUYER_ADDRESS, at="post_code")
def buyer_post_code_is_given(address: Fact) -> object:
    """The buyer's post code is given (BT-53)."""
    return normal(address.post_code)


@rule("BR-DE-10", DELIVERY_ADDRESS, at="city")
def delivery_city_is_given(address: Fact) -> object:
    """The city of the delivery address is given (BT-77)."""
    return normal(address.city)


@rule("BR-DE-11", DELIVERY_ADDRESS, at="post_code")
def delivery_post_code_is_given(address: Fact) -> object:
    """The post code of the delivery address is given (BT-78)."""
    return normal(address.post_code)
