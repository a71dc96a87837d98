"""XRechnung for clean vehicles, CVD (CII)."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, facts, text, texts
from einvoice_validators.rules.xrechnung.specification import CVD_SCHEMES, VEHICLE_CATEGORIES, VEHICLE_CLASSES, is_cvd
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import normal, one

PATTERN = Pattern("xrechnung cvd", Syntax.CII)

_TRANSACTION = "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction"
_PRODUCT = f"{_TRANSACTION}/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedTradeProduct"
_AGREEMENT = f"{_TRANSACTION}/ram:ApplicableHeaderTradeAgreement"

ROOT = PATTERN.context(
    "/rsm:CrossIndustryInvoice",
    specifications=texts("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
)
TRANSACTION = PATTERN.context(
    _TRANSACTION, when=is_cvd, transaction_items=facts("ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedTradeProduct")
)
ITEM = PATTERN.context(
    _PRODUCT,
    when=is_cvd,
    classification_schemes=texts("ram:DesignatedProductClassification/ram:ClassCode/@listID"),
    item_attributes=facts("ram:ApplicableProductCharacteristic"),
)
CLASSIFICATION = PATTERN.context(
    f"{_PRODUCT}/ram:DesignatedProductClassification/ram:ClassCode",
    when=is_cvd,
    classification=text("."),
    classification_scheme=text("@listID"),
)
ATTRIBUTE = PATTERN.context(
    f"{_PRODUCT}/ram:ApplicableProductCharacteristic",
    when=is_cvd,
    where=lambda attribute: "cva" in attribute.characteristic_names,
    characteristic_names=texts("ram:Description"),
    characteristic_values=texts("ram:Value"),
)
AGREEMENT = PATTERN.context(
    _AGREEMENT,
    when=is_cvd,
    contract_reference=text("ram:ContractReferencedDocument/ram:IssuerAssignedID"),
    supporting_documents=facts("ram:AdditionalReferencedDocument"),
)
TENDER = PATTERN.context(
    f"{_AGREEMENT}/ram:AdditionalReferencedDocument",
    document_type_code=text("ram:TypeCode"),
    document_reference=text("ram:IssuerAssignedID"),
)


def _vehicle_attributes(item: Fact) -> int:
    """How many attributes named cva an item has."""
    return sum("cva" in attribute.characteristic_names for attribute in item.item_attributes)


@rule("BR-DE-CVD-01", AGREEMENT)
def contract_is_named(agreement: Fact) -> object:
    """The contract is named (BT-12)."""
    return normal(agreement.contract_reference)


@rule("BR-DE-CVD-02", AGREEMENT)
def tender_or_lot_is_named(agreement: Fact) -> object:
    """The tender or lot is named (BT-17)."""
    return any(normal(each.document_type_code) == "50" and normal(each.document_reference) for each in agreement.supporting_documents)


@rule("BR-DE-CVD-03", TRANSACTION)
def some_item_is_a_vehicle(transaction: Fact) -> object:
    """One line at least is a vehicle: its item has a classification of scheme CVD (BT-158-1) and an attribute cva (BT-160)."""
    return any("CVD" in item.classification_schemes and _vehicle_attributes(item) for item in transaction.transaction_items)


@rule("BR-DE-CVD-06-a", ITEM)
def vehicle_has_one_class(item: Fact) -> object:
    """An item with a classification of scheme CVD (BT-158-1) has exactly one attribute cva (BT-160)."""
    return "CVD" not in item.classification_schemes or _vehicle_attributes(item) == 1


@rule("BR-DE-CVD-06-b", ITEM)
def vehicle_has_one_category(item: Fact) -> object:
    """An item with an attribute cva (BT-160) has exactly one classification of scheme CVD (BT-158-1)."""
    return not _vehicle_attributes(item) or item.classification_schemes.count("CVD") == 1


@rule("BR-TMP-CVD-01", CLASSIFICATION, at="classification_scheme")
def classification_scheme_is_known(code: Fact) -> object:
    """The scheme of an item classification (BT-158-1) is of UNTDID 7143, or CVD."""
    return normal(code.classification_scheme) in CVD_SCHEMES()


@rule("BR-DE-CVD-04", CLASSIFICATION, at="classification")
def vehicle_category_is_known(code: Fact) -> object:
    """A classification of scheme CVD (BT-158) is a vehicle category, M1 to M3 or N1 to N3."""
    return normal(code.classification_scheme) != "CVD" or normal(code.classification) in VEHICLE_CATEGORIES()


@rule("BR-DE-CVD-05", ATTRIBUTE, at="ram:Value")
def vehicle_class_is_known(attribute: Fact) -> object:
    """The value of an attribute cva (BT-161) is clean, zero-emission or other."""
    return normal(one(attribute.characteristic_values)) in VEHICLE_CLASSES()
