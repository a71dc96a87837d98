"""What rules of several modules ask of a document: where the parties are, the countries they are from, the process it is part of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from einvoice_validators.facts import Fact, derived, facts, text
from einvoice_validators.rules.peppol.values import single
from einvoice_validators.xpath import exists, normal

INVOICE: Final = "ubl:Invoice"
CREDIT_NOTE: Final = "cn:CreditNote"
SUPPLIER: Final = "cac:AccountingSupplierParty/cac:Party"
CUSTOMER: Final = "cac:AccountingCustomerParty/cac:Party"
_country = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"

ADDRESSES: Final[dict[str, Any]] = {
    "supplier_address_country": text(f"{SUPPLIER}/{_country}"),
    "customer_address_country": text(f"{CUSTOMER}/{_country}"),
}
COUNTRIES: Final[dict[str, Any]] = {
    **ADDRESSES,
    "seller_tax_numbers": facts(f"{SUPPLIER}/cac:PartyTaxScheme"),
    "buyer_tax_numbers": facts(f"{CUSTOMER}/cac:PartyTaxScheme"),
    "representative_tax_schemes": facts("cac:TaxRepresentativeParty/cac:PartyTaxScheme"),
}
TAX_SCHEME: Final[dict[str, Any]] = {"company_identifier": text("cbc:CompanyID"), "tax_scheme": text("cac:TaxScheme/cbc:ID")}


@derived
def supplier_country(document: Fact) -> str:
    """The seller's country: of the VAT number, of the tax representative's, of the address; 'XX' where none is told.

    '' where there are several VAT numbers: the official rules cannot tell the country then, and no rule of a country applies.
    """
    return _told(document.supplier_address_country, document.seller_tax_numbers, document.representative_tax_schemes)


@derived
def supplier_own_country(document: Fact) -> str:
    """The seller's country without a look at the tax representative."""
    return _told(document.supplier_address_country, document.seller_tax_numbers)


@derived
def customer_country(document: Fact) -> str:
    """The buyer's country: of the VAT number, then of the address."""
    return _told(document.customer_address_country, document.buyer_tax_numbers)


def _told(address: Any, *parties: list[Fact]) -> str:
    for schemes in parties:
        prefixes = [single(scheme.company_identifier)[:2] for scheme in schemes if scheme.tax_scheme == "VAT"]
        if len(prefixes) > 1:
            return ""
        if prefixes and prefixes[0]:
            return normal(prefixes[0]).upper()
    return normal(address).upper() if exists(address) else "XX"


def sold_from(*countries: str) -> Callable[[Fact], bool]:
    """Whether the seller's country is one of those."""
    return lambda document: supplier_country(document) in countries


def addressed(supplier: str, customer: str | None = None) -> Callable[[Fact], bool]:
    """Whether the seller's address is in that country, and the buyer's; case and space around the code do not count."""

    def fits(document: Fact) -> bool:
        if normal(document.supplier_address_country).upper() != supplier:
            return False
        return customer is None or normal(document.customer_address_country).upper() == customer

    return fits


def between_germans(document: Fact) -> bool:
    """Whether seller and buyer have German addresses."""
    return _german(document)


_german = addressed("DE", "DE")
