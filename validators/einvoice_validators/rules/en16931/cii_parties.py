"""Rules of seller, buyer, payee, tax representative and the place of delivery."""

from __future__ import annotations

from functools import partial

from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_model import DELIVERED, DOCUMENT, PAYEE, REPRESENTATIVE_PARTY, SELLER_PARTY, VAT_IDENTIFIER
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import MISSING, exists, normal, one

_vat_prefixes = partial(code_set, "iso-3166-1", "cen-cii-vat-prefix")


@rule("BR-06", DOCUMENT, at="seller_name")
def seller_has_a_name(document: Fact) -> object:
    """The seller has a name (BT-27)."""
    return normal(document.seller_name) != ""


@rule("BR-07", DOCUMENT, at="buyer_name")
def buyer_has_a_name(document: Fact) -> object:
    """The buyer has a name (BT-44)."""
    return normal(document.buyer_name) != ""


@rule("BR-08", DOCUMENT, at="seller_address")
def seller_has_an_address(document: Fact) -> object:
    """The seller has a postal address (BG-5)."""
    return document.seller_address


@rule("BR-09", DOCUMENT, at="seller_country_code")
def seller_address_has_a_country(document: Fact) -> object:
    """The seller's address names the country (BT-40)."""
    return normal(document.seller_country_code) != ""


@rule("BR-10", DOCUMENT, at="buyer_address")
def buyer_has_an_address(document: Fact) -> object:
    """The buyer has a postal address (BG-8)."""
    return document.buyer_address


@rule("BR-11", DOCUMENT, at="buyer_country_code")
def buyer_address_has_a_country(document: Fact) -> object:
    """The buyer's address names the country (BT-55)."""
    return normal(document.buyer_country_code) != ""


@rule("BR-62", DOCUMENT, at="seller_electronic_addresses")
def seller_electronic_address_has_a_scheme(document: Fact) -> object:
    """The seller's electronic address (BT-34) has a scheme identifier."""
    return not document.seller_electronic_addresses or normal(document.seller_electronic_addresses[0].scheme) != ""


@rule("BR-63", DOCUMENT, at="buyer_electronic_addresses")
def buyer_electronic_address_has_a_scheme(document: Fact) -> object:
    """The buyer's electronic address (BT-49) has a scheme identifier."""
    return not document.buyer_electronic_addresses or normal(document.buyer_electronic_addresses[0].scheme) != ""


@rule("BR-17", PAYEE, at="party_name")
def payee_is_named_and_is_not_the_seller(payee: Fact) -> object:
    """A payee (BG-10) has a name (BT-59), and neither the seller's name nor the seller's identifiers."""
    if payee.path[-2] != "ram:ApplicableHeaderTradeSettlement":
        return exists(payee.party_name)
    document = payee.document
    return exists(payee.party_name) and not (
        payee.party_name == document.seller_name
        or payee.identifiers & document.seller_identifiers
        or payee.legal_registration == document.seller_legal_registration
    )


@rule("BR-18", REPRESENTATIVE_PARTY, at="party_name")
def tax_representative_has_a_name(party: Fact) -> object:
    """The seller's tax representative (BG-11) has a name (BT-62)."""
    return normal(party.party_name) != ""


@rule("BR-19", REPRESENTATIVE_PARTY)
def tax_representative_has_an_address(party: Fact) -> object:
    """The seller's tax representative (BG-11) has a postal address (BG-12)."""
    return party.address


@rule("BR-20", REPRESENTATIVE_PARTY, at="country_code")
def tax_representative_address_has_a_country(party: Fact) -> object:
    """The tax representative's address (BG-12) names the country (BT-69)."""
    return normal(party.country_code) != ""


@rule("BR-56", REPRESENTATIVE_PARTY, at="tax_registrations")
def tax_representative_has_a_vat_identifier(party: Fact) -> object:
    """The seller's tax representative (BG-11) has a VAT identifier (BT-63)."""
    return normal(one(each.identifier for each in party.tax_registrations if each.scheme == "VA" and each.identifier is not MISSING)) != ""


@rule("BR-57", DELIVERED, at="country_code")
def delivery_address_has_a_country(delivery: Fact) -> object:
    """An address of delivery (BG-15) names the country (BT-80)."""
    return not delivery.address or normal(delivery.country_code) != ""


@rule("BR-CO-26", SELLER_PARTY)
def seller_can_be_identified(seller: Fact) -> object:
    """The seller has an identifier (BT-29), a legal registration (BT-30) or a VAT identifier (BT-31)."""
    return seller.has_identifier or "VA" in seller.tax_schemes


@rule("BR-CO-09", VAT_IDENTIFIER)
def vat_identifier_begins_with_a_country(identifier: str, _: str) -> object:
    """A VAT identifier (BT-31, BT-48, BT-63) begins with the code of the country that issued it; Greece may use EL."""
    return identifier[:2] in _vat_prefixes()
