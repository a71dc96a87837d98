"""Prices that include VAT: the customer pays what was promised, and every arithmetic rule holds."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from einvoice.calculation import Rounding, calculate
from einvoice.errors import CalculationError, Contradiction
from einvoice.model import AllowanceCharge, DocumentAllowanceCharge, Invoice, Line, LineVAT, Price, ThirdPartyPayment, Totals, VATBreakdown
from tests import gross_prices
from tests.arithmetic import broken, strict
from tests.drafts import drafts, promised
from tests.scale import scaled

S19 = LineVAT(category_code="S", rate=Decimal(19))
S7 = LineVAT(category_code="S", rate=Decimal(7))
many = settings(max_examples=scaled(300), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def line(price: str, quantity: str = "1", vat: LineVAT = S19, **parts: object) -> Line:
    return Line.model_validate({"price": {"net": price}, "quantity": quantity, "vat": vat, **parts})


def draft(*lines: Line, **parts: object) -> Invoice:
    return Invoice.model_validate({"currency_code": "EUR", "lines": lines, **parts})


def totals(invoice: Invoice) -> Totals:
    assert invoice.totals is not None
    return invoice.totals


def test_every_price_at_every_rate_is_kept() -> None:
    step = max(1, round(1000 / scaled(100)))
    counts = gross_prices.tally(gross_prices.RATES, gross_prices.CENTS[:: step * 10])
    assert set(counts) <= {"calculated", "one cent"}, counts


@many
@given(drafts())
def test_whatever_is_sold_the_promise_is_kept_and_the_rules_hold(draft: Invoice) -> None:
    result = calculate(draft, prices="gross").invoice
    assert totals(result).total_with_vat == promised(draft)
    assert broken(result) == []


@many
@given(drafts())
def test_the_result_calculates_to_itself(draft: Invoice) -> None:
    result = calculate(draft, prices="gross").invoice
    assert calculate(result).invoice == result


@many
@given(drafts())
def test_without_tolerance_the_rounding_amount_carries_the_cents(draft: Invoice) -> None:
    told = promised(draft)
    draft = draft.model_copy(update={"totals": None})
    result = calculate(draft, prices="gross", rounding=Rounding(vat=Decimal(0))).invoice
    assert totals(result).amount_due == told
    assert broken(result) == []
    assert strict(result)


def test_one_line_as_a_shop_sells_it() -> None:
    result = calculate(draft(line("119.00")), prices="gross").invoice
    sums = totals(result)
    assert (sums.total_without_vat, sums.vat, sums.amount_due) == (Decimal("100.00"), Decimal("19.00"), Decimal("119.00"))
    assert result.lines[0].price == Price(net=Decimal("100.00"))


def test_the_vat_carries_the_cent_that_no_taxable_amount_leads_to() -> None:
    """At 19 %, 0.02 leads to 0.02 and 0.03 to 0.04: nothing leads to 0.03."""
    result = calculate(draft(line("0.03")), prices="gross").invoice
    [row] = result.vat_breakdown
    assert (row.taxable_amount, row.tax_amount) == (Decimal("0.03"), Decimal("0.00"))
    assert totals(result).amount_due == Decimal("0.03")
    assert not strict(result)


def test_where_vat_must_follow_the_formula_the_rounding_amount_carries_the_cent() -> None:
    result = calculate(draft(line("0.03")), prices="gross", rounding=gross_prices.STRICT).invoice
    sums = totals(result)
    assert (sums.total_with_vat, sums.rounding_amount, sums.amount_due) == (Decimal("0.04"), Decimal("-0.01"), Decimal("0.03"))
    assert strict(result)


def test_a_rounding_amount_that_is_stated_is_not_replaced() -> None:
    stated = draft(line("0.03"), totals=Totals(rounding_amount=Decimal("0.02")))
    assert totals(calculate(stated, prices="gross").invoice).amount_due == Decimal("0.05")
    with pytest.raises(Contradiction) as caught:
        calculate(stated, prices="gross", rounding=gross_prices.STRICT)
    assert (caught.value.term, caught.value.given, caught.value.calculated) == ("BT-114", Decimal("0.02"), Decimal("-0.01"))


def test_lines_share_the_taxable_amount_so_that_the_formula_holds() -> None:
    """Three times 9.99 at 19 % are 29.97, of which 25.18 are taxable; each line alone would be 8.39, 25.17 together."""
    result = calculate(draft(line("9.99"), line("9.99"), line("9.99")), prices="gross").invoice
    assert [item.net_amount for item in result.lines] == [Decimal("8.40"), Decimal("8.39"), Decimal("8.39")]
    assert totals(result).total_with_vat == Decimal("29.97")
    assert broken(result) == []


@pytest.mark.parametrize(("price", "quantity", "net"), [("1.00", "1", "0.84"), ("1.00", "1000", "0.84034"), ("0.333", "7", "0.280")])
def test_the_net_price_has_the_decimals_that_its_quantity_needs(price: str, quantity: str, net: str) -> None:
    result = calculate(draft(line(price, quantity)), prices="gross").invoice
    assert result.lines[0].price == Price(net=Decimal(net))
    assert broken(result) == []


def test_gross_price_and_discount_stay_together() -> None:
    price = Price(gross=Decimal("12.00"), discount=Decimal("0.10"), base_quantity=Decimal(6))
    discounted = line("1", "18").model_copy(update={"price": price})
    result = calculate(draft(discounted), prices="gross").invoice
    found = result.lines[0].price
    assert found is not None
    assert found.gross is not None
    assert found.net == found.gross - (found.discount or 0)
    assert totals(result).amount_due == Decimal("35.70")
    assert broken(result) == []


def test_allowances_and_charges_include_vat_too() -> None:
    allowance = AllowanceCharge(base_amount=Decimal("20.00"), percentage=Decimal(10))
    freight = DocumentAllowanceCharge(amount=Decimal("5.95"), vat_category_code="S", vat_rate=Decimal(19))
    result = calculate(draft(line("10.00", "2", allowances=[allowance]), line("3.21", vat=S7), charges=[freight]), prices="gross").invoice
    assert totals(result).amount_due == Decimal("27.16")
    assert result.charges[0].amount == Decimal("5.00")
    assert result.lines[0].allowances[0].amount == Decimal("1.68")
    assert broken(result) == []


def test_rates_keep_what_was_promised_each_by_itself() -> None:
    result = calculate(draft(line("9.99"), line("4.99", vat=S7)), prices="gross").invoice
    with_vat = [(row.taxable_amount or 0) + (row.tax_amount or 0) for row in result.vat_breakdown]
    assert with_vat == [Decimal("9.99"), Decimal("4.99")]


def test_prepaid_and_third_parties_change_the_amount_due_only() -> None:
    third = ThirdPartyPayment(type="Deposit", amount=Decimal("2.50"))
    result = calculate(draft(line("9.99"), totals=Totals(paid_amount=Decimal(4)), third_party_payments=[third]), prices="gross").invoice
    assert (totals(result).total_with_vat, totals(result).amount_due) == (Decimal("9.99"), Decimal("8.49"))


def test_lines_within_lines_add_up() -> None:
    outer = line("29.97", lines=[line("9.99"), line("9.99"), line("9.99")])
    result = calculate(draft(outer), prices="gross").invoice
    [found] = result.lines
    assert found.net_amount == Decimal("25.18") == sum(part.net_amount or 0 for part in found.lines)
    assert totals(result).amount_due == Decimal("29.97")


def test_lines_within_lines_bear_the_same_vat() -> None:
    with pytest.raises(CalculationError) as caught:
        calculate(draft(line("1", lines=[line("1", vat=S7)])), prices="gross")
    assert (caught.value.term, caught.value.path) == ("BG-30", "lines[0].lines[0].vat")


@pytest.mark.parametrize(
    ("stated", "term"),
    [
        ({"lines": [line("9.99", net_amount="8.40")]}, "BT-131"),
        ({"totals": Totals(amount_due=Decimal("9.98"))}, "BT-115"),
        ({"vat_breakdown": [VATBreakdown(category_code="S", rate=Decimal(19), tax_amount=Decimal("1.59"))]}, "BT-117"),
    ],
)
def test_a_stated_amount_that_breaks_the_promise_is_a_contradiction(stated: dict[str, object], term: str) -> None:
    with pytest.raises(Contradiction) as caught:
        calculate(draft(line("9.99")).model_copy(update=stated), prices="gross")
    assert caught.value.term == term


def test_the_steps_say_how_the_vat_was_taken_out() -> None:
    steps = calculate(draft(line("0.03"), line("2.38", "2")), prices="gross").steps
    assert [(step.term, step.path) for step in steps[:2]] == [("BT-146", "lines[0].price.net"), ("BT-146", "lines[1].price.net")]
    assert steps[1].formula == "2.38 ÷ 1.19"
    assert steps[1].value == Decimal("2.00")
    assert Counter(step.term for step in steps)["BT-131"] == 2


def test_prices_are_net_or_gross() -> None:
    with pytest.raises(CalculationError):
        calculate(draft(line("1")), prices="brutto")  # type: ignore[arg-type]
