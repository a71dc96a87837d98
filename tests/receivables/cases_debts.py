"""Random debts and limits, and what is wrong with the schedule proposed for one, by a reckoning of its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import NamedTuple

from hypothesis import strategies as st

from einvoice.receivables.cases import schedule
from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.model import Plans, Rate
from tests.receivables.cases_books import POLICY

RATES = {"EUR": "1", "SEK": "0.0893", "JPY": "0.00613", "KWD": "2.98"}
DECIMALS = {"EUR": 2, "SEK": 2, "JPY": 0, "KWD": 3}


class Debt(NamedTuple):
    """What is owed, when a plan is proposed, the debtor's pay day, and the policy with its limits."""

    total: Decimal
    currency: str
    day: date
    pay_day: int | None
    policy: Policy


@st.composite
def debts(draw: st.DrawFn) -> Debt:
    """Any debt up to ten million units of a currency, under any limits."""
    currency = draw(st.sampled_from(sorted(RATES)))
    total = Decimal(draw(st.integers(1, 10**9))).scaleb(-DECIMALS[currency])
    limits = Plans(
        max_instalments=draw(st.integers(2, 36)),
        min_instalment=Decimal(draw(st.integers(1, 50_000))).scaleb(-2),
        max_days=draw(st.integers(1, 1100)),
    )
    exchange = {name: Rate(rate=rate, on="2026-11-01") for name, rate in RATES.items() if name != "EUR"}
    policy = POLICY.model_copy(update={"payment_plans": limits, "exchange": exchange})
    day = draw(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
    return Debt(total, currency, day, draw(st.none() | st.integers(1, 31)), policy)


def faults(debt: Debt) -> list[str]:
    """What is wrong with the schedule; an absent one is wrong where two equal terms a month apart would fit."""
    made = schedule.proposal(debt.policy, SimpleNamespace(pay_day=debt.pay_day), debt.total, debt.day, debt.currency)
    limits, rate = debt.policy.payment_plans, Decimal(RATES[debt.currency])
    if made is None:
        fits = debt.total * rate >= 2 * (limits.min_instalment + rate) and limits.max_days >= 70 and debt.total >= 2
        return ["none, though two terms fit"] if fits else []
    found = [
        "sum" if sum(term.amount for term in made) != debt.total else "",
        "too many" if not 2 <= len(made) <= limits.max_instalments else "",
        "too small" if any(term.amount * rate < limits.min_instalment or term.amount <= 0 for term in made) else "",
        "too long" if (made[-1].due - debt.day).days > limits.max_days else "",
        "too soon" if (made[0].due - debt.day).days < schedule.NOTICE else "",
        "a month apart" if any(not 27 < (later.due - one.due).days < 32 for one, later in pairwise(made)) else "",
        "decimals" if any(-int(term.amount.as_tuple().exponent) > DECIMALS[debt.currency] for term in made) else "",
    ]
    return [fault for fault in found if fault]
