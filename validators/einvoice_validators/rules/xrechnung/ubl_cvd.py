"""XRechnung for clean vehicles, CVD (UBL)."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, facts, text, texts
from einvoice_validators.rules.xrechnung.specification import CVD_SCHEMES, VEHICLE_CATEGORIES, VEHICLE_CLASSES, filled, is_cvd
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import normal

PATTERN = Pattern("xrechnung cvd", Syntax.UBL)


def _either(path: str) -> str:
    return f"/ubl:Invoice/cac:InvoiceLine/cac:Item{path} | /cn:CreditNote/cac:CreditNoteLine/cac:Item{path}"


ROOT = PATTERN.context(
    "/ubl:Invoice | /cn:CreditNote",
    when=is_cvd,
    specifications=texts("cbc:CustomizationID"),
    tender_references=texts("cac:OriginatorDocumentReference/cbc:ID"),
    contract_references=texts("cac:ContractDocumentReference/cbc:ID"),
    document_items=facts("cac:InvoiceLine/cac:Item | cac:CreditNoteLine/cac:Item"),
)
ITEM = PATTERN.context(
    _either(""),
    when=is_cvd,
    classification_schemes=texts("cac:CommodityClassification/cbc:ItemClassificationCode/@listID"),
    attribute_names=texts("cac:AdditionalItemProperty/cbc:Name"),
)
CLASSIFICATION = PATTERN.context(
    _either("/cac:CommodityClassification/cbc:ItemClassificationCode"),
    when=is_cvd,
    classification=text("."),
    classification_scheme=text("@listID"),
)
ATTRIBUTE = PATTERN.context(
    _either("/cac:AdditionalItemProperty"),
    when=is_cvd,
    where=lambda attribute: attribute.attribute_name == "cva",
    attribute_name=text("cbc:Name"),
    attribute_value=text("cbc:Value"),
)


@rule("BR-DE-CVD-01", ROOT)
def contract_is_named(document: Fact) -> object:
    """The contract is named (BT-12)."""
    return filled(document.contract_references)


@rule("BR-DE-CVD-02", ROOT)
def tender_or_lot_is_named(document: Fact) -> object:
    """The tender or lot is named (BT-17)."""
    return filled(document.tender_references)


@rule("BR-DE-CVD-03", ROOT)
def some_item_is_a_vehicle(document: Fact) -> object:
    """One line at least is a vehicle: its item has a classification of scheme CVD (BT-158-1) and an attribute cva (BT-160)."""
    return any("CVD" in item.classification_schemes and "cva" in item.attribute_names for item in document.document_items)


@rule("BR-DE-CVD-06-a", ITEM)
def vehicle_has_one_class(item: Fact) -> object:
    """An item with a classification of scheme CVD (BT-158-1) has exactly one attribute cva (BT-160)."""
    return "CVD" not in item.classification_schemes or item.attribute_names.count("cva") == 1


@rule("BR-DE-CVD-06-b", ITEM)
def vehicle_has_one_category(item: Fact) -> object:
    """An item with an attribute cva (BT-160) has exactly one classification of scheme CVD (BT-158-1)."""
    return "cva" not in item.attribute_names or item.classification_schemes.count("CVD") == 1


@rule("BR-TMP-CVD-01", CLASSIFICATION, at="classification_scheme")
def classification_scheme_is_known(code: Fact) -> object:
    """The scheme of an item classification (BT-158-1) is of UNTDID 7143, or CVD."""
    return normal(code.classification_scheme) in CVD_SCHEMES()


@rule("BR-DE-CVD-04", CLASSIFICATION, at="classification")
def vehicle_category_is_known(code: Fact) -> object:
    """A classification of scheme CVD (BT-158) is a vehicle category, M1 to M3 or N1 to N3."""
    return normal(code.classification_scheme) != "CVD" or normal(code.classification) in VEHICLE_CATEGORIES()


@rule("BR-DE-CVD-05", ATTRIBUTE, at="attribute_value")
def vehicle_class_is_known(attribute: Fact) -> object:
    """The value of an attribute cva (BT-161) is clean, zero-emission or other."""
    return normal(attribute.attribute_value) in VEHICLE_CLASSES()
