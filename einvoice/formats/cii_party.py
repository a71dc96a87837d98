"""The parties in CII: who sells, buys, is paid, represents, and where goods are delivered."""

from __future__ import annotations

from typing import Any

from lxml import etree

from einvoice.formats.binding import Leaf, Table, choice, each, identifier, inside, leaf, one
from einvoice.formats.syntax import full

OTHER = "other"

_ID = full("ram:ID")


def _by_registration(element: etree._Element, _: Any) -> str:
    found = next(element.iterchildren(_ID), None)
    return OTHER if found is None else (found.get("schemeID") or "").strip()


ADDRESS: Table = {
    "ram:PostcodeCode": leaf("post_code"),
    "ram:LineOne": leaf("line_1"),
    "ram:LineTwo": leaf("line_2"),
    "ram:LineThree": leaf("line_3"),
    "ram:CityName": leaf("city"),
    "ram:CountryID": leaf("country_code"),
    "ram:CountrySubDivisionName": leaf("subdivision"),
}
CONTACT: Table = {
    "ram:PersonName": leaf("point"),
    "ram:DepartmentName": leaf("department"),
    "ram:TelephoneUniversalCommunication": inside({"ram:CompleteNumber": leaf("telephone")}),
    "ram:EmailURIUniversalCommunication": inside({"ram:URIID": leaf("email")}),
}


def _has_scheme(identifier: Any) -> bool:
    return identifier.scheme is not None


def _has_no_scheme(identifier: Any) -> bool:
    return identifier.scheme is None


def _identified(slot: str) -> Table:
    """An identifier stands in GlobalID where it has a scheme, in ID where it has none."""
    return {
        "ram:ID": identifier(slot, accepts=lambda group: _has_no_scheme(getattr(group, slot))),
        "ram:GlobalID": identifier(slot, accepts=lambda group: _has_scheme(getattr(group, slot))),
    }


_one_identifier = Leaf("value", attributes={"schemeID": "scheme"})
_registration = identifier("legal_registration_identifier")
_vat = inside({"ram:ID": leaf("vat_identifier", attributes={"schemeID": "=VA"})})
_tax = inside(
    {
        "ram:ID": leaf("tax_registration_identifier.value", attributes={"schemeID": "=FC"}),
        "ram:AssociatedRegisteredTax": inside({"ram:TypeCode": leaf("tax_registration_identifier.scheme")}),
    }
)
_endpoint = inside({"ram:URIID": identifier("electronic_address")})

SELLER: Table = {
    "ram:ID": each("identifiers", _one_identifier, _has_no_scheme),
    "ram:GlobalID": each("identifiers", _one_identifier, _has_scheme),
    "ram:Name": leaf("name"),
    "ram:Description": leaf("additional_legal_information"),
    "ram:SpecifiedLegalOrganization": inside({"ram:ID": _registration, "ram:TradingBusinessName": leaf("trading_name")}),
    "ram:DefinedTradeContact": one("contact", CONTACT),
    "ram:PostalTradeAddress": one("address", ADDRESS),
    "ram:URIUniversalCommunication": _endpoint,
    "ram:SpecifiedTaxRegistration": choice(_by_registration, {"VA": _vat, "FC": _tax}),
}
BUYER: Table = {
    **_identified("identifier"),
    "ram:Name": leaf("name"),
    "ram:SpecifiedLegalOrganization": inside({"ram:ID": _registration, "ram:TradingBusinessName": leaf("trading_name")}),
    "ram:DefinedTradeContact": one("contact", CONTACT),
    "ram:PostalTradeAddress": one("address", ADDRESS),
    "ram:URIUniversalCommunication": _endpoint,
    "ram:SpecifiedTaxRegistration": choice(_by_registration, {"VA": _vat}),
}
PAYEE: Table = {
    **_identified("identifier"),
    "ram:Name": leaf("name"),
    "ram:SpecifiedLegalOrganization": inside({"ram:ID": _registration}),
}
REPRESENTATIVE: Table = {
    "ram:Name": leaf("name"),
    "ram:PostalTradeAddress": one("address", ADDRESS),
    "ram:SpecifiedTaxRegistration": choice(_by_registration, {"VA": _vat}),
}
SHIP_TO: Table = {**_identified("location_identifier"), "ram:Name": leaf("name"), "ram:PostalTradeAddress": one("address", ADDRESS)}
