"""Seller, buyer and delivery address (UBL)."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.xrechnung.parties import Parties, rules
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import normal

PATTERN = Pattern("xrechnung parties", Syntax.UBL)


def _either(path: str) -> str:
    return f"/ubl:Invoice/{path} | /cn:CreditNote/{path}"


SELLER = PATTERN.context(_either("cac:AccountingSupplierParty"), contact_named=there("cac:Party/cac:Contact"))
SELLER_ADDRESS = PATTERN.context(
    _either("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress"), city=text("cbc:CityName"), post_code=text("cbc:PostalZone")
)
SELLER_CONTACT = PATTERN.context(
    _either("cac:AccountingSupplierParty/cac:Party/cac:Contact"),
    point=text("cbc:Name"),
    telephone=text("cbc:Telephone"),
    email=text("cbc:ElectronicMail"),
)
BUYER_ADDRESS = PATTERN.context(
    _either("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress"), city=text("cbc:CityName"), post_code=text("cbc:PostalZone")
)
DELIVERY_ADDRESS = PATTERN.context(
    _either("cac:Delivery/cac:DeliveryLocation/cac:Address"), city=text("cbc:CityName"), post_code=text("cbc:PostalZone")
)

RULES = rules(Parties(SELLER_ADDRESS, SELLER_CONTACT, BUYER_ADDRESS, DELIVERY_ADDRESS))


@rule("BR-DE-2", SELLER, at="cac:Party")
def seller_has_a_contact(seller: Fact) -> object:
    """The seller names a contact (BG-6)."""
    return seller.contact_named


@rule("BR-DE-5", SELLER_CONTACT, at="point")
def contact_point_is_given(contact: Fact) -> object:
    """The seller's contact point is named (BT-41)."""
    return normal(contact.point)
