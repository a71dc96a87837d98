"""Peppol BIS: allowances and charges of documents and lines, and discounts on prices."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, facts, number, text
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import EXACT, MISSING, exists, normal, text_node

SLACK = Decimal("0.02")
ALLOWANCE_REASONS = partial(code_set, "untdid-5189", "peppol")
CHARGE_REASONS = partial(code_set, "untdid-7161", "peppol")

PATTERN = Pattern("peppol allowances", Syntax.UBL)
ALLOWANCE = PATTERN.context(
    "/*/cac:AllowanceCharge | /*/cac:InvoiceLine/cac:AllowanceCharge | /*/cac:CreditNoteLine/cac:AllowanceCharge",
    charge_indicator=text("cbc:ChargeIndicator"),
    amount=number("cbc:Amount"),
    base_amount=number("cbc:BaseAmount"),
    multiplier=number("cbc:MultiplierFactorNumeric"),
)
PRICES = Pattern("peppol prices", Syntax.UBL)
PRICE = PRICES.context("cac:Price", price_amount=number("cbc:PriceAmount"), price_discounts=facts("cac:AllowanceCharge"))
DISCOUNTS = Pattern("peppol price discounts", Syntax.UBL)
DISCOUNT = DISCOUNTS.context(
    "cac:Price/cac:AllowanceCharge",
    charge_indicator=text("cbc:ChargeIndicator"),
    amount=number("cbc:Amount"),
    base_amount=number("cbc:BaseAmount"),
)
REASONS = Pattern("peppol allowance reasons", Syntax.UBL)
REASONED = REASONS.context(
    "cac:AllowanceCharge", charge_indicator=text("cbc:ChargeIndicator"), allowance_reason_code=text("cbc:AllowanceChargeReasonCode")
)


@rule("PEPPOL-EN16931-R041", ALLOWANCE, at="multiplier")
def percentage_has_a_base(allowance: Fact) -> object:
    """An allowance or charge with a percentage (BT-94, BT-101, BT-138, BT-143) names the amount that it is taken of."""
    return allowance.multiplier is MISSING or allowance.base_amount is not MISSING


@rule("PEPPOL-EN16931-R042", ALLOWANCE, at="base_amount")
def base_has_a_percentage(allowance: Fact) -> object:
    """An allowance or charge with a base amount (BT-93, BT-100, BT-137, BT-142) names the percentage that is taken of it."""
    return allowance.base_amount is MISSING or allowance.multiplier is not MISSING


@rule("PEPPOL-EN16931-R040", ALLOWANCE, at="amount")
def amount_is_the_percentage_of_the_base(allowance: Fact) -> object:
    """The amount of an allowance or charge is the percentage of its base amount, within 0.02."""
    if allowance.multiplier is MISSING or allowance.base_amount is MISSING:
        return True
    return abs(allowance.amount - EXACT.scaleb(allowance.base_amount * allowance.multiplier, -2)) <= SLACK


@rule("PEPPOL-EN16931-R043", ALLOWANCE, at="charge_indicator")
def indicator_is_true_or_false(allowance: Fact) -> object:
    """Whether it is a charge or an allowance is written as "true" or "false"."""
    if (allowance.multiplier is MISSING) != (allowance.base_amount is MISSING):
        return True  # only that half of the two is missing is reported there
    return normal(text_node(allowance.charge_indicator)) in ("true", "false")


@rule("PEPPOL-EN16931-R044", DISCOUNT, at="charge_indicator")
def price_has_no_charge(discount: Fact) -> object:
    """A price has discounts (BT-147) only, no charges."""
    return normal(discount.charge_indicator) == "false"


@rule("PEPPOL-EN16931-R046", PRICE, at="price_amount")
def net_price_is_gross_price_less_discount(price: Fact) -> object:
    """The net price (BT-146) is the gross price (BT-148) less the discount (BT-147)."""
    return all(each.base_amount is MISSING or price.price_amount == each.base_amount - each.amount for each in price.price_discounts)


@rule("PEPPOL-EN16931-CL002", REASONED, at="allowance_reason_code")
def allowance_reason_is_known(allowance: Fact) -> object:
    """The reason code of an allowance (BT-98, BT-140) is one of UNTDID 5189 that Peppol uses."""
    if allowance.charge_indicator != "false" or not exists(allowance.allowance_reason_code):
        return True
    return normal(text_node(allowance.allowance_reason_code)) in ALLOWANCE_REASONS()


@rule("PEPPOL-EN16931-CL003", REASONED, at="allowance_reason_code")
def charge_reason_is_known(allowance: Fact) -> object:
    """The reason code of a charge (BT-105, BT-145) is one of UNTDID 7161 that Peppol uses."""
    if allowance.charge_indicator != "true" or not exists(allowance.allowance_reason_code):
        return True
    return normal(text_node(allowance.allowance_reason_code)) in CHARGE_REASONS()
