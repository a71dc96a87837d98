"""Names of elements in words, for rules whose text is made of what they look at."""

from __future__ import annotations

import re
from functools import cache

_words = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z0-9]+")
_meant = {
    "AccountingSupplierParty": "seller",
    "AccountingCustomerParty": "buyer",
    "SellerTradeParty": "seller",
    "BuyerTradeParty": "buyer",
    "PayeeParty": "payee",
    "PayeeTradeParty": "payee",
    "TaxRepresentativeParty": "tax representative of the seller",
    "SellerTaxRepresentativeTradeParty": "tax representative of the seller",
    "ShipToTradeParty": "party delivered to",
    "InvoiceLine": "line",
    "CreditNoteLine": "line",
    "IncludedSupplyChainTradeLineItem": "line",
    "SpecifiedTradeProduct": "item",
    "SpecifiedTradeAllowanceCharge": "allowance or charge",
    "AppliedTradeAllowanceCharge": "price allowance or charge",
    "AllowanceCharge": "allowance or charge",
    "ID": "identifier",
    "XPath": "XPath",
    "UBLExtensions": "UBL extensions",
    "UBLVersionID": "UBL version identifier",
}
_whole = frozenset(("Party", "CrossIndustryInvoice", "SupplyChainTradeTransaction", "Invoice", "CreditNote", ".", "", "*"))
_roles = frozenset(("seller", "buyer", "payee", "tax representative of the seller", "line"))
LISTS = {
    "eas": "the electronic address schemes (EAS)",
    "iso-3166-1": "ISO 3166-1",
    "iso-4217": "ISO 4217",
    "iso-6523": "the schemes of ISO/IEC 6523",
    "mime": "the media types allowed",
    "unece-units": "UN/ECE Recommendations 20 and 21",
    "vatex": "the VAT exemption reasons (VATEX)",
}


def chain(path: str) -> str:
    """`cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name` as `name of the party name of the seller`."""
    steps = [word(step) for step in reversed(path.split("/")) if _local(step) not in _whole]
    nearest = steps[:3]
    return " of the ".join(nearest + [step for step in steps[3:] if step in _roles][:1])


def listed(name: str) -> str:
    """A code list by the name that its users know it by."""
    return LISTS.get(name) or (f"UNTDID {name[7:]}" if name.startswith("untdid-") else f"the code list {name}")


@cache
def word(step: str) -> str:
    """`cbc:TaxCurrencyCode` as `tax currency code`, `@schemeID` as `scheme identifier`."""
    local = _local(step)
    if local in _meant:
        return _meant[local]
    found = _words.findall(local.removeprefix("Applicable").removeprefix("Specified"))
    return " ".join("identifier" if each == "ID" else each if len(each) > 1 and each.isupper() else each.lower() for each in found)


def _local(step: str) -> str:
    return step.rpartition(":")[2].lstrip("@*").partition("[")[0]
