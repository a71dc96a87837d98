"""The semantics of XPath 2.0 that decide equality with the official rules; each expectation is the official processor's answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice_validators.xpath import (
    MISSING,
    Aborted,
    Pieces,
    Several,
    cents,
    decimal,
    divide,
    double,
    double_sum,
    equal,
    exists,
    fraction_digits,
    is_decimal,
    normal,
    one,
    rounded,
    text_node,
    total,
)

D = Decimal


@pytest.mark.parametrize(
    ("value", "by", "quotient"),
    [
        ("1", "3", "0.333333333333333333"),
        ("2", "3", "0.666666666666666667"),
        ("1000000", "7", "142857.142857142857142857"),
        ("1.00000000000000000000001", "3", "0.33333333333333333333333666666666666666667"),
        ("10.00", "3.00", "3.333333333333333333"),
        ("10.25", "3", "3.41666666666666666667"),
        ("10.250", "3", "3.41666666666666666667"),
        ("1", "0.0007", "1428.571428571428571429"),
        ("-2", "3", "-0.666666666666666667"),
        ("0.5", "1000000000000000000000", "0"),
        ("19.00", "100", "0.19"),
    ],
)
def test_division(value: str, by: str, quotient: str) -> None:
    assert divide(D(value), D(by)) == D(quotient)


@pytest.mark.parametrize(("value", "result"), [("-2.5", "-2"), ("2.5", "3"), ("-0.5", "0"), ("0.49", "0")])
def test_rounding_goes_up_at_the_half(value: str, result: str) -> None:
    assert rounded(D(value)) == D(result)
    assert rounded(float(value)) == float(result)


def test_cents() -> None:
    assert cents(D("1.005")) == D("1.01")
    assert cents(D("-1.005")) == D("-1.00")
    assert cents(0.1 + 0.2) == 0.3
    assert cents(MISSING) is MISSING


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_cents_are_the_nearest(value: Decimal) -> None:
    assert abs(cents(value) - value) <= D("0.005")
    assert cents(cents(value)) == cents(value)


@pytest.mark.parametrize("text", ["+1", "1.", ".5", "007", " 1.5 ", "-0"])
def test_decimals_that_are_legal(text: str) -> None:
    assert is_decimal(text)
    assert decimal(text) == D(text.strip())


@pytest.mark.parametrize("text", ["", "1E2", "abc", "\u0661", "1\u00a0", "--1", "."])
def test_decimals_that_abort(text: str) -> None:
    assert not is_decimal(text)
    with pytest.raises(Aborted):
        decimal(text)


def test_an_absent_value_spreads_and_compares_false() -> None:
    assert (MISSING + 1) is MISSING
    assert (D(1) - MISSING) is MISSING
    for answer in (MISSING == 1, MISSING != 1, MISSING < 1, MISSING >= 1, D(1) == MISSING, MISSING != "a"):
        assert answer is False
    assert total([]) == 0
    assert double_sum([]) == 0
    assert not exists(MISSING)
    assert exists("")


def test_several_values_compare_by_any_and_abort_in_sums() -> None:
    both = Several(("a", "b"))
    assert both == "a"
    assert both != "a"
    assert not both == "c"  # noqa: SIM201 - both answers are asked
    assert "a" == both  # noqa: SIM300 - from the other side too
    for wrong in (lambda: both + "c", lambda: decimal(both), lambda: normal(both), both.upper):
        with pytest.raises(Aborted):
            wrong()


@pytest.mark.parametrize(("values", "answer"), [([], MISSING), (["a"], "a")])
def test_one(values: list[str], answer: Any) -> None:
    assert one(values) is answer or one(values) == answer
    assert isinstance(one(["a", "b"]), Several)


def test_normalize_space_leaves_a_no_break_space() -> None:
    assert normal(" a \n b\t") == "a b"
    assert normal("\u00a0a") == "\u00a0a"
    assert normal(MISSING) == ""


def test_text_nodes() -> None:
    assert text_node("") is MISSING
    assert text_node("a") == "a"
    with pytest.raises(Aborted):
        text_node(Pieces("ab"))


def test_doubles() -> None:
    assert double_sum(["0.1", "0.2"]) == 0.30000000000000004
    assert not equal(double("0.3"), double_sum(["0.1", "0.2"]))
    assert equal(double("9007199254740993"), D("9007199254740992"))
    assert equal(double("1.10"), D("1.1"))
    with pytest.raises(Aborted):
        double("")


def test_fraction_digits_count_the_raw_text() -> None:
    assert [fraction_digits(text) for text in ("1", "1.", "1.50", "1.5 ")] == [0, 0, 2, 2]
    assert fraction_digits(MISSING) == 0


def test_large_numbers_stay_exact() -> None:
    many = [D("99999999999999999999999999999.99"), D("0.01")]
    assert total(many) == D("100000000000000000000000000000.00")
