"""Rules on the parties: seller, buyer, payee, tax representative, and where goods are delivered to."""

from __future__ import annotations

from functools import cache
from typing import Any

from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import (
    BUYER_ADDRESS,
    BUYER_ENDPOINT,
    DELIVERY_ADDRESS,
    INVOICE,
    PAYEE,
    SELLER,
    SELLER_ADDRESS,
    SELLER_ENDPOINT,
    TAX_REPRESENTATIVE,
    TAX_REPRESENTATIVE_ADDRESS,
    VAT_REGISTRATION,
    has_vat_scheme,
)
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import MISSING, exists, normal

SEPA_CREDITOR = "SEPA"


@cache
def country_prefixes() -> str:
    """The codes as one text, in which the official rule looks for two characters, or for fewer."""
    return f" {' '.join(code_set('iso-3166-1', 'cen-ubl-vat-prefix'))} "


def has_vat_identifier(registrations: Any) -> bool:
    """Whether one of some tax registrations is for VAT and has its number."""
    return any(exists(each.company_identifier) and has_vat_scheme(each) for each in registrations)


def _has_country(address: Fact) -> bool:
    return normal(address.country_code) != ""


@rule("BR-06", INVOICE, at="seller_name")
def seller_has_a_name(invoice: Fact) -> object:
    """The seller has a name (BT-27)."""
    return normal(invoice.seller_name) != ""


@rule("BR-07", INVOICE, at="buyer_name")
def buyer_has_a_name(invoice: Fact) -> object:
    """The buyer has a name (BT-44)."""
    return normal(invoice.buyer_name) != ""


@rule("BR-08", INVOICE, at="cac:AccountingSupplierParty")
def seller_has_an_address(invoice: Fact) -> object:
    """The seller has a postal address (BG-5)."""
    return invoice.has_seller_address


@rule("BR-10", INVOICE, at="cac:AccountingCustomerParty")
def buyer_has_an_address(invoice: Fact) -> object:
    """The buyer has a postal address (BG-8)."""
    return invoice.has_buyer_address


@rule("BR-09", SELLER_ADDRESS, at="country_code")
def seller_address_names_a_country(address: Fact) -> object:
    """The address of the seller names its country (BT-40)."""
    return _has_country(address)


@rule("BR-11", BUYER_ADDRESS, at="country_code")
def buyer_address_names_a_country(address: Fact) -> object:
    """The address of the buyer names its country (BT-55)."""
    return _has_country(address)


@rule("BR-20", TAX_REPRESENTATIVE_ADDRESS, at="country_code")
def representative_address_names_a_country(address: Fact) -> object:
    """The address of the seller's tax representative names its country (BT-69)."""
    return _has_country(address)


@rule("BR-57", DELIVERY_ADDRESS, at="country_code")
def delivery_address_names_a_country(address: Fact) -> object:
    """An address of delivery names its country (BT-80)."""
    return exists(address.country_code)


@rule("BR-17", PAYEE, at="names")
def payee_is_another_than_the_seller(payee: Fact) -> object:
    """A payee has a name (BT-59), and neither its name nor its identifier (BT-60) is that of the seller."""
    seller = payee.document
    same_name = _share(payee.names, seller.seller_trading_names)
    return bool(payee.names) and not same_name and not _share(payee.identifiers, seller.seller_identifiers)


def _share(some: Any, others: Any) -> bool:
    return not set(some).isdisjoint(others)


@rule("BR-18", TAX_REPRESENTATIVE, at="representative_name")
def representative_has_a_name(representative: Fact) -> object:
    """A tax representative of the seller has a name (BT-62)."""
    return normal(representative.representative_name) != ""


@rule("BR-19", TAX_REPRESENTATIVE)
def representative_has_an_address(representative: Fact) -> object:
    """A tax representative of the seller has a postal address (BG-12)."""
    return representative.has_address


@rule("BR-56", TAX_REPRESENTATIVE)
def representative_has_a_vat_identifier(representative: Fact) -> object:
    """A tax representative of the seller has a VAT identifier (BT-63)."""
    return has_vat_identifier(representative.tax_registrations)


@rule("BR-CO-26", SELLER)
def seller_can_be_identified(seller: Fact) -> object:
    """The seller has an identifier (BT-29), a legal registration identifier (BT-30) or a VAT identifier (BT-31)."""
    identified = seller.number_of_identifiers > sum(scheme == SEPA_CREDITOR for scheme in seller.identifier_schemes)
    return identified or seller.has_legal_identifier or has_vat_identifier(seller.tax_registrations)


@rule("BR-62", SELLER_ENDPOINT, at="@schemeID")
def seller_electronic_address_has_a_scheme(_: str, scheme: str) -> object:
    """The electronic address of the seller says of which scheme it is (BT-34-1)."""
    return exists(scheme)


@rule("BR-63", BUYER_ENDPOINT, at="@schemeID")
def buyer_electronic_address_has_a_scheme(_: str, scheme: str) -> object:
    """The electronic address of the buyer says of which scheme it is (BT-49-1)."""
    return exists(scheme)


@rule("BR-CO-09", VAT_REGISTRATION, at="company_identifier")
def vat_identifier_begins_with_a_country(registration: Fact) -> object:
    """A VAT identifier begins with the code of the country that issued it (BT-31, BT-48, BT-63)."""
    identifier = registration.company_identifier
    return identifier is MISSING or identifier[:2] in country_prefixes()
