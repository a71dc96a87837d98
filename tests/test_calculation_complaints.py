"""What users of other software complain about: a cent too much, and shops that cannot reach their total. The numbers are ours."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from einvoice.calculation import Prices, calculate
from einvoice.model import Invoice
from tests.arithmetic import broken, cents, strict
from tests.drafts import drafts
from tests.scale import scaled
from tests.test_calculation import draft, line, totals

D = Decimal
S19 = {"category_code": "S", "rate": 19}
S7 = {"category_code": "S", "rate": 7}
THIRDS = {"quantity": 3, "price": {"net": "33.333"}, "allowances": [{"base_amount": "100.00", "percentage": "3.33"}]}
WEIGHED = {"quantity": "1.245", "price": {"net": "7.9872"}}
SCREWS = {"quantity": 750, "price": {"net": "11.67", "base_quantity": 1000}}
COUPON = {"amount": "5.00", "vat_category_code": "S", "vat_rate": 19}
FREIGHT = {"amount": "4.95", "vat_category_code": "S", "vat_rate": 19}


@pytest.mark.parametrize(
    ("lines", "extra", "net", "vat"),
    [
        # VAT is of the sum per rate: three times 0.0735 is 0.22, and not three times 0.07.
        ([line(price={"net": "0.35"})] * 3, {}, "1.05", "0.22"),
        # A discount is an amount of its own, and a price keeps its decimals: 99.999 − 3.33.
        ([line(**THIRDS)], {}, "96.67", "20.30"),
        # The total is the sum of rounded lines, which BR-CO-10 adds up: 9.94 four times, and not the 39.78 of 9.944.
        ([line(**WEIGHED)] * 4, {}, "39.76", "8.35"),
        # Prices for a thousand pieces: the quotient is not rounded to a unit price.
        ([line(**SCREWS)], {}, "8.75", "1.84"),
        # A discount on the whole document is one amount per rate.
        (
            [line(price={"net": "59.90"}), line(price={"net": "12.49"}, vat=S7)],
            {"allowances": [{"base_amount": "72.39", "percentage": 2, "vat_category_code": "S", "vat_rate": 21}]},
            "70.94",
            "13.14",
        ),
        # Half a cent goes up, of a credit as of a debit.
        ([line(quantity=-3, price={"net": "0.335"})], {}, "-1.01", "-0.21"),
    ],
)
def test_no_cent_too_much(lines: list[dict[str, Any]], extra: dict[str, Any], net: str, vat: str) -> None:
    result = calculate(draft(*lines, **extra)).invoice
    assert (totals(result).total_without_vat, totals(result).vat) == (D(net), D(vat))
    assert broken(result) == []
    assert strict(result)


@pytest.mark.parametrize(
    ("lines", "extra", "total"),
    [
        ([line(quantity=4, price={"net": "24.99"}, vat=S19)], {}, "99.96"),
        ([line(price={"net": "9.99"}, vat=S19)] * 7, {}, "69.93"),
        ([line(price={"net": "1.99"}, vat=S19), line(price={"net": "0.89"}, vat=S7)] * 3, {}, "8.64"),
        ([line(price={"net": "49.95"}, vat=S19)], {"allowances": [COUPON], "charges": [FREIGHT]}, "49.90"),
        ([line(quantity="0.438", price={"net": "18.90"}, vat=S7)], {}, "8.28"),
        ([line(quantity=100, price={"net": "0.99"}, vat=S19)], {}, "99.00"),
        ([line(quantity=1, price={"net": "0.01"}, vat=S19)] * 20, {}, "0.20"),
        ([line(price={"net": "19.99"}, vat=S19), line(quantity=-1, price={"net": "4.99"}, vat=S19)], {}, "15.00"),
    ],
)
def test_the_customer_pays_what_the_shop_promised(lines: list[dict[str, Any]], extra: dict[str, Any], total: str) -> None:
    result = calculate(draft(*lines, **extra), prices="gross").invoice
    assert totals(result).amount_due == D(total)
    assert totals(result).rounding_amount is None
    assert broken(result) == []


def test_paid_in_full_leaves_zero() -> None:
    result = calculate(draft(line(), totals={"paid_amount": "12.10"})).invoice
    assert str(totals(result).amount_due) == "0.00"


def test_cash_is_rounded_to_five_cents_by_the_seller() -> None:
    result = calculate(draft(line(price={"net": "9.99"}), totals={"rounding_amount": "0.01"})).invoice
    assert totals(result).amount_due == D("12.10")
    assert broken(result) == []


@pytest.mark.parametrize("prices", ["net", "gross"])
@settings(max_examples=scaled(200), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(draft=drafts())
def test_every_formula_comes_to_its_value(draft: Invoice, prices: Prices) -> None:
    for step in calculate(draft, prices=prices).steps:
        exact = evaluated(step.formula.partition(" (")[0])
        if exact is not None and step.term != "BT-146":  # a net price is rounded to what its line needs
            assert cents(exact) == step.value, step


def evaluated(formula: str) -> Decimal | None:
    """What a formula comes to; None where it is no arithmetic (a category, a long sum)."""
    if not re.fullmatch(r"-?[\d.]+( [×÷+−] -?[\d.]+)*( %)?", formula):
        return None
    value, sign, operator = D(0), D(1), "+"
    term: Decimal | None = None
    for part in formula.removesuffix(" %").split():
        if part in "+−":
            value, term, sign = value + sign * (term or 0), None, D(1 if part == "+" else -1)
        elif part in "×÷":
            operator = part
        else:
            term = D(part) if term is None else term * D(part) if operator == "×" else term / D(part)
    value += sign * (term or 0)
    return value / 100 if formula.endswith(" %") else value


@pytest.mark.parametrize(
    ("formula", "value"),
    [("2 × 3.50 − 0.10", "6.90"), ("30 × 10 %", "3"), ("-1 + 6 × 5 ÷ 2 + 1", "15"), ("category E", None)],
)
def test_the_reader_of_formulas_can_read(formula: str, value: str | None) -> None:
    assert evaluated(formula) == (None if value is None else D(value))
