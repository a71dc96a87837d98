"""Code lists in CII, as EN 16931 allows them."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, text, texts
from einvoice_validators.rows import code_rule
from einvoice_validators.rules.en16931.ubl_syntax import is_false, is_true
from einvoice_validators.ruleset import Pattern, Rule, rule
from einvoice_validators.xpath import normal

SUBSET = "cen-cii"
CODES = Pattern("en16931-cii-codes", Syntax.CII)


def _value(id: str, path: str, codelist: str) -> Rule:  # noqa: A002 - it is the id
    return code_rule(id, CODES.leaf(path), codelist, SUBSET)


def _attribute(id: str, path: str, attribute: str, codelist: str, *, exact: bool = False) -> Rule:  # noqa: A002 - it is the id
    bearing = " | ".join(f"{each}[@{attribute}]" for each in path.split(" | "))
    return code_rule(id, CODES.leaf(bearing), codelist, SUBSET, attribute=attribute, exact=exact)


LISTED = [
    _value("BR-CL-01", "rsm:ExchangedDocument/ram:TypeCode", "untdid-1001"),
    _attribute("BR-CL-03", "ram:TaxTotalAmount", "currencyID", "iso-4217"),
    _value("BR-CL-04", "ram:InvoiceCurrencyCode", "iso-4217"),
    _value("BR-CL-05", "ram:TaxCurrencyCode", "iso-4217"),
    _value("BR-CL-06", "ram:DueDateTypeCode", "untdid-2475"),
    _value("BR-CL-07", "ram:ReferenceTypeCode", "untdid-1153"),
    _value("BR-CL-08", "ram:SubjectCode", "untdid-4451"),
    _attribute("BR-CL-21", "ram:SpecifiedTradeProduct/ram:GlobalID", "schemeID", "iso-6523"),
    _attribute("BR-CL-26", "ram:ApplicableHeaderTradeDelivery/ram:ShipToTradeParty/ram:GlobalID", "schemeID", "iso-6523"),
]
# of what stands in an item or is delivered to, no other global identifier is looked at
CODES.leaf("ram:SpecifiedTradeProduct/*/ram:GlobalID | ram:SpecifiedTradeProduct/*/*/ram:GlobalID | ram:ShipToTradeParty/ram:GlobalID")
LISTED += [_attribute("BR-CL-10", "ram:GlobalID", "schemeID", "iso-6523")]
CODES.leaf("ram:SpecifiedTaxRegistration/ram:ID")
LISTED += [
    _attribute("BR-CL-11", "ram:ID", "schemeID", "iso-6523"),
    _attribute("BR-CL-13", "ram:ClassCode", "listID", "untdid-7143"),
    _value("BR-CL-14", "ram:CountryID", "iso-3166-1"),
    _value("BR-CL-15", "ram:OriginTradeCountry/ram:ID", "iso-3166-1"),
    _value("BR-CL-16", "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode", "untdid-4461"),
    _value("BR-CL-17", "ram:CategoryTradeTax/ram:CategoryCode", "untdid-5305"),
    _value("BR-CL-18", "ram:ApplicableTradeTax/ram:CategoryCode", "untdid-5305"),
    _attribute("BR-CL-23", "ram:BasisQuantity | ram:BilledQuantity", "unitCode", "unece-units"),
    _attribute("BR-CL-24", "ram:AttachmentBinaryObject", "mimeCode", "mime", exact=True),
    _attribute("BR-CL-25", "ram:URIUniversalCommunication/ram:URIID", "schemeID", "eas"),
]
EXEMPTION = CODES.leaf("ram:ExemptionReasonCode")
ALLOWANCE_CHARGE = CODES.context(
    "ram:SpecifiedTradeAllowanceCharge",
    allowance_or_charge=text("ram:ChargeIndicator/udt:Indicator"),
    reason_codes=texts("ram:ReasonCode"),
)


@rule("BR-CL-22", EXEMPTION)
def exemption_reason_is_a_vatex_code(code: str) -> object:
    """The code of an exemption from VAT (BT-121) is a code of VATEX, in small letters or capitals."""
    return normal(code).upper() in code_set("vatex", SUBSET)


@rule("BR-CL-19", ALLOWANCE_CHARGE, at="reason_codes")
def reason_of_an_allowance_is_listed(allowance: Fact) -> object:
    """The reason code of an allowance (BT-98, BT-140) is a code of UNTDID 5189."""
    return not is_false(allowance.allowance_or_charge) or _listed(allowance, "untdid-5189")


@rule("BR-CL-20", ALLOWANCE_CHARGE, at="reason_codes")
def reason_of_a_charge_is_listed(charge: Fact) -> object:
    """The reason code of a charge (BT-105, BT-145) is a code of UNTDID 7161."""
    return not is_true(charge.allowance_or_charge) or _listed(charge, "untdid-7161")


def _listed(charge: Fact, codelist: str) -> bool:
    return all(normal(code) in code_set(codelist, SUBSET) for code in charge.reason_codes)
