"""What EN 16931 does not use of CII, and how often the rest may stand: most of it rows, the others here and in `cii_types`."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, distinct, facts, text, texts, there
from einvoice_validators.rows import element_rules
from einvoice_validators.rules.en16931.never_syntax import NEVER_CII
from einvoice_validators.rules.en16931.ubl_syntax import is_false
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import normal

ROOT = "/rsm:CrossIndustryInvoice"
TRANSACTION = f"{ROOT}/rsm:SupplyChainTradeTransaction"
ITEM = f"{TRANSACTION}/ram:IncludedSupplyChainTradeLineItem"
DISCOUNT = "ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge"
CREDITOR = "ram:PayeePartyCreditorFinancialAccount"
CREDIT_TRANSFERS = ("30", "58")

SYNTAX = Pattern("en16931-cii-syntax", Syntax.CII)

PAYMENT_MEANS = SYNTAX.context(
    "ram:SpecifiedTradeSettlementPaymentMeans",
    payment_means_code=text("ram:TypeCode"),
    has_creditor_account=there(f"{CREDITOR}/ram:IBANID | {CREDITOR}/ram:ProprietaryID"),
)
PROCESS = SYNTAX.context(
    f"{ROOT}/rsm:ExchangedDocumentContext",
    guidelines=count("ram:GuidelineSpecifiedDocumentContextParameter"),
    guideline_ids=count("ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
)
HEADER = SYNTAX.context(f"{ROOT}/rsm:ExchangedDocument", has_type_code=there("ram:TypeCode"))
SYNTAX.context(f"{ROOT}/rsm:ExchangedDocument/ram:IncludedNote")
SYNTAX.context(ITEM)
SYNTAX.context(f"{ITEM}/ram:AssociatedDocumentLineDocument")
PRODUCT = SYNTAX.context(
    f"{ITEM}/ram:SpecifiedTradeProduct",
    has_global_id=there("ram:GlobalID"),
    has_global_scheme=there("ram:GlobalID/@schemeID"),
    has_origin=there("ram:OriginTradeCountry"),
    has_origin_code=there("ram:OriginTradeCountry/ram:ID"),
)
ATTRIBUTE = SYNTAX.context(
    f"{ITEM}/ram:SpecifiedTradeProduct/ram:ApplicableProductCharacteristic",
    attribute_names=count("ram:Description"),
    attribute_values=count("ram:Value"),
)
LINE_AGREEMENT = SYNTAX.context(
    f"{ITEM}/ram:SpecifiedLineTradeAgreement",
    net_prices=count("ram:NetPriceProductTradePrice/ram:ChargeAmount"),
    has_discount_indicator=there(f"{DISCOUNT}/ram:ChargeIndicator"),
    discount_indicators=texts(f"{DISCOUNT}/ram:ChargeIndicator/udt:Indicator"),
    has_discount_amount=there(f"{DISCOUNT}/ram:ActualAmount"),
)
ALLOWANCE_CHARGE = SYNTAX.context("ram:SpecifiedTradeAllowanceCharge", has_indicator=there("ram:ChargeIndicator"))
SYNTAX.context("ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge")
SYNTAX.context(f"{ITEM}/ram:SpecifiedLineTradeDelivery")
LINE_SETTLEMENT = SYNTAX.context(
    f"{ITEM}/ram:SpecifiedLineTradeSettlement",
    vat_informations=count("ram:ApplicableTradeTax"),
    line_references=facts("ram:AdditionalReferencedDocument"),
)
AGREEMENT = SYNTAX.context(
    f"{TRANSACTION}/ram:ApplicableHeaderTradeAgreement",
    buyer_has_id=there("ram:BuyerTradeParty/ram:ID"),
    buyer_has_global_id=there("ram:BuyerTradeParty/ram:GlobalID"),
    seller_has_person=there("ram:SellerTradeParty/ram:DefinedTradeContact/ram:PersonName"),
    seller_has_department=there("ram:SellerTradeParty/ram:DefinedTradeContact/ram:DepartmentName"),
    buyer_has_person=there("ram:BuyerTradeParty/ram:DefinedTradeContact/ram:PersonName"),
    buyer_has_department=there("ram:BuyerTradeParty/ram:DefinedTradeContact/ram:DepartmentName"),
    additional_references=facts("ram:AdditionalReferencedDocument"),
)
DELIVERY = SYNTAX.context(
    f"{TRANSACTION}/ram:ApplicableHeaderTradeDelivery",
    recipient_has_id=there("ram:ShipToTradeParty/ram:ID"),
    recipient_has_global_id=there("ram:ShipToTradeParty/ram:GlobalID"),
)
SETTLEMENT = SYNTAX.context(
    f"{TRANSACTION}/ram:ApplicableHeaderTradeSettlement",
    payee_has_id=there("ram:PayeeTradeParty/ram:ID"),
    payee_has_global_id=there("ram:PayeeTradeParty/ram:GlobalID"),
    all_payment_means=facts("ram:SpecifiedTradeSettlementPaymentMeans"),
)
SYNTAX.context(f"{TRANSACTION}/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeSettlementHeaderMonetarySummation")
DOCUMENT = SYNTAX.context(
    ROOT,
    due_date_codes=distinct(".//ram:ApplicableTradeTax/ram:DueDateTypeCode"),
    payment_means_codes=distinct(".//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode"),
    payment_means_texts=distinct(".//ram:SpecifiedTradeSettlementPaymentMeans/ram:Information"),
    some_quantity_has_a_unit=there(".//ram:*Quantity/@unitCode"),
    some_billed_quantity_has_a_unit=there(f"{ITEM.removeprefix(ROOT + '/')}/ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode"),
)
SYNTAX.context("*DocumentContextParameter")
SYNTAX.context(
    f"{ROOT}/rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID | {ROOT}/rsm:ExchangedDocument/ram:ID"
    f" | {ITEM}/ram:AssociatedDocumentLineDocument/ram:LineID | {ITEM}/ram:SpecifiedTradeProduct/ram:SellerAssignedID"
)
SYNTAX.context("ram:*ID")
SYNTAX.context("ram:TypeCode")
SYNTAX.context(f"{ITEM}/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode")
REFERENCE = SYNTAX.context(
    "ram:*ReferencedDocument",
    document_type_code=text("ram:TypeCode"),
    has_uri=there("ram:URIID"),
    has_reference_type=there("ram:ReferenceTypeCode"),
    has_document_type=there("ram:TypeCode"),
    document_names=count("ram:Name"),
    attachments=count("ram:AttachmentBinaryObject"),
    has_reference_date=there("ram:FormattedIssueDateTime"),
)
SYNTAX.context("ram:TaxTotalAmount")
AMOUNT = SYNTAX.context("ram:*Amount")
SYNTAX.context("ram:*Quantity")
TAX = SYNTAX.context(
    "ram:*TradeTax",
    tax_type_code=text("ram:TypeCode"),
    has_tax_type=there("ram:TypeCode"),
    has_basis=there("ram:BasisAmount"),
    has_exemption_code=there("ram:ExemptionReasonCode"),
    has_exemption_reason=there("ram:ExemptionReason"),
    has_tax_point_date=there("ram:TaxPointDate"),
    has_due_date_code=there("ram:DueDateTypeCode"),
)
SYNTAX.context("ram:BillingSpecifiedPeriod")
SYNTAX.context("ram:PostalTradeAddress")
DAY = SYNTAX.leaf("udt:DateTimeString", "format", where=lambda _, form: form == "102")

ROWS = element_rules("en16931-cii", SYNTAX, without=NEVER_CII)


@rule("CII-SR-009", PROCESS)
def specification_is_named_once(process: Fact) -> object:
    """The specification (BT-24) stands once."""
    return process.guidelines == 1


@rule("CII-SR-010", PROCESS)
def specification_has_one_identifier(process: Fact) -> object:
    """The specification has one identifier (BT-24)."""
    return process.guideline_ids == 1


@rule("CII-SR-014", HEADER)
def type_of_the_invoice_is_there(header: Fact) -> object:
    """The invoice says its type (BT-3)."""
    return header.has_type_code


@rule("CII-SR-046", PRODUCT, at="has_global_id")
def global_identifier_has_a_scheme(product: Fact) -> object:
    """The standard identifier of an item (BT-157) has a scheme."""
    return not product.has_global_id or product.has_global_scheme


@rule("CII-SR-090", PRODUCT, at="has_origin")
def origin_has_a_country_code(product: Fact) -> object:
    """The origin of an item (BT-159) is a country code."""
    return not product.has_origin or product.has_origin_code


@rule("CII-SR-069", ATTRIBUTE)
def attribute_has_one_name(attribute: Fact) -> object:
    """An attribute of an item has one name (BT-160)."""
    return attribute.attribute_names == 1


@rule("CII-SR-072", ATTRIBUTE)
def attribute_has_one_value(attribute: Fact) -> object:
    """An attribute of an item has one value (BT-161)."""
    return attribute.attribute_values == 1


@rule("CII-SR-439", LINE_AGREEMENT)
def line_has_one_net_price(agreement: Fact) -> object:
    """A line has one net price (BT-146)."""
    return agreement.net_prices == 1


@rule("CII-SR-119", LINE_AGREEMENT, at="has_discount_indicator", severity=WARNING)
def price_discount_says_that_it_is_one(agreement: Fact) -> object:
    """A discount on the price (BT-147) has an amount and says that it is no charge; without a discount there is neither."""
    if any(is_false(indicator) for indicator in agreement.discount_indicators) and agreement.has_discount_amount:
        return True
    return not agreement.has_discount_indicator and not agreement.has_discount_amount


@rule("CII-SR-463", ALLOWANCE_CHARGE)
def allowance_or_charge_says_which_it_is(charge: Fact) -> object:
    """An allowance or charge says which of them it is (BG-20, BG-21, BG-27, BG-28)."""
    return charge.has_indicator


@rule("CII-SR-454", LINE_SETTLEMENT, at="vat_informations", severity=WARNING)
def line_has_one_vat_information(settlement: Fact) -> object:
    """A line has its VAT information (BG-30) once."""
    return settlement.vat_informations == 1


@rule("CII-SR-474", LINE_SETTLEMENT, severity=WARNING)
def line_has_one_invoiced_object(settlement: Fact) -> object:
    """A line has one invoiced object at most (BT-128)."""
    return sum(normal(reference.document_type_code) == "130" for reference in settlement.line_references) <= 1


@rule("CII-SR-450", AGREEMENT, at="buyer_has_global_id", severity=WARNING)
def buyer_has_one_kind_of_identifier(agreement: Fact) -> object:
    """The buyer's identifier (BT-46) is either a global one or not, but not both."""
    return not (agreement.buyer_has_id and agreement.buyer_has_global_id)


@rule("CII-SR-449", DELIVERY, at="recipient_has_global_id", severity=WARNING)
def place_of_delivery_has_one_kind_of_identifier(delivery: Fact) -> object:
    """The identifier of the place delivered to (BT-71) is either a global one or not, but not both."""
    return not (delivery.recipient_has_id and delivery.recipient_has_global_id)


@rule("CII-SR-451", SETTLEMENT, at="payee_has_global_id", severity=WARNING)
def payee_has_one_kind_of_identifier(settlement: Fact) -> object:
    """The payee's identifier (BT-60) is either a global one or not, but not both."""
    return not (settlement.payee_has_id and settlement.payee_has_global_id)


@rule("CII-SR-465", AGREEMENT, at="seller_has_department", severity=WARNING)
def contact_of_the_seller_is_a_person_or_a_department(agreement: Fact) -> object:
    """The seller's contact (BT-41) is a person or a department, not both."""
    return not (agreement.seller_has_person and agreement.seller_has_department)


@rule("CII-SR-466", AGREEMENT, at="buyer_has_department", severity=WARNING)
def contact_of_the_buyer_is_a_person_or_a_department(agreement: Fact) -> object:
    """The buyer's contact (BT-56) is a person or a department, not both."""
    return not (agreement.buyer_has_person and agreement.buyer_has_department)


@rule("CII-SR-457", AGREEMENT, severity=WARNING)
def there_is_one_tender(agreement: Fact) -> object:
    """There is one tender or lot at most (BT-17)."""
    return sum(reference.document_type_code == "50" for reference in agreement.additional_references) <= 1


@rule("CII-SR-458", AGREEMENT, severity=WARNING)
def there_is_one_invoiced_object(agreement: Fact) -> object:
    """There is one invoiced object at most (BT-18)."""
    return sum(reference.document_type_code == "130" for reference in agreement.additional_references) <= 1


def _in_supporting_documents(agreement: Fact, slot: str) -> int:
    documents = agreement.additional_references
    return sum(getattr(reference, slot) for reference in documents if normal(reference.document_type_code) == "916")


@rule("CII-SR-475", AGREEMENT, severity=WARNING)
def supporting_documents_have_one_description(agreement: Fact) -> object:
    """There is one description of a supporting document at most (BT-123)."""
    return _in_supporting_documents(agreement, "document_names") <= 1


@rule("CII-SR-476", AGREEMENT, severity=WARNING)
def supporting_documents_have_one_attachment(agreement: Fact) -> object:
    """There is one attached document at most (BT-125)."""
    return _in_supporting_documents(agreement, "attachments") <= 1


@rule("CII-SR-462", DOCUMENT, at="due_date_codes")
def vat_becomes_due_at_one_time(invoice: Fact) -> object:
    """Every VAT breakdown says the same code of when VAT becomes due (BT-8)."""
    return len(invoice.due_date_codes) <= 1


@rule("CII-SR-467", DOCUMENT, at="payment_means_codes")
def payment_means_code_is_the_same(invoice: Fact) -> object:
    """Every payment means has the same code (BT-81)."""
    return len(set(map(normal, invoice.payment_means_codes))) <= 1


@rule("CII-SR-468", DOCUMENT, at="payment_means_texts")
def payment_means_text_is_the_same(invoice: Fact) -> object:
    """Every payment means has the same text (BT-82)."""
    return len(set(map(normal, invoice.payment_means_texts))) <= 1


@rule("CII-SR-470", SETTLEMENT)
def credit_transfer_has_an_account(settlement: Fact) -> object:
    """A credit transfer says the account to pay to (BT-84)."""
    return all(
        means.has_creditor_account or normal(means.payment_means_code) not in CREDIT_TRANSFERS for means in settlement.all_payment_means
    )
