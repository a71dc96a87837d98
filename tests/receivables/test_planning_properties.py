"""Properties of planning: invariants in random worlds, purity, determinism, hours and holidays over random steps."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from einvoice.receivables import law
from einvoice.receivables.planning import plan
from tests.receivables.planning_machine import Mornings, consumers, to_and_fro
from tests.receivables.planning_portfolio import DAY, portfolio
from tests.receivables.planning_purity import impure_source, touched
from tests.receivables.planning_times import random_mornings
from tests.receivables.worlds import policy_of
from tests.scale import scaled

POLICY = policy_of(every_day=False, prelude=True)


def run(examples: int, steps: int) -> None:
    """So many random worlds, so many events in each."""
    quick = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(Mornings, settings=quick)


def test_invariants_hold_in_random_worlds() -> None:
    run(12, 25)


def test_segments_that_change_to_and_fro() -> None:
    assert to_and_fro(60, seed=1) > 240


def test_consumers_get_notice_and_its_term_before_anything_is_charged() -> None:
    assert consumers(40, seed=1) > 50


@pytest.mark.slow
def test_invariants_hold_in_many_random_worlds() -> None:
    run(scaled(1500), 60)


def test_the_order_of_debtors_changes_nothing() -> None:
    debtors = list(portfolio(POLICY, 300))
    actions = list(plan(debtors, POLICY, law.load(), DAY))
    random.Random(1).shuffle(debtors)
    shuffled = list(plan(debtors, POLICY, law.load(), DAY))
    assert len(actions) > 60
    assert sorted(actions, key=lambda action: action.debtor) == sorted(shuffled, key=lambda action: action.debtor)


def test_the_same_input_has_the_same_ids() -> None:
    first, second = ([action.id for action in plan(portfolio(POLICY, 300), POLICY, law.load(), DAY)] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


def test_held_changes_no_action() -> None:
    debtors = list(portfolio(POLICY, 300))
    told: list[object] = []
    assert list(plan(debtors, POLICY, law.load(), DAY, held=told.append)) == list(plan(debtors, POLICY, law.load(), DAY))
    assert told


def test_no_step_outside_the_hours_or_on_a_holiday() -> None:
    assert random_mornings(400, seed=2) >= 400


@pytest.mark.slow
def test_no_step_of_ten_thousand_outside_the_hours() -> None:
    assert random_mornings(scaled(10_000), seed=3) >= scaled(10_000)


def test_every_action_explains_itself() -> None:
    actions = list(plan(portfolio(POLICY, 300), POLICY, law.load(), DAY))
    monday = [action for action in actions if action.invoices[0].due + timedelta(days=action.offset) != DAY and action.offset >= 0]
    assert {note.code for action in monday for note in action.why.delayed} >= {"weekend"}
    assert all(action.why.segment and action.why.because and action.why.step for action in actions)
    assert date(2026, 11, 23) == DAY


def test_planning_is_pure() -> None:
    assert impure_source() == []
    assert touched(100) == []
