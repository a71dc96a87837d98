"""Code lists in UBL, as EN 16931 allows them."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, text, texts
from einvoice_validators.rows import code_rule
from einvoice_validators.rules.en16931.ubl_syntax import INVOICED_OBJECT, SEPA, is_false, is_true
from einvoice_validators.ruleset import Leaf, Pattern, Rule, rule
from einvoice_validators.xpath import exists, normal

SUBSET = "cen-ubl"
CODES = Pattern("en16931-ubl-codes", Syntax.UBL)
AMOUNTS = (
    "Amount BaseAmount PriceAmount TaxAmount TaxableAmount LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount "
    "AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount"
)


def _value(id: str, path: str, codelist: str, subset: str = SUBSET) -> Rule:  # noqa: A002 - it is the id
    return code_rule(id, CODES.leaf(path), codelist, subset)


def _attribute(id: str, path: str, attribute: str, codelist: str, *, exact: bool = False) -> Rule:  # noqa: A002 - it is the id
    bearing = " | ".join(f"{each}[@{attribute}]" for each in path.split(" | "))
    return code_rule(id, CODES.leaf(bearing), codelist, SUBSET, attribute=attribute, exact=exact)


LISTED = [
    _value("BR-CL-01", "cbc:InvoiceTypeCode", "untdid-1001", "cen-ubl-invoice"),
    _value("BR-CL-01", "cbc:CreditNoteTypeCode", "untdid-1001", "cen-ubl-creditnote"),
    _attribute("BR-CL-03", " | ".join(f"cbc:{name}" for name in AMOUNTS.split()), "currencyID", "iso-4217"),
    _value("BR-CL-04", "cbc:DocumentCurrencyCode", "iso-4217"),
    _value("BR-CL-05", "cbc:TaxCurrencyCode", "iso-4217"),
    _value("BR-CL-06", "cac:InvoicePeriod/cbc:DescriptionCode", "untdid-2005"),
    _attribute("BR-CL-11", "cac:PartyLegalEntity/cbc:CompanyID", "schemeID", "iso-6523"),
    _attribute("BR-CL-13", "cac:CommodityClassification/cbc:ItemClassificationCode", "listID", "untdid-7143"),
    _value("BR-CL-14", "cac:Country/cbc:IdentificationCode", "iso-3166-1"),
    _value("BR-CL-15", "cac:OriginCountry/cbc:IdentificationCode", "iso-3166-1"),
    _value("BR-CL-16", "cac:PaymentMeans/cbc:PaymentMeansCode", "untdid-4461"),
    _value("BR-CL-17", "cac:TaxCategory/cbc:ID", "untdid-5305"),
    _value("BR-CL-18", "cac:ClassifiedTaxCategory/cbc:ID", "untdid-5305"),
    _attribute("BR-CL-21", "cac:StandardItemIdentification/cbc:ID", "schemeID", "iso-6523"),
    _attribute("BR-CL-23", "cbc:InvoicedQuantity | cbc:BaseQuantity | cbc:CreditedQuantity", "unitCode", "unece-units"),
    _attribute("BR-CL-24", "cbc:EmbeddedDocumentBinaryObject", "mimeCode", "mime", exact=True),
    _attribute("BR-CL-25", "cbc:EndpointID", "schemeID", "eas"),
    _attribute("BR-CL-26", "cac:DeliveryLocation/cbc:ID", "schemeID", "iso-6523"),
]
EXEMPTION: Leaf = CODES.leaf("cbc:TaxExemptionReasonCode")
REFERENCE = CODES.context(
    "cac:AdditionalDocumentReference | cac:DocumentReference",
    document_type_code=text("cbc:DocumentTypeCode"),
    reference_schemes=texts("cbc:ID/@schemeID"),
)
PARTY_IDENTIFIER = CODES.context(
    "cac:PartyIdentification/cbc:ID", where=lambda identifier: exists(identifier.scheme_id), scheme_id=text("@schemeID")
)
ALLOWANCE_CHARGE = CODES.context(
    "cac:AllowanceCharge", charge_indicator=text("cbc:ChargeIndicator"), reason_codes=texts("cbc:AllowanceChargeReasonCode")
)


@rule("BR-CL-22", EXEMPTION)
def exemption_reason_is_a_vatex_code(code: str) -> object:
    """The code of an exemption from VAT (BT-121) is a code of VATEX, in small letters or capitals."""
    return normal(code).upper() in code_set("vatex", SUBSET)


@rule("BR-CL-07", REFERENCE, at="reference_schemes")
def scheme_of_the_invoiced_object_is_listed(reference: Fact) -> object:
    """The scheme of an invoiced object (BT-18, BT-128) is a code of UNTDID 1153."""
    is_object = reference.document_type_code == INVOICED_OBJECT
    return not is_object or all(normal(scheme) in code_set("untdid-1153", SUBSET) for scheme in reference.reference_schemes)


@rule("BR-CL-10", PARTY_IDENTIFIER, at="scheme_id")
def scheme_of_a_party_identifier_is_listed(identifier: Fact) -> object:
    """The scheme of a party's identifier (BT-29, BT-46, BT-60) is of ISO/IEC 6523, or SEPA for a seller or payee (BT-90)."""
    scheme = normal(identifier.scheme_id)
    creditor = "cac:AccountingSupplierParty" in identifier.path or "cac:PayeeParty" in identifier.path
    return scheme in code_set("iso-6523", SUBSET) or (creditor and scheme == SEPA)


@rule("BR-CL-19", ALLOWANCE_CHARGE, at="reason_codes")
def reason_of_an_allowance_is_listed(allowance: Fact) -> object:
    """The reason code of an allowance (BT-98, BT-140) is a code of UNTDID 5189."""
    return not is_false(allowance.charge_indicator) or _listed(allowance, "untdid-5189")


@rule("BR-CL-20", ALLOWANCE_CHARGE, at="reason_codes")
def reason_of_a_charge_is_listed(charge: Fact) -> object:
    """The reason code of a charge (BT-105, BT-145) is a code of UNTDID 7161."""
    return not is_true(charge.charge_indicator) or _listed(charge, "untdid-7161")


def _listed(charge: Fact, codelist: str) -> bool:
    return all(normal(code) in code_set(codelist, SUBSET) for code in charge.reason_codes)
