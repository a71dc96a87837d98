"""Schedules: terms sum to the debt to the cent, within every limit of the policy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import schedule
from einvoice.receivables.cases.schedule import Term
from einvoice.receivables.policy.model import Rate
from tests.receivables.cases_books import POLICY, changed
from tests.receivables.cases_debts import Debt, debts, faults

DAY = date(2026, 11, 2)


@given(debts())
def test_a_proposal_is_within_every_limit(debt: Debt) -> None:
    assert not faults(debt)


@given(total=st.integers(1, 10**9), count=st.integers(1, 60))
def test_parts_differ_by_a_cent_at_most_and_sum_to_the_total(total: int, count: int) -> None:
    parts = schedule.split(Decimal(total).scaleb(-2), count, "EUR")
    assert sum(parts) == Decimal(total).scaleb(-2)
    assert list(parts) == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= Decimal("0.01")


def test_the_first_terms_carry_the_cents() -> None:
    assert schedule.split(Decimal("100.00"), 3, "EUR") == (Decimal("33.34"), Decimal("33.33"), Decimal("33.33"))
    assert schedule.split(Decimal(100), 3, "JPY") == (Decimal(34), Decimal(33), Decimal(33))
    assert schedule.split(Decimal("1.000"), 3, "KWD") == (Decimal("0.334"), Decimal("0.333"), Decimal("0.333"))


def test_a_proposal_follows_the_pay_day() -> None:
    made = schedule.proposal(POLICY, SimpleNamespace(pay_day=31), Decimal("600.00"), DAY)
    assert made is not None
    months = [date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    assert [term.due for term in made] == months


def test_too_little_for_two_terms_is_no_plan() -> None:
    assert schedule.proposal(POLICY, SimpleNamespace(pay_day=None), Decimal("49.99"), DAY) is None
    assert len(schedule.proposal(POLICY, SimpleNamespace(pay_day=None), Decimal("50.00"), DAY) or ()) == 2


def test_another_currency_needs_a_rate() -> None:
    with pytest.raises(ReceivablesError):
        schedule.proposal(POLICY, SimpleNamespace(pay_day=None), Decimal(1000), DAY, "SEK")
    rated = POLICY.model_copy(update={"exchange": {"SEK": Rate(rate="0.09", on="2026-11-01")}})
    made = schedule.proposal(rated, SimpleNamespace(pay_day=None), Decimal(600), DAY, "SEK")
    assert made is not None
    assert [term.amount for term in made] == [300, 300]  # at least 25 EUR are 277.78 SEK
    assert schedule.is_small(rated, Decimal(11000), "SEK")
    assert not schedule.is_small(rated, Decimal(12000), "SEK")


@pytest.mark.parametrize(
    "terms",
    [
        [(30, "50.00"), (60, "49.99")],
        [(30, "50.00"), (60, "50.01")],
        [(30, "76.00"), (60, "24.00")],
        [(60, "50.00"), (30, "50.00")],
        [(30, "50.00"), (30, "50.00")],
        [(0, "50.00"), (60, "50.00")],
        [(30, "50.00"), (181, "50.00")],
        [(30, "50.005"), (60, "49.995")],
        [],
    ],
)
def test_terms_outside_the_limits_are_refused(terms: list[tuple[int, str]]) -> None:
    wanted = [Term(date.fromordinal(DAY.toordinal() + days), Decimal(amount)) for days, amount in terms]
    with pytest.raises(ReceivablesError):
        schedule.checked(wanted, Decimal("100.00"), POLICY, DAY, "EUR")


def test_more_terms_than_allowed_are_refused() -> None:
    few = changed(payment_plans={"max_instalments": 2})
    wanted = [Term(date.fromordinal(DAY.toordinal() + 30 * number), Decimal(50)) for number in (1, 2, 3)]
    with pytest.raises(ReceivablesError):
        schedule.checked(wanted, Decimal(150), few, DAY, "EUR")


def test_payments_go_to_the_terms_in_order() -> None:
    amounts = [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert schedule.allocated(amounts, Decimal("40.00")) == (Decimal("33.34"), Decimal("6.66"), Decimal(0))
    assert schedule.allocated(amounts, Decimal("140.00")) == tuple(amounts)
