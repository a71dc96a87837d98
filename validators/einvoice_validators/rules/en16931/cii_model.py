"""The elements that CEN's CII model pattern looks at, in its order, with what its rules read of them.

Two liberties that change no verdict: rules on a charge indicator, of which an allowance has one, look at the allowance itself;
and those on the category code of a VAT breakdown look at the breakdown, in a pattern of their own, as it meets others as well.
A tax has one category, so the contexts of the categories stand in the order in which they are met most.
"""

from __future__ import annotations

from collections.abc import Callable

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, Keep, Read, distinct, facts, number, text, texts, there
from einvoice_validators.ruleset import Context, Pattern
from einvoice_validators.xpath import Uncast, double, exists

TRADE = "rsm:SupplyChainTradeTransaction"
AGREEMENT = f"{TRADE}/ram:ApplicableHeaderTradeAgreement"
DELIVERY = f"{TRADE}/ram:ApplicableHeaderTradeDelivery"
SETTLEMENT = f"{TRADE}/ram:ApplicableHeaderTradeSettlement"
SELLER, BUYER = f"{AGREEMENT}/ram:SellerTradeParty", f"{AGREEMENT}/ram:BuyerTradeParty"
REPRESENTATIVE = f"{AGREEMENT}/ram:SellerTaxRepresentativeTradeParty"
LINES = f"{TRADE}/ram:IncludedSupplyChainTradeLineItem"
LINE_SETTLEMENT = "ram:SpecifiedLineTradeSettlement"
TAX_SCHEMES = "ram:SpecifiedTaxRegistration/ram:ID/@schemeID"

CATEGORIES = ("S", "AE", "K", "Z", "E", "G", "O", "L", "M")  # codes of UNTDID 5305
OF_THE_TAX = ("L", "M", "O")  # of these the breakdown itself is the official context, so that it meets no other
WHATEVER_THE_TAX = ("S", "Z")  # breakdowns of these need not be of VAT

_booleans = {"true": True, "1": True, "false": False, "0": False}
MODEL = Pattern("en16931-cii-model", Syntax.CII)
CATEGORY_CODES = Pattern("en16931-cii-model-category-codes", Syntax.CII)


def upper(path: str) -> Read:
    """The value in capitals."""
    return Read(path, Keep.ONE, str.upper)


def doubles(path: str) -> Read:
    """Every value as a double, in document order."""
    return Read(path, Keep.ALL, double)


def uncast(path: str) -> Read:
    """The value as the official rules compare it where they do not cast it."""
    return Read(path, Keep.ONE, Uncast)


CLASSIFICATION = MODEL.context("ram:DesignatedProductClassification", code=there("ram:ClassCode"), scheme=text("ram:ClassCode/@listID"))
SUPPORTING_DOCUMENT = MODEL.context("ram:AdditionalReferencedDocument", reference=text("ram:IssuerAssignedID"))
CARD = MODEL.context("ram:ApplicableTradeSettlementFinancialCard", primary_account_number=text("ram:ID"))
CREDIT_TRANSFER = MODEL.context(
    "ram:SpecifiedTradeSettlementPaymentMeans/ram:PayeePartyCreditorFinancialAccount",
    where=lambda account: account.parent.means_code in ("30", "58"),
    iban=text("ram:IBANID"),
    proprietary_account=text("ram:ProprietaryID"),
)
DELIVERED = MODEL.context(
    f"/rsm:CrossIndustryInvoice/{DELIVERY}",
    address=there("ram:ShipToTradeParty/ram:PostalTradeAddress"),
    country_code=text("ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID"),
)


def _allowance_charge(settlement: str, indicator: str) -> Context:
    return MODEL.context(
        f"{settlement}/ram:SpecifiedTradeAllowanceCharge",
        where=lambda each: each.indicator == indicator,
        indicator=text("ram:ChargeIndicator/udt:Indicator"),
        amounts=texts("ram:ActualAmount"),
        base_amount_text=text("ram:BasisAmount"),
        reason=there("ram:Reason"),
        reason_code=there("ram:ReasonCode"),
        taxes=facts("ram:CategoryTradeTax"),
    )


ALLOWANCE = _allowance_charge("ram:ApplicableHeaderTradeSettlement", "false")
CHARGE = _allowance_charge("ram:ApplicableHeaderTradeSettlement", "true")
TOTALS = MODEL.context(
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    sum_of_line_net_amounts=number("ram:LineTotalAmount"),
    sum_of_line_net_amounts_text=text("ram:LineTotalAmount"),
    sum_of_allowances=number("ram:AllowanceTotalAmount"),
    sum_of_allowances_text=text("ram:AllowanceTotalAmount"),
    sum_of_charges=number("ram:ChargeTotalAmount"),
    sum_of_charges_text=text("ram:ChargeTotalAmount"),
    total_without_vat=number("ram:TaxBasisTotalAmount"),
    total_without_vat_text=text("ram:TaxBasisTotalAmount"),
    vat_totals=facts("ram:TaxTotalAmount"),
    total_with_vat=number("ram:GrandTotalAmount"),
    total_with_vat_text=text("ram:GrandTotalAmount"),
    paid_amount=number("ram:TotalPrepaidAmount"),
    paid_amount_text=text("ram:TotalPrepaidAmount"),
    rounding_amount=number("ram:RoundingAmount"),
    rounding_amount_text=text("ram:RoundingAmount"),
    amount_due=number("ram:DuePayableAmount"),
    amount_due_text=text("ram:DuePayableAmount"),
)
DOCUMENT = MODEL.context(
    "/rsm:CrossIndustryInvoice",
    specification_identifier=text("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
    number=text("rsm:ExchangedDocument/ram:ID"),
    issue_date=text("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString"),
    issue_date_format=text("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString/@format"),
    type_code=text("rsm:ExchangedDocument/ram:TypeCode"),
    currency_code=text(f"{SETTLEMENT}/ram:InvoiceCurrencyCode"),
    vat_accounting_currency_code=text(f"{SETTLEMENT}/ram:TaxCurrencyCode"),
    seller_name=text(f"{SELLER}/ram:Name"),
    seller_identifiers=distinct(f"{SELLER}/ram:ID"),
    seller_legal_registration=text(f"{SELLER}/ram:SpecifiedLegalOrganization/ram:ID"),
    seller_address=there(f"{SELLER}/ram:PostalTradeAddress"),
    seller_country_code=text(f"{SELLER}/ram:PostalTradeAddress/ram:CountryID"),
    seller_electronic_addresses=facts(f"{SELLER}/ram:URIUniversalCommunication"),
    seller_tax_schemes=distinct(f"{SELLER}/{TAX_SCHEMES}"),
    buyer_name=text(f"{BUYER}/ram:Name"),
    buyer_address=there(f"{BUYER}/ram:PostalTradeAddress"),
    buyer_country_code=text(f"{BUYER}/ram:PostalTradeAddress/ram:CountryID"),
    buyer_electronic_addresses=facts(f"{BUYER}/ram:URIUniversalCommunication"),
    buyer_tax_schemes=distinct(f"{BUYER}/{TAX_SCHEMES}"),
    buyer_has_legal_registration=there(f"{BUYER}/ram:SpecifiedLegalOrganization/ram:ID"),
    representative_tax_schemes=distinct(f"{REPRESENTATIVE}/{TAX_SCHEMES}"),
    has_delivery_date=there(f"{DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"),
    has_delivery_country=there(f"{DELIVERY}/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID"),
    has_period_date=there(
        f"{SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:StartDateTime | {SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:EndDateTime"
    ),
    has_tax_point_date=there(".//ram:TaxPointDate"),
    has_tax_point_date_code=there(".//ram:DueDateTypeCode"),
    country_codes=distinct(".//ram:CountryID"),
    category_codes=distinct(".//ram:CategoryCode"),
    tax_category_codes=distinct(".//ram:ApplicableTradeTax/ram:CategoryCode"),
    breakdown_categories=texts(f"{SETTLEMENT}/ram:ApplicableTradeTax/ram:CategoryCode"),
    allowance_charge_categories=texts(".//ram:CategoryTradeTax/ram:CategoryCode"),
    has_vat_breakdown=there(f"{SETTLEMENT}/ram:ApplicableTradeTax"),
    tax_amounts=doubles(f"{SETTLEMENT}/ram:ApplicableTradeTax/ram:CalculatedAmount"),
    allowances_and_charges=facts(f"{SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge"),
    lines=facts(LINES),
    monetary_summation=facts(f"{SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"),
)
_SUMMATION = f"{LINE_SETTLEMENT}/ram:SpecifiedTradeSettlementLineMonetarySummation"
LINE = MODEL.context(
    "ram:IncludedSupplyChainTradeLineItem",
    identifier=text("ram:AssociatedDocumentLineDocument/ram:LineID"),
    quantity=there("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
    unit_code=there("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode"),
    net_amount_text=text(f"{_SUMMATION}/ram:LineTotalAmount"),
    item_name=text("ram:SpecifiedTradeProduct/ram:Name"),
    item_standard_identifier=there("ram:SpecifiedTradeProduct/ram:GlobalID"),
    item_standard_identifier_scheme=text("ram:SpecifiedTradeProduct/ram:GlobalID/@schemeID"),
    net_price=uncast("ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"),
    gross_price=uncast("ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice/ram:ChargeAmount"),
    taxes=facts(f"{LINE_SETTLEMENT}/ram:ApplicableTradeTax"),
)
LINE_ALLOWANCE = _allowance_charge(LINE_SETTLEMENT, "false")
LINE_CHARGE = _allowance_charge(LINE_SETTLEMENT, "true")


def _period(settlement: str) -> Context:
    return MODEL.context(
        f"{settlement}/ram:BillingSpecifiedPeriod",
        has_start=there("ram:StartDateTime"),
        has_end=there("ram:EndDateTime"),
        start_date=text("ram:StartDateTime/udt:DateTimeString"),
        start_date_format=text("ram:StartDateTime/udt:DateTimeString/@format"),
        end_date=text("ram:EndDateTime/udt:DateTimeString"),
        end_date_format=text("ram:EndDateTime/udt:DateTimeString/@format"),
    )


LINE_PERIOD = _period(LINE_SETTLEMENT)
PERIOD = _period("ram:ApplicableHeaderTradeSettlement")
ATTRIBUTE = MODEL.context("ram:ApplicableProductCharacteristic", name_there=there("ram:Description"), value_there=there("ram:Value"))
PAYEE = MODEL.context(
    "ram:PayeeTradeParty",
    party_name=text("ram:Name"),
    identifiers=distinct("ram:ID"),
    legal_registration=text("ram:SpecifiedLegalOrganization/ram:ID"),
)
PAYMENT = MODEL.context("ram:SpecifiedTradeSettlementPaymentMeans", means_code=text("ram:TypeCode"))
PRECEDING_INVOICE = MODEL.context(
    f"/rsm:CrossIndustryInvoice/{SETTLEMENT}/ram:InvoiceReferencedDocument", reference=text("ram:IssuerAssignedID")
)
SELLER_PARTY = MODEL.context(
    "ram:SellerTradeParty",
    has_identifier=there("ram:ID | ram:GlobalID | ram:SpecifiedLegalOrganization/ram:ID"),
    tax_schemes=distinct(TAX_SCHEMES),
)
REPRESENTATIVE_PARTY = MODEL.context(
    "ram:SellerTaxRepresentativeTradeParty",
    party_name=text("ram:Name"),
    address=there("ram:PostalTradeAddress"),
    country_code=text("ram:PostalTradeAddress/ram:CountryID"),
    tax_registrations=facts("ram:SpecifiedTaxRegistration"),
)
VAT_TOTAL = MODEL.context(
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount",
    where=lambda total: total.currency == total.document.currency_code,
    amount=text("."),
    currency=text("@currencyID"),
)
VAT_IDENTIFIER = MODEL.leaf("ram:SpecifiedTaxRegistration/ram:ID[@schemeID]", where=lambda _, scheme: scheme == "VA")


def _of(category: str) -> Callable[[Fact], bool]:
    return lambda tax: tax.category_code == category and tax.tax_type == "VAT"


def _discount_of(category: str, *, charge: bool) -> Callable[[Fact], bool]:
    ours = _of(category)
    return lambda tax: ours(tax) and is_charge(tax.parent) is charge


def is_charge(allowance_or_charge: Fact) -> bool | None:
    """Whether it is a charge, as `Indicator = true()` has it; None where it does not say."""
    said = allowance_or_charge.indicator
    return _booleans.get(said.strip()) if exists(said) else None


def _tax(path: str, where: Callable[[Fact], bool]) -> Context:
    return MODEL.context(
        path,
        where=where,
        tax_type=upper("ram:TypeCode"),
        category_code=text("ram:CategoryCode"),
        rate=number("ram:RateApplicablePercent"),
        uncast_rate=uncast("ram:RateApplicablePercent"),
    )


def _breakdown_of(category: str) -> Context:
    pattern = MODEL if category in OF_THE_TAX else CATEGORY_CODES
    return pattern.context(
        _BREAKDOWN_PATH,
        where=(lambda tax: tax.category_code == category) if category in WHATEVER_THE_TAX else _of(category),
        tax_type=upper("ram:TypeCode"),
        category_code=text("ram:CategoryCode"),
        rate=number("ram:RateApplicablePercent"),
        taxable_amount=number("ram:BasisAmount"),
        taxable_amount_text=text("ram:BasisAmount"),
        tax_amount=number("ram:CalculatedAmount"),
        tax_amount_text=text("ram:CalculatedAmount"),
        exemption_reason=there("ram:ExemptionReason"),
        exemption_reason_code=there("ram:ExemptionReasonCode"),
    )


_BREAKDOWN_PATH = "ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax"
_LINE_PATH = f"{LINES}/{LINE_SETTLEMENT}/ram:ApplicableTradeTax"
_ALLOWANCE_PATH = "ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax"

LINE_TAX_OF = {each: _tax(_LINE_PATH, _of(each)) for each in CATEGORIES}
ALLOWANCE_TAX_OF = {each: _tax(_ALLOWANCE_PATH, _discount_of(each, charge=False)) for each in CATEGORIES}
CHARGE_TAX_OF = {each: _tax(_ALLOWANCE_PATH, _discount_of(each, charge=True)) for each in CATEGORIES}
BREAKDOWN_OF = {each: _breakdown_of(each) for each in CATEGORIES}
BREAKDOWN = MODEL.context(_BREAKDOWN_PATH)

# Elements that others read facts of; no rule looks at them for themselves.
MODEL.context("ram:URIUniversalCommunication", scheme=text("ram:URIID/@schemeID"))
MODEL.context("ram:SpecifiedTaxRegistration", identifier=text("ram:ID"), scheme=text("ram:ID/@schemeID"))
