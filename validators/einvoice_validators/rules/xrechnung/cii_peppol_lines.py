"""The rules of Peppol that XRechnung carries itself: lines, prices, periods (CII), and one of KoSIT on base quantities."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, facts, number, numbers, text, texts, there
from einvoice_validators.rules.xrechnung.specification import single, slack, within
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import EXACT, cents, decimal, divide, exists, normal, one, total

PATTERN = Pattern("xrechnung peppol lines", Syntax.CII)
UNITS = Pattern("xrechnung peppol units", Syntax.CII)
GROSS = Pattern("xrechnung gross prices", Syntax.CII)
ZERO, ONE = Decimal(0), Decimal(1)

_NET = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice"
_GROSS = "ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice"
_HEADER_PERIOD = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod"
_LINES = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"

ROOT = PATTERN.context(
    "/rsm:CrossIndustryInvoice",
    currency_code=text("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode"),
    period_start_named=there(f"{_HEADER_PERIOD}/ram:StartDateTime"),
    period_starts=texts(f"{_HEADER_PERIOD}/ram:StartDateTime/udt:DateTimeString"),
    period_end_named=there(f"{_HEADER_PERIOD}/ram:EndDateTime"),
    period_ends=texts(f"{_HEADER_PERIOD}/ram:EndDateTime/udt:DateTimeString"),
)
PERIOD = PATTERN.context(
    f"{_LINES}/ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod",
    start_named=there("ram:StartDateTime"),
    start_date=text("ram:StartDateTime/udt:DateTimeString"),
    end_named=there("ram:EndDateTime"),
    end_date=text("ram:EndDateTime/udt:DateTimeString"),
)
LINE = PATTERN.context(
    "ram:IncludedSupplyChainTradeLineItem",
    net_amounts=numbers("ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
    billed_quantity=number("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
    prices_net=numbers(f"{_NET}/ram:ChargeAmount"),
    price_net_base_quantity=number(f"{_NET}/ram:BasisQuantity"),
    price_gross_base_quantity=number(f"{_GROSS}/ram:BasisQuantity"),
    line_allowances_charges=facts("ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge"),
    object_referenced=there("ram:SpecifiedLineTradeSettlement/ram:AdditionalReferencedDocument"),
    object_type_codes=distinct("ram:SpecifiedLineTradeSettlement/ram:AdditionalReferencedDocument/ram:TypeCode"),
)
LINE_ALLOWANCE_CHARGE = PATTERN.context(
    "ram:SpecifiedTradeAllowanceCharge", actual_amounts=numbers("ram:ActualAmount"), indicator=text("ram:ChargeIndicator/udt:Indicator")
)
PRICE = PATTERN.context("ram:NetPriceProductTradePrice | ram:GrossPriceProductTradePrice", basis_quantity=number("ram:BasisQuantity"))
PRICED = UNITS.context(
    "ram:IncludedSupplyChainTradeLineItem",
    billed_unit_code=text("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode"),
    net_base_text=text(f"{_NET}/ram:BasisQuantity"),
    net_base_unit_code=text(f"{_NET}/ram:BasisQuantity/@unitCode"),
    gross_base_text=text(f"{_GROSS}/ram:BasisQuantity"),
    gross_base_unit_code=text(f"{_GROSS}/ram:BasisQuantity/@unitCode"),
)
GROSS_LINE = GROSS.context(
    _LINES,
    prices_net=numbers(f"{_NET}/ram:ChargeAmount"),
    gross_named=there(_GROSS),
    prices_gross=numbers(f"{_GROSS}/ram:ChargeAmount"),
    discounts=facts(f"{_GROSS}/ram:AppliedTradeAllowanceCharge"),
)
DISCOUNT = GROSS.context(
    "ram:AppliedTradeAllowanceCharge", actual_amounts=numbers("ram:ActualAmount"), indicator=text("ram:ChargeIndicator/udt:Indicator")
)


@rule("PEPPOL-EN16931-R110", PERIOD, at="ram:StartDateTime")
def line_period_starts_within(period: Fact) -> object:
    """The period of a line (BT-134) does not start before the invoicing period (BT-73)."""
    document = period.document
    return not (document.period_start_named and period.start_named) or any(period.start_date >= each for each in document.period_starts)


@rule("PEPPOL-EN16931-R111", PERIOD, at="ram:EndDateTime")
def line_period_ends_within(period: Fact) -> object:
    """The period of a line (BT-135) does not end after the invoicing period (BT-74)."""
    document = period.document
    return not (document.period_end_named and period.end_named) or any(period.end_date <= each for each in document.period_ends)


@rule("PEPPOL-EN16931-R120", LINE, at="ram:SpecifiedLineTradeSettlement", severity=WARNING)
def line_net_amount_is_calculated(line: Fact) -> object:
    """The net amount of a line (BT-131) is quantity × price ÷ base quantity + charges − allowances, within two cents (half a forint)."""
    base = single(line.price_net_base_quantity, ONE) if line.price_net_base_quantity else ZERO
    base = base or (line.price_gross_base_quantity if exists(line.price_gross_base_quantity) else ONE) or ONE
    price = divide(_only(line.prices_net), base)
    calculated = EXACT.multiply(single(line.billed_quantity, ONE), price) + _of_kind(line, "true") - _of_kind(line, "false")
    return within(_only(line.net_amounts), calculated, slack(line.document.currency_code))


def _only(values: list[Decimal]) -> Any:
    """The one value, zero where there is none. Aborts where there are several."""
    return decimal(one(values)) if values else ZERO


def _of_kind(line: Fact, indicator: str) -> Decimal:
    """The charges ("true") or allowances of a line, in cents."""
    if not line.line_allowances_charges:
        return ZERO
    found: Decimal = cents(
        total(amount for each in line.line_allowances_charges if normal(each.indicator) == indicator for amount in each.actual_amounts)
    )
    return found


@rule("PEPPOL-EN16931-R101", LINE, at="ram:SpecifiedLineTradeSettlement/ram:AdditionalReferencedDocument")
def line_document_is_the_invoiced_object(line: Fact) -> object:
    """A document that a line refers to is the invoiced object (BT-128), type 130."""
    return not line.object_referenced or "130" in line.object_type_codes


@rule("PEPPOL-EN16931-R121", PRICE, at="basis_quantity")
def base_quantity_is_positive(price: Fact) -> object:
    """The base quantity of a price (BT-149) is greater than zero."""
    return not exists(price.basis_quantity) or price.basis_quantity > 0


@rule("PEPPOL-EN16931-R130", PRICED, at="net_base_unit_code")
def base_quantity_has_the_unit_of_the_quantity(line: Fact) -> object:
    """The unit of a base quantity (BT-150) is that of the invoiced quantity (BT-130)."""
    return all(not exists(unit) or unit == line.billed_unit_code for unit in (line.net_base_unit_code, line.gross_base_unit_code))


@rule("BR-TMP-3", PRICED, at="gross_base_text")
def both_prices_have_the_same_base(line: Fact) -> object:
    """The base quantity (BT-149, BT-150) of the gross price is that of the net price."""
    if not (exists(line.gross_base_text) and exists(line.net_base_text)):
        return True
    units = (line.net_base_unit_code, line.gross_base_unit_code)
    return line.gross_base_text == line.net_base_text and (not all(exists(unit) for unit in units) or units[0] == units[1])


@rule("PEPPOL-EN16931-R044", GROSS_LINE, at=f"{_GROSS}/ram:AppliedTradeAllowanceCharge")
def price_has_no_charge(line: Fact) -> object:
    """A price has a discount (BT-147), never a charge."""
    return not any(each.actual_amounts for each in line.discounts) or any(each.indicator == "false" for each in line.discounts)


@rule("PEPPOL-EN16931-R046", GROSS_LINE, at=f"{_NET}/ram:ChargeAmount")
def net_price_is_gross_less_discount(line: Fact) -> object:
    """The net price (BT-146) is the gross price (BT-148) less the discount (BT-147)."""
    if not line.prices_gross:
        return True
    discount = decimal(one(each.actual_amounts[0] for each in line.discounts if each.actual_amounts)) or ZERO
    return decimal(one(line.prices_net)) == decimal(one(line.prices_gross)) - discount
