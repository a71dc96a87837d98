"""The semantic model in UBL: the elements that its rules look at, in the order of the official contexts, and what is read of them."""

from __future__ import annotations

from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, Keep, Read, count, derived, distinct, facts, number, numbers, text, texts, there
from einvoice_validators.ruleset import Context, Pattern
from einvoice_validators.xpath import MISSING, SPACE, Uncast, normal

MODEL = Pattern("en16931-ubl-model", Syntax.UBL)
VAT_SCHEME = "VAT"
ISLANDS = ("L", "M")  # categories of taxes that are not VAT, whose rates are compared uncast
CREDIT_TRANSFER, SEPA_CREDIT_TRANSFER = "30", "58"
SUPPLIER, CUSTOMER = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
REPRESENTATIVE = "cac:TaxRepresentativeParty"


def _truth(allowance_charge: Fact) -> str:
    indicator: str = allowance_charge.charge_indicator
    return indicator.strip(SPACE)


def is_allowance(allowance_charge: Fact) -> bool:
    """An allowance, as its indicator says."""
    return _truth(allowance_charge) in ("false", "0")


def is_charge(allowance_charge: Fact) -> bool:
    """A charge, as its indicator says."""
    return _truth(allowance_charge) in ("true", "1")


def at_document_level(fact: Fact) -> bool:
    """Whether an element stands directly within the document."""
    return len(fact.path) == 2


def has_vat_scheme(fact: Fact) -> bool:
    """Whether a VAT category or a tax registration is about VAT."""
    return fact.tax_scheme == VAT_SCHEME or (fact.tax_scheme is not MISSING and normal(fact.tax_scheme.upper()) == VAT_SCHEME)


@derived
def vat_category(category: Fact) -> str | None:
    """The code of a VAT category, '' where it has none; None where it is about another tax."""
    return normal(category.category_code) if has_vat_scheme(category) else None


def is_for_credit_transfer(account: Fact) -> bool:
    """An account of payment instructions that ask for a credit transfer."""
    return account.parent.means_code in (CREDIT_TRANSFER, SEPA_CREDIT_TRANSFER)


Reads = dict[str, Any]  # of reads, as keyword arguments

ADDRESS: Reads = {"country_code": text("cac:Country/cbc:IdentificationCode")}
ALLOWANCE_CHARGE: Reads = {
    "charge_indicator": text("cbc:ChargeIndicator"),
    "amount": number("cbc:Amount"),
    "amount_text": text("cbc:Amount"),
    "base_amount_text": text("cbc:BaseAmount"),
    "has_reason": there("cbc:AllowanceChargeReason | cbc:AllowanceChargeReasonCode"),
    "vat_categories": facts("cac:TaxCategory"),
}
CATEGORY: Reads = {"category_code": text("cbc:ID"), "rate": number("cbc:Percent"), "tax_scheme": text("cac:TaxScheme/cbc:ID")}
RATE_UNCAST: Reads = {"rate_uncast": Read("cbc:Percent", Keep.ONE, Uncast)}
EXEMPTION: Reads = {"has_exemption_reason": there("cbc:TaxExemptionReason | cbc:TaxExemptionReasonCode")}
PERIOD: Reads = {
    "start_date": text("cbc:StartDate"),
    "end_date": text("cbc:EndDate"),
    "has_description_code": there("cbc:DescriptionCode"),
}

SUPPORTING_DOCUMENT = MODEL.context("cac:AdditionalDocumentReference", reference=text("cbc:ID"))
BUYER_ENDPOINT = MODEL.leaf(f"{CUSTOMER}/cbc:EndpointID", "schemeID")
BUYER_ADDRESS = MODEL.context(f"{CUSTOMER}/cac:PostalAddress", **ADDRESS)
CARD_NUMBER = MODEL.leaf("cac:PaymentMeans/cac:CardAccount/cbc:PrimaryAccountNumberID")
DELIVERY_ADDRESS = MODEL.context("cac:Delivery/cac:DeliveryLocation/cac:Address", **ADDRESS)

_DOCUMENT_LEVEL = "/ubl:Invoice/cac:AllowanceCharge | /cn:CreditNote/cac:AllowanceCharge"
DOCUMENT_ALLOWANCE = MODEL.context(_DOCUMENT_LEVEL, where=is_allowance, **ALLOWANCE_CHARGE)
DOCUMENT_CHARGE = MODEL.context(_DOCUMENT_LEVEL, where=is_charge, **ALLOWANCE_CHARGE)

TOTALS = MODEL.context(
    "cac:LegalMonetaryTotal",
    sum_of_line_net_amounts=number("cbc:LineExtensionAmount"),
    sum_of_allowances=number("cbc:AllowanceTotalAmount"),
    sum_of_charges=number("cbc:ChargeTotalAmount"),
    total_without_vat=number("cbc:TaxExclusiveAmount"),
    total_with_vat=number("cbc:TaxInclusiveAmount"),
    paid_amount=number("cbc:PrepaidAmount"),
    rounding_amount=number("cbc:PayableRoundingAmount"),
    amount_due=number("cbc:PayableAmount"),
)

INVOICE = MODEL.context(
    "/ubl:Invoice | /cn:CreditNote",
    specification_identifier=text("cbc:CustomizationID"),
    number=text("cbc:ID"),
    invoice_type_code=text("cbc:InvoiceTypeCode"),
    credit_note_type_code=text("cbc:CreditNoteTypeCode"),
    currency_code=text("cbc:DocumentCurrencyCode"),
    vat_accounting_currency_code=text("cbc:TaxCurrencyCode"),
    has_tax_point_date=there("cbc:TaxPointDate"),
    has_tax_point_date_code=there("cac:InvoicePeriod/cbc:DescriptionCode"),
    has_invoicing_period=there("cac:InvoicePeriod/*"),
    delivery_date=text("cac:Delivery/cbc:ActualDeliveryDate"),
    delivery_country_code=text("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"),
    country_codes=distinct(".//cbc:IdentificationCode"),
    seller_name=text(f"{SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    seller_trading_names=texts(f"{SUPPLIER}/cac:PartyName/cbc:Name"),
    seller_identifiers=texts(f"{SUPPLIER}/cac:PartyIdentification/cbc:ID"),
    has_seller_address=there(f"{SUPPLIER}/cac:PostalAddress"),
    has_seller_tax_identifier=there(f".//{SUPPLIER}/cac:PartyTaxScheme/cbc:CompanyID"),
    seller_tax_registrations=facts(f".//{SUPPLIER}/cac:PartyTaxScheme"),
    representative_tax_registrations=facts(f".//{REPRESENTATIVE}/cac:PartyTaxScheme"),
    buyer_name=text(f"{CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    has_buyer_address=there(f"{CUSTOMER}/cac:PostalAddress"),
    has_buyer_legal_identifier=there(f".//{CUSTOMER}/cac:PartyLegalEntity/cbc:CompanyID"),
    buyer_tax_registrations=facts(f".//{CUSTOMER}/cac:PartyTaxScheme"),
    total_without_vat=number("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount"),
    total_with_vat=number("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"),
    tax_totals=facts("cac:TaxTotal"),
    tax_currencies=distinct(".//cac:TaxTotal/cbc:TaxAmount/@currencyID"),
    has_vat_breakdown=there("cac:TaxTotal/cac:TaxSubtotal"),
    allowance_charges=facts(".//cac:AllowanceCharge"),
    tax_categories=facts(".//cac:TaxCategory"),
    item_categories=facts(".//cac:ClassifiedTaxCategory"),
    lines=facts(".//cac:InvoiceLine | .//cac:CreditNoteLine"),
)

LINE = MODEL.context(
    "cac:InvoiceLine | cac:CreditNoteLine",
    identifier=text("cbc:ID"),
    has_quantity=there("cbc:InvoicedQuantity | cbc:CreditedQuantity"),
    has_unit_code=there("cbc:InvoicedQuantity/@unitCode | cbc:CreditedQuantity/@unitCode"),
    net_amount=number("cbc:LineExtensionAmount"),
    item_name=text("cac:Item/cbc:Name"),
    price_net_uncast=Read("cac:Price/cbc:PriceAmount", Keep.ONE, Uncast),
    prices_gross_uncast=Read("cac:Price/cac:AllowanceCharge/cbc:BaseAmount", Keep.ALL, Uncast),
    vat_categories=facts("cac:Item/cac:ClassifiedTaxCategory"),
)
_LINE_LEVEL = "cac:InvoiceLine/cac:AllowanceCharge | cac:CreditNoteLine/cac:AllowanceCharge"
LINE_ALLOWANCE = MODEL.context(_LINE_LEVEL, where=is_allowance, **ALLOWANCE_CHARGE)
LINE_CHARGE = MODEL.context(_LINE_LEVEL, where=is_charge, **ALLOWANCE_CHARGE)
LINE_PERIOD = MODEL.context("cac:InvoiceLine/cac:InvoicePeriod | cac:CreditNoteLine/cac:InvoicePeriod", **PERIOD)
INVOICING_PERIOD = MODEL.context("cac:InvoicePeriod", **PERIOD)
ITEM_ATTRIBUTE = MODEL.context("cac:AdditionalItemProperty", has_name=there("cbc:Name"), has_value=there("cbc:Value"))
_ITEM = "cac:InvoiceLine/cac:Item/{0} | cac:CreditNoteLine/cac:Item/{0}"
ITEM_CLASSIFICATION = MODEL.leaf(_ITEM.format("cac:CommodityClassification/cbc:ItemClassificationCode"), "listID")
ITEM_STANDARD_IDENTIFIER = MODEL.leaf(_ITEM.format("cac:StandardItemIdentification/cbc:ID"), "schemeID")
NOTE = MODEL.leaf("/ubl:Invoice/cbc:Note | /cn:CreditNote/cbc:Note")

PAYEE = MODEL.context("cac:PayeeParty", names=texts("cac:PartyName/cbc:Name"), identifiers=texts("cac:PartyIdentification/cbc:ID"))
CREDIT_TRANSFER_ACCOUNT = MODEL.context(
    "cac:PaymentMeans/cac:PayeeFinancialAccount", where=is_for_credit_transfer, account_identifier=text("cbc:ID")
)
PAYMENT = MODEL.context(
    "cac:PaymentMeans", means_code=text("cbc:PaymentMeansCode"), has_account_identifier=there("cac:PayeeFinancialAccount/cbc:ID")
)
PRECEDING_INVOICE = MODEL.context("cac:BillingReference", has_reference=there("cac:InvoiceDocumentReference/cbc:ID"))

SELLER = MODEL.context(
    "cac:AccountingSupplierParty",
    tax_registrations=facts("cac:Party/cac:PartyTaxScheme"),
    number_of_identifiers=count("cac:Party/cac:PartyIdentification/cbc:ID"),
    identifier_schemes=texts("cac:Party/cac:PartyIdentification/cbc:ID/@schemeID"),
    has_legal_identifier=there("cac:Party/cac:PartyLegalEntity/cbc:CompanyID"),
)
SELLER_ENDPOINT = MODEL.leaf(f"{SUPPLIER}/cbc:EndpointID", "schemeID")
SELLER_ADDRESS = MODEL.context(f"{SUPPLIER}/cac:PostalAddress", **ADDRESS)
TAX_REPRESENTATIVE = MODEL.context(
    REPRESENTATIVE,
    representative_name=text("cac:PartyName/cbc:Name"),
    has_address=there("cac:PostalAddress"),
    tax_registrations=facts("cac:PartyTaxScheme"),
)
TAX_REPRESENTATIVE_ADDRESS = MODEL.context(f"{REPRESENTATIVE}/cac:PostalAddress", **ADDRESS)

TAX_TOTAL = MODEL.context(
    "/ubl:Invoice/cac:TaxTotal | /cn:CreditNote/cac:TaxTotal",
    tax_amount=number("cbc:TaxAmount"),
    currency_code=text("cbc:TaxAmount/@currencyID"),
    breakdown_tax_amounts=numbers("cac:TaxSubtotal/cbc:TaxAmount"),
)
BREAKDOWN = MODEL.context(
    "cac:TaxTotal/cac:TaxSubtotal",
    taxable_amount=number("cbc:TaxableAmount"),
    tax_amount=number("cbc:TaxAmount"),
    vat_categories=facts("cac:TaxCategory"),
)
VAT_REGISTRATION = MODEL.context(
    "cac:PartyTaxScheme", where=has_vat_scheme, company_identifier=text("cbc:CompanyID"), tax_scheme=text("cac:TaxScheme/cbc:ID")
)


class CategoryContexts:
    """Where one VAT category may stand: in the VAT breakdown, on an allowance, on a charge, on the item of a line."""

    def __init__(self, code: str) -> None:
        def fits(category: Fact) -> bool:
            return vat_category(category) == code

        def of_allowance(category: Fact) -> bool:
            return is_allowance(category.parent) and fits(category)

        def of_charge(category: Fact) -> bool:
            return is_charge(category.parent) and fits(category)

        of_item = {**CATEGORY, **RATE_UNCAST} if code in ISLANDS else CATEGORY
        either = "cac:AllowanceCharge/cac:TaxCategory"
        self.breakdown: Context = MODEL.context("/*/cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory", where=fits, **CATEGORY, **EXEMPTION)
        self.allowance: Context = MODEL.context(either, where=of_allowance, **of_item)
        self.charge: Context = MODEL.context(either, where=of_charge, **of_item)
        self.item: Context = MODEL.context(_ITEM.format("cac:ClassifiedTaxCategory"), where=fits, **of_item)


# A category has one code, so the order among these does not matter: the usual one comes first.
CATEGORIES = {code: CategoryContexts(code) for code in ("S", "Z", "E", "AE", "K", "G", "O", "L", "M")}

# Elements that rules ask for from elsewhere; they have no rules of their own.
MODEL.context("cac:AllowanceCharge", **ALLOWANCE_CHARGE)
MODEL.context("cac:TaxCategory", **CATEGORY)
MODEL.context("cac:ClassifiedTaxCategory", **CATEGORY)
MODEL.context("cac:PartyTaxScheme", company_identifier=text("cbc:CompanyID"), tax_scheme=text("cac:TaxScheme/cbc:ID"))
