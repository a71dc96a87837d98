"""The parties in UBL: who sells, buys, is paid, represents, and where goods are delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from einvoice.formats.binding import Kind, Leaf, Table, child_text, choice, constant, identifier, inside, leaf, many, one, shout
from einvoice.formats.syntax import full

if TYPE_CHECKING:
    from einvoice.model.invoice import Invoice

OTHER = "other"

_tax_scheme = child_text("cac:TaxScheme/cbc:ID", shout)
_ID = full("cbc:ID")


def date(slot: str) -> Leaf:
    return leaf(slot, Kind.DATE)


def _by_tax_scheme(element: etree._Element, facts: Any) -> str:
    return "VAT" if _tax_scheme(element, facts) == "VAT" else OTHER


def _by_sepa(element: etree._Element, _: Any) -> str:
    found = next(element.iterchildren(_ID), None)
    return "SEPA" if found is not None and (found.get("schemeID") or "").strip().upper() == "SEPA" else OTHER


def _has_payee(invoice: Invoice) -> bool:
    """The creditor's identifier (BT-90) stands with the payee, else with the seller."""
    return invoice.payee is not None


TAX_SCHEME = inside({"cbc:ID": constant("VAT")})
COUNTRY = inside({"cbc:IdentificationCode": leaf("country_code")})
ADDRESS: Table = {
    "cbc:StreetName": leaf("line_1"),
    "cbc:AdditionalStreetName": leaf("line_2"),
    "cbc:CityName": leaf("city"),
    "cbc:PostalZone": leaf("post_code"),
    "cbc:CountrySubentity": leaf("subdivision"),
    "cac:AddressLine": inside({"cbc:Line": leaf("line_3")}),
    "cac:Country": COUNTRY,
}
CONTACT: Table = {"cbc:Name": leaf("point"), "cbc:Telephone": leaf("telephone"), "cbc:ElectronicMail": leaf("email")}
VAT_REGISTRATION = inside({"cbc:CompanyID": leaf("vat_identifier"), "cac:TaxScheme": TAX_SCHEME})
TAX_REGISTRATION = inside(
    {
        "cbc:CompanyID": leaf("tax_registration_identifier.value"),
        "cac:TaxScheme": inside({"cbc:ID": leaf("tax_registration_identifier.scheme", default="FC")}),
    }
)
CREDITOR = leaf("/payment.direct_debit.creditor_identifier", attributes={"schemeID": "=SEPA"})

SELLER: Table = {
    "cbc:EndpointID": identifier("electronic_address"),
    "cac:PartyIdentification": choice(
        _by_sepa,
        {
            OTHER: many("identifiers", {"cbc:ID": Leaf("value", attributes={"schemeID": "scheme"})}),
            "SEPA": inside({"cbc:ID": CREDITOR}, when=lambda invoice: not _has_payee(invoice)),
        },
    ),
    "cac:PartyName": inside({"cbc:Name": leaf("trading_name")}),
    "cac:PostalAddress": one("address", ADDRESS),
    "cac:PartyTaxScheme": choice(_by_tax_scheme, {"VAT": VAT_REGISTRATION, OTHER: TAX_REGISTRATION}),
    "cac:PartyLegalEntity": inside(
        {
            "cbc:RegistrationName": leaf("name"),
            "cbc:CompanyID": identifier("legal_registration_identifier"),
            "cbc:CompanyLegalForm": leaf("additional_legal_information"),
        }
    ),
    "cac:Contact": one("contact", CONTACT),
}
BUYER: Table = {
    "cbc:EndpointID": identifier("electronic_address"),
    "cac:PartyIdentification": inside({"cbc:ID": identifier("identifier")}),
    "cac:PartyName": inside({"cbc:Name": leaf("trading_name")}),
    "cac:PostalAddress": one("address", ADDRESS),
    "cac:PartyTaxScheme": choice(_by_tax_scheme, {"VAT": VAT_REGISTRATION}),
    "cac:PartyLegalEntity": inside({"cbc:RegistrationName": leaf("name"), "cbc:CompanyID": identifier("legal_registration_identifier")}),
    "cac:Contact": one("contact", CONTACT),
}
PAYEE: Table = {
    "cac:PartyIdentification": choice(
        _by_sepa, {OTHER: inside({"cbc:ID": identifier("identifier")}), "SEPA": inside({"cbc:ID": CREDITOR}, when=_has_payee)}
    ),
    "cac:PartyName": inside({"cbc:Name": leaf("name")}),
    "cac:PartyLegalEntity": inside({"cbc:CompanyID": identifier("legal_registration_identifier")}),
}
REPRESENTATIVE: Table = {
    "cac:PartyName": inside({"cbc:Name": leaf("name")}),
    "cac:PostalAddress": one("address", ADDRESS),
    "cac:PartyTaxScheme": choice(_by_tax_scheme, {"VAT": VAT_REGISTRATION}),
}
DELIVERY: Table = {
    "cbc:ActualDeliveryDate": date("date"),
    "cac:DeliveryLocation": inside({"cbc:ID": identifier("location_identifier"), "cac:Address": one("address", ADDRESS)}),
    "cac:DeliveryParty": inside({"cac:PartyName": inside({"cbc:Name": leaf("name")})}),
}
