"""Interest as arithmetic: never negative, additive, monotone, and the same as counting day by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.receivables.law import load
from einvoice.receivables.law.calendar import after_months
from einvoice.receivables.law.interest import Movement, Terms, interest
from einvoice.receivables.law.rates import Table

DAYS = st.dates(date(2013, 7, 1), date(2026, 12, 31))
AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(10_000_000), places=2)
TABLES = st.sampled_from([(country, name) for country, pack in load().packs.items() for name in pack.tables if name == "commercial"])
ONE = timedelta(days=1)


def table(key: tuple[str, str]) -> Table:
    return load().packs[key[0]].tables[key[1]]


def simple(key: tuple[str, str], principal: Decimal | list[Movement], first: date, last: date) -> Decimal:
    return interest(Terms(table(key), 36500, False), principal, first, last).total


@given(TABLES, AMOUNTS, DAYS, DAYS)
def test_interest_is_what_counting_each_day_gives(key: tuple[str, str], principal: Decimal, first: date, last: date) -> None:
    rows = [table(key).on(first + timedelta(days=number)) for number in range((last - first).days + 1)]
    product = sum((row.rate for row in rows if row), Decimal(0)) * principal
    exact = Fraction(product) / 36500
    assert abs(Fraction(simple(key, principal, first, last)) - exact) <= Fraction(1, 200)


@given(TABLES, AMOUNTS, st.lists(DAYS, min_size=3, max_size=3).map(sorted))
def test_interest_of_split_periods_adds_up(key: tuple[str, str], principal: Decimal, days: list[date]) -> None:
    first, middle, last = days
    parts = simple(key, principal, first, middle) + simple(key, principal, middle + ONE, last)
    assert abs(parts - simple(key, principal, first, last)) <= Decimal("0.01")


@given(TABLES, AMOUNTS, DAYS, DAYS, st.booleans())
def test_interest_never_falls_as_days_pass(key: tuple[str, str], principal: Decimal, first: date, last: date, yearly: bool) -> None:
    terms = Terms(table(key), 36500, yearly)
    today, tomorrow = (interest(terms, principal, first, day).total for day in (last, last + ONE))
    assert 0 <= today <= tomorrow


@given(TABLES, AMOUNTS, DAYS, DAYS, st.booleans())
def test_lines_add_up_to_the_total(key: tuple[str, str], principal: Decimal, first: date, last: date, yearly: bool) -> None:
    found = interest(Terms(table(key), 36500, yearly), principal, first, last)
    assert sum((line.amount for line in found.lines), Decimal(0)) == found.total
    assert sum(line.days for line in found.lines) == max(0, (last - first).days + 1)


@given(TABLES, AMOUNTS, DAYS, DAYS)
def test_interest_on_interest_is_more_only_after_a_year(key: tuple[str, str], principal: Decimal, first: date, last: date) -> None:
    compound = interest(Terms(table(key), 36500, True), principal, first, last).total
    plain = simple(key, principal, first, last)
    assert compound >= plain
    if (last - first).days < 365:
        assert compound == plain


@given(TABLES, st.lists(st.tuples(st.integers(0, 900), AMOUNTS), min_size=1, max_size=5))
def test_a_payment_counts_from_the_day_after(key: tuple[str, str], steps: list[tuple[int, Decimal]]) -> None:
    first, last = date(2024, 1, 2), date(2026, 6, 30)
    start = Movement(date.min, Decimal(5000))
    moved = [start, *(Movement(first + timedelta(days=days), owed) for days, owed in sorted(dict(steps).items()))]
    ends = [*(movement.day for movement in moved[1:]), last]
    begins = [first, *(movement.day + ONE for movement in moved[1:])]
    parts = [simple(key, movement.principal, begin, min(end, last)) for movement, begin, end in zip(moved, begins, ends, strict=True)]
    assert abs(simple(key, moved, first, last) - sum(parts)) <= Decimal("0.01") * len(moved)


def test_a_payment_on_a_day_bears_interest_through_that_day() -> None:
    key = ("NL", "commercial")
    paid = [Movement(date.min, Decimal(36500)), Movement(date(2026, 1, 10), Decimal(0))]
    found = interest(Terms(table(key), 36500, False), paid, date(2026, 1, 1), date(2026, 1, 31))
    assert [(line.first, line.last, line.base) for line in found.lines] == [
        (date(2026, 1, 1), date(2026, 1, 10), Decimal(36500)),
        (date(2026, 1, 11), date(2026, 1, 31), Decimal(0)),
    ]
    assert found.total == Decimal("101.50")


def test_overpaid_is_no_negative_interest() -> None:
    key = ("NL", "commercial")
    moved = [Movement(date.min, Decimal(100)), Movement(date(2026, 1, 10), Decimal(-500))]
    assert simple(key, moved, date(2026, 1, 11), date(2026, 6, 30)) == 0


@pytest.mark.parametrize(("last", "base"), [(date(2025, 2, 28), "10000.00"), (date(2025, 3, 1), "11219.00")])
def test_the_year_of_a_29th_of_february_ends_on_the_28th(last: date, base: str) -> None:
    found = interest(Terms(table(("NL", "commercial")), 36500, True), Decimal(10000), date(2024, 2, 29), last)
    assert f"{found.lines[-1].base:.2f}" == base


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert after_months(day, months) == later
