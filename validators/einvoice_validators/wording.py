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
    "AttachmentBinaryObject": "attached document",
    "EmbeddedDocumentBinaryObject": "attached document",
    "mimeCode": "media type",
    "EndpointID": "electronic address",
    "URIUniversalCommunication": "electronic address",
    "URIID": "address",
    "ID": "identifier",
    "XPath": "XPath",
    "UBLExtensions": "UBL extensions",
    "UBLVersionID": "UBL version identifier",
}
_whole = frozenset(
    (
        *(
            "Invoice",
            "CreditNote",
            "Party",
            "CrossIndustryInvoice",
            "SupplyChainTradeTransaction",
            "ExchangedDocument",
            "ExchangedDocumentContext",
        ),
        *("ApplicableHeaderTradeAgreement", "ApplicableHeaderTradeDelivery", "ApplicableHeaderTradeSettlement"),
        *("SpecifiedLineTradeAgreement", "SpecifiedLineTradeDelivery", "SpecifiedLineTradeSettlement", ".", ""),
    )
)
_roles = frozenset(("seller", "buyer", "payee", "tax representative of the seller", "line"))
LISTS = {
    "eas": "the list of electronic address schemes (EAS)",
    "iso-3166-1": "ISO 3166-1",
    "iso-4217": "ISO 4217",
    "iso-6523": "ISO/IEC 6523",
    "mime": "the list of media types",
    "unece-units": "UN/ECE Recommendations 20 and 21",
    "vatex": "VATEX",
}


def chain(path: str, within: str = "") -> str:
    """`cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name` as `name of the party name of the seller`."""
    words = _named(path)
    if within:
        words += _around(within)
    if len(words) > 3:
        words[3:] = [found for found in words[3:] if found in _roles][:1]
    return " of the ".join(words)


def _named(path: str) -> list[str]:
    return [found for step in reversed(path.split("/")) if (found := word(step))]


@cache
def _around(path: str) -> list[str]:
    return _named(path.partition("|")[0].strip())


def either(paths: str) -> str:
    """The element of a path; of several, `cbc:InvoicedQuantity | cbc:BaseQuantity`, what their names have in common: `quantity`."""
    names = [chain(path.strip()) for path in paths.split("|")]
    return names[0] if len(set(names)) == 1 else names[0].split()[-1]


def listed(name: str) -> str:
    """A code list by the name that its users know it by."""
    return LISTS.get(name) or (f"UNTDID {name[7:]}" if name.startswith("untdid-") else f"the code list {name}")


@cache
def word(step: str) -> str:
    """`cbc:TaxCurrencyCode` as `tax currency code`, `@schemeID` as `scheme identifier`; nothing for a step that says nothing."""
    local = step.rpartition(":")[2].lstrip("@*").partition("[")[0]
    if local in _whole:
        return ""
    if local in _meant:
        return _meant[local]
    found = _words.findall(local.removeprefix("Applicable").removeprefix("Specified"))
    return " ".join("identifier" if each == "ID" else each if len(each) > 1 and each.isupper() else each.lower() for each in found)
