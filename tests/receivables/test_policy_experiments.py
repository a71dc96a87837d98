"""Experiments keep a debtor in its arm and divide fairly; discounts hold through their last day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.receivables.actions import Note
from einvoice.receivables.policy import Granted, Policy, arm, discount, load
from einvoice.receivables.policy.model import Step
from tests.receivables.policy_broken import SOUND
from tests.receivables.policy_debtors import debtor, invoice
from tests.receivables.policy_trials import false_positives, name, trial
from tests.scale import scaled


@pytest.fixture(scope="module")
def alike() -> list[tuple[Policy, Step]]:
    """The same experiment read twice, and with its arms in another order."""
    return [trial(), trial(), trial(arms="{B: {any_of: [whatsapp]}, A: {any_of: [sms]}}")]


@given(st.text(max_size=20))
def test_a_debtor_stays_in_its_arm(alike: list[tuple[Policy, Step]], key: str) -> None:
    assert len({name(policy, step, key) for policy, step in alike}) == 1


def test_an_arm_changes_its_step_and_no_other() -> None:
    policy, step = trial()
    channels = {found[0]: found[1].any_of for key in "abcdefgh" if (found := arm(policy, "hard", step, key))}
    assert channels == {"trial/A": ("sms",), "trial/B": ("whatsapp",)}
    assert arm(policy, "hard", policy.flows["hard"].steps[0], "a") is None
    assert arm(policy, "soft", step, "a") is None


def test_an_arm_that_says_nothing_is_the_step_itself() -> None:
    policy, step = trial(arms="{A: {}, B: {voice: dry, contents: [paylink]}}")
    found = {made[0]: made[1] for key in "abcdefgh" if (made := arm(policy, "hard", step, key))}
    assert found["trial/A"] == step
    assert (found["trial/B"].voice, found["trial/B"].contents, found["trial/B"].any_of) == ("dry", ("paylink",), step.any_of)


def test_arms_are_balanced_and_experiments_independent() -> None:
    keys = [f"D{number}" for number in range(20_000)]
    policy, step = trial()
    other, there = trial("second")
    counts = Counter((name(policy, step, key), name(other, there, key)) for key in keys)
    assert len(counts) == 4
    assert all(abs(count - 5000) < 300 for count in counts.values())  # five standard deviations


def test_three_arms_are_balanced() -> None:
    policy, step = trial(arms="{A: {}, B: {}, C: {}}")
    counts = Counter(name(policy, step, f"D{number}") for number in range(30_000))
    assert all(abs(count - 10_000) < 410 for count in counts.values())


@pytest.mark.slow
def test_a_test_of_equal_arms_is_seldom_significant() -> None:
    experiments = scaled(2000)
    assert abs(false_positives(experiments, 1500) - 0.05) < 4 * (0.05 * 0.95 / experiments) ** 0.5


ISSUED = date(2026, 11, 1)


def discounted(paid: date, *, since: date | None = date(2010, 1, 1), amount: str = "1000.05") -> Granted | Note | None:
    one = invoice(1, amount, date(2026, 12, 1))._replace(issued=ISSUED)
    return discount(load(SOUND), debtor(customer_since=since, invoices=(one,)), one, paid)


def test_day_seven_earns_the_discount_and_day_eight_does_not() -> None:
    assert discounted(date(2026, 11, 8)) == Granted(Decimal(2), Decimal("20.00"), date(2026, 11, 8))
    assert discounted(date(2026, 11, 9)) is None


def test_a_discount_has_its_condition() -> None:
    assert discounted(date(2026, 11, 3), since=date(2025, 1, 1)) is None
    assert discounted(date(2026, 11, 3), since=None) is None


def test_a_credit_note_earns_none() -> None:
    assert discounted(date(2026, 11, 3), amount="-50") is None


def test_the_first_discount_that_fits_is_taken() -> None:
    text = SOUND.replace("discounts:\n", "discounts:\n  - {percent: 3, within_days: 3}\n")
    one = invoice(1, 100, date(2026, 12, 1))._replace(issued=ISSUED)
    about = debtor(customer_since=date(2010, 1, 1), invoices=(one,))
    found = [discount(load(text), about, one, date(2026, 11, day)) for day in (4, 5, 8, 9)]
    assert [each.amount if isinstance(each, Granted) else each for each in found] == [
        Decimal("3.00"),
        Decimal("2.00"),
        Decimal("2.00"),
        None,
    ]


def test_a_condition_on_an_amount_without_rate_is_for_a_person() -> None:
    text = SOUND.replace("party.loyalty == 'loyal'", "debtor.open < 10")
    one = invoice(1, 100, date(2026, 12, 1), "CHF")._replace(issued=ISSUED)
    found = discount(load(text), debtor(invoices=(one,)), one, ISSUED)
    assert isinstance(found, Note)
    assert found.code == "no-rate"
