"""The rules of Peppol that XRechnung carries itself: document, parties, payment, allowances (CII)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, Keep, Read, facts, number, numbers, text, there
from einvoice_validators.rules.xrechnung.specification import MANDATED, slack, within
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import EXACT, SPACE, Uncast, divide, exists, normal, one, text_node

EMPTY = Pattern("xrechnung empty elements", Syntax.CII)
PATTERN = Pattern("xrechnung peppol", Syntax.CII)
HUNDRED, ZERO = Decimal(100), Decimal(0)

DELIVERY = EMPTY.leaf(
    "ram:ApplicableHeaderTradeDelivery", "name()", where=lambda _, name: name == "ram:ApplicableHeaderTradeDelivery", blank=True
)  # spared by its name as it is written: with another prefix it is not
ANY = EMPTY.leaf("*", blank=True)
ROOT = PATTERN.context(
    "/rsm:CrossIndustryInvoice",
    currency_code=text("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode"),
)
CONTEXT = PATTERN.context(
    "rsm:ExchangedDocumentContext", process_named=there("ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID")
)
SETTLEMENT = PATTERN.context(
    "ram:ApplicableHeaderTradeSettlement",
    settlement_currency=text("ram:InvoiceCurrencyCode"),
    vat_accounting_currency_code=text("ram:TaxCurrencyCode"),
    tax_totals=facts("ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount"),
    settlement_mandate_named=there("ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID"),
)
TAX_TOTAL = PATTERN.context(
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount",
    tax_amount_uncast=Read(".", Keep.ONE, Uncast),
    tax_amount_currency=text("@currencyID"),
)
BUYER = PATTERN.context("ram:BuyerTradeParty", electronic_address_named=there("ram:URIUniversalCommunication/ram:URIID"))
SELLER = PATTERN.context("ram:SellerTradeParty", electronic_address_named=there("ram:URIUniversalCommunication/ram:URIID"))


def _has(percentage: bool, base: bool) -> Callable[[Fact], bool]:
    return lambda allowance: exists(allowance.percentage) is percentage and exists(allowance.base_amount) is base


ALLOWANCE_WITHOUT_BASE = PATTERN.context(
    "ram:SpecifiedTradeAllowanceCharge",
    where=_has(percentage=True, base=False),
    percentage=number("ram:CalculationPercent"),
    base_amount=number("ram:BasisAmount"),
    actual_amounts=numbers("ram:ActualAmount"),
    indicator=text("ram:ChargeIndicator/udt:Indicator"),
)
ALLOWANCE_WITHOUT_PERCENTAGE = PATTERN.context("ram:SpecifiedTradeAllowanceCharge", where=_has(percentage=False, base=True))
ALLOWANCE = PATTERN.context("ram:SpecifiedTradeAllowanceCharge")
DISCOUNT = PATTERN.context("ram:AppliedTradeAllowanceCharge", indicator=text("ram:ChargeIndicator/udt:Indicator"))
MEANS = PATTERN.context(
    "ram:SpecifiedTradeSettlementPaymentMeans",
    where=lambda means: normal(means.means_code) in MANDATED,
    means_code=text("ram:TypeCode"),
)


@rule("PEPPOL-EN16931-R008", ANY)
def no_element_is_empty(text: str) -> object:
    """No element is empty."""
    return text.strip(SPACE)


@rule("PEPPOL-EN16931-R001", CONTEXT)
def process_is_named(context: Fact) -> object:
    """The business process is named (BT-23)."""
    return context.process_named


@rule("PEPPOL-EN16931-R005", SETTLEMENT, at="vat_accounting_currency_code")
def accounting_currency_is_another(settlement: Fact) -> object:
    """The VAT accounting currency (BT-6) is another than the invoice currency (BT-5)."""
    code = settlement.vat_accounting_currency_code
    return not exists(code) or normal(text_node(code)) != normal(text_node(settlement.settlement_currency))


@rule("PEPPOL-EN16931-R053", SETTLEMENT, at="ram:SpecifiedTradeSettlementHeaderMonetarySummation")
def invoice_currency_has_one_tax_total(settlement: Fact) -> object:
    """There is at most one VAT total in the invoice currency (BT-110)."""
    return sum(total.tax_amount_currency == settlement.document.currency_code for total in settlement.tax_totals) <= 1


@rule("PEPPOL-EN16931-R054", SETTLEMENT, at="ram:SpecifiedTradeSettlementHeaderMonetarySummation")
def accounting_currency_has_its_total(settlement: Fact) -> object:
    """One VAT total in another currency (BT-111) stands where there is a VAT accounting currency (BT-6), none where there is not."""
    others = sum(total.tax_amount_currency != settlement.document.currency_code for total in settlement.tax_totals)
    return others == exists(settlement.vat_accounting_currency_code)


@rule("PEPPOL-EN16931-R055", SETTLEMENT, at="ram:SpecifiedTradeSettlementHeaderMonetarySummation")
def tax_totals_have_the_same_sign(settlement: Fact) -> object:
    """The VAT totals in the two currencies (BT-110, BT-111) have the same sign."""
    own = _amounts_in(settlement, settlement.document.currency_code)
    if not exists(settlement.vat_accounting_currency_code) or not own:
        return True
    sides = [_amounts_in(settlement, settlement.vat_accounting_currency_code), own]
    return all(any(amount < 0 for amount in side) for side in sides) or all(any(amount >= 0 for amount in side) for side in sides)


def _amounts_in(settlement: Fact, currency: str) -> list[Uncast]:
    return [total.tax_amount_uncast for total in settlement.tax_totals if total.tax_amount_currency == currency]


@rule("PEPPOL-EN16931-R010", BUYER)
def buyer_has_an_electronic_address(party: Fact) -> object:
    """The buyer's electronic address is given (BT-49)."""
    return party.electronic_address_named


@rule("PEPPOL-EN16931-R020", SELLER)
def seller_has_an_electronic_address(party: Fact) -> object:
    """The seller's electronic address is given (BT-34)."""
    return party.electronic_address_named


@rule("PEPPOL-EN16931-R041", ALLOWANCE_WITHOUT_BASE, at="percentage")
def percentage_has_a_base(_: Fact) -> object:
    """An allowance or charge with a percentage names the base amount too."""
    return False


@rule("PEPPOL-EN16931-R042", ALLOWANCE_WITHOUT_PERCENTAGE, at="base_amount")
def base_has_a_percentage(_: Fact) -> object:
    """An allowance or charge with a base amount names the percentage too."""
    return False


@rule("PEPPOL-EN16931-R040", ALLOWANCE, at="ram:ActualAmount")
def amount_is_the_percentage_of_the_base(allowance: Fact) -> object:
    """The amount of an allowance or charge is its percentage of its base amount, give or take two cents (half a forint)."""
    if not (exists(allowance.percentage) and exists(allowance.base_amount)):
        return True
    calculated = divide(EXACT.multiply(allowance.base_amount, allowance.percentage), HUNDRED)
    return within(one(allowance.actual_amounts or (ZERO,)), calculated, slack(allowance.document.currency_code))


@rule("PEPPOL-EN16931-R043-1", ALLOWANCE, at="indicator")
def indicator_is_a_word(allowance: Fact) -> object:
    """The indicator of an allowance or charge is true or false, not 1 or 0."""
    return normal(text_node(allowance.indicator)) in ("true", "false")


@rule("PEPPOL-EN16931-R043-2", DISCOUNT, at="indicator")
def discount_indicator_is_a_word(discount: Fact) -> object:
    """The indicator of a price's discount is true or false, not 1 or 0."""
    return normal(text_node(discount.indicator)) in ("true", "false")


@rule("PEPPOL-EN16931-R061", MEANS, at="means_code")
def debit_names_its_mandate(means: Fact) -> object:
    """A direct debit names its mandate reference (BT-89)."""
    return _settlement(means).settlement_mandate_named


def _settlement(means: Fact) -> Fact:
    """The settlement that payment means stand in."""
    return means.parent
