"""The rules of Peppol that XRechnung carries itself: lines, prices, periods (UBL)."""

from __future__ import annotations

from decimal import Decimal

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, facts, number, text, texts, there
from einvoice_validators.rules.xrechnung.specification import single, slack, within
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import EXACT, Aborted, cents, day, divide, exists, normal, text_node, total

PATTERN = Pattern("xrechnung peppol lines", Syntax.UBL)
UNITS = Pattern("xrechnung peppol units", Syntax.UBL)
ZERO, ONE = Decimal(0), Decimal(1)

ROOT = PATTERN.context(
    "/ubl:Invoice | /cn:CreditNote",
    currency_code=text("cbc:DocumentCurrencyCode"),
    period_starts=texts("cac:InvoicePeriod/cbc:StartDate"),
    period_ends=texts("cac:InvoicePeriod/cbc:EndDate"),
)
PERIOD = PATTERN.context(
    "ubl:Invoice/cac:InvoiceLine/cac:InvoicePeriod | cn:CreditNote/cac:CreditNoteLine/cac:InvoicePeriod",
    start_date=text("cbc:StartDate"),
    end_date=text("cbc:EndDate"),
)
LINE = PATTERN.context(
    "cac:InvoiceLine | cac:CreditNoteLine",
    net_amount=number("cbc:LineExtensionAmount"),
    quantity=number("cbc:InvoicedQuantity | cbc:CreditedQuantity"),
    price_net=number("cac:Price/cbc:PriceAmount"),
    price_base_quantity=number("cac:Price/cbc:BaseQuantity"),
    line_allowances_charges=facts("cac:AllowanceCharge"),
    object_referenced=there("cac:DocumentReference"),
    object_type_codes=distinct("cac:DocumentReference/cbc:DocumentTypeCode"),
)
LINE_ALLOWANCE_CHARGE = PATTERN.context(
    "cac:InvoiceLine/cac:AllowanceCharge | cac:CreditNoteLine/cac:AllowanceCharge",
    amount=number("cbc:Amount"),
    indicator=text("cbc:ChargeIndicator"),
)
PRICE = PATTERN.context("cac:Price", price_amount=number("cbc:PriceAmount"), price_discounts=facts("cac:AllowanceCharge"))
DISCOUNT = PATTERN.context(
    "cac:Price/cac:AllowanceCharge",
    amount=number("cbc:Amount"),
    base_amount=number("cbc:BaseAmount"),
    indicator=text("cbc:ChargeIndicator"),
)
PRICED = UNITS.context(
    "cac:InvoiceLine | cac:CreditNoteLine | cac:SubInvoiceLine | cac:SubCreditNoteLine",
    quantity_named=there("cbc:InvoicedQuantity | cbc:CreditedQuantity"),
    unit_code=text("cbc:InvoicedQuantity/@unitCode | cbc:CreditedQuantity/@unitCode"),
    base_quantity_unit_code=text("cac:Price/cbc:BaseQuantity/@unitCode"),
)


@rule("PEPPOL-EN16931-R110", PERIOD, at="start_date")
def line_period_starts_within(period: Fact) -> object:
    """The period of a line (BT-134) does not start before the invoicing period (BT-73)."""
    starts = period.document.period_starts
    return not starts or not exists(period.start_date) or day(text_node(period.start_date)) >= _one_day(starts)


@rule("PEPPOL-EN16931-R111", PERIOD, at="end_date")
def line_period_ends_within(period: Fact) -> object:
    """The period of a line (BT-135) does not end after the invoicing period (BT-74)."""
    ends = period.document.period_ends
    return not ends or not exists(period.end_date) or day(text_node(period.end_date)) <= _one_day(ends)


def _one_day(dates: list[str]) -> object:
    if len(dates) > 1:
        raise Aborted("several invoicing periods, where the rules expect one")
    return day(dates[0])


@rule("PEPPOL-EN16931-R120", LINE, at="net_amount", severity=WARNING)
def line_net_amount_is_calculated(line: Fact) -> object:
    """The net amount of a line (BT-131) is quantity × price ÷ base quantity + charges − allowances, within two cents (half a forint)."""
    base = single(line.price_base_quantity, ONE) or ONE
    price = divide(single(line.price_net, ZERO), base)
    calculated = EXACT.multiply(single(line.quantity, ONE), price) + _of_kind(line, "true") - _of_kind(line, "false")
    return within(single(line.net_amount, ZERO), calculated, slack(line.document.currency_code))


def _of_kind(line: Fact, indicator: str) -> Decimal:
    """The charges ("true") or allowances of a line, in cents."""
    if not line.line_allowances_charges:
        return ZERO
    found: Decimal = cents(total(each.amount for each in line.line_allowances_charges if normal(each.indicator) == indicator))
    return found


@rule("PEPPOL-EN16931-R121", LINE, at="price_base_quantity")
def base_quantity_is_positive(line: Fact) -> object:
    """The base quantity of a price (BT-149) is greater than zero."""
    return not exists(line.price_base_quantity) or line.price_base_quantity > 0


@rule("PEPPOL-EN16931-R101", LINE, at="cac:DocumentReference")
def line_document_is_the_invoiced_object(line: Fact) -> object:
    """A document that a line refers to is the invoiced object (BT-128), type 130."""
    return not line.object_referenced or "130" in line.object_type_codes


@rule("PEPPOL-EN16931-R044", DISCOUNT, at="indicator")
def price_has_no_charge(discount: Fact) -> object:
    """A price has a discount (BT-147), never a charge."""
    return normal(discount.indicator) == "false"


@rule("PEPPOL-EN16931-R046", PRICE, at="price_amount")
def net_price_is_gross_less_discount(price: Fact) -> object:
    """The net price (BT-146) is the gross price (BT-148) less the discount (BT-147)."""
    return all(not exists(each.base_amount) or price.price_amount == each.base_amount - each.amount for each in price.price_discounts)


@rule("PEPPOL-EN16931-R130", PRICED, at="base_quantity_unit_code")
def base_quantity_has_the_unit_of_the_quantity(line: Fact) -> object:
    """The unit of the base quantity (BT-150) is that of the invoiced quantity (BT-130)."""
    return not exists(line.base_quantity_unit_code) or not line.quantity_named or line.base_quantity_unit_code == line.unit_code
