"""The next step of an invoice: caught up, never skipped where it is severe, moved by segments, entry, grace and pay days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.model import Ignored
from tests.receivables.worlds import DUE, World, codes, contact, debtor, held, invoice, planned, policy_of

POLICY = policy_of()


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def stepped(flow: str, step: str, offset: int, on: int, **facts: Any) -> dict[str, Any]:
    """The follow-up of an invoice that took a step."""
    return {"flow": flow, "step": step, "offset": offset, "stepped": after(on), "trail": f"{flow}.{step} ", **facts}


def flow_with(policy: Policy, name: str, **changes: Any) -> Policy:
    return policy.model_copy(update={"flows": {**policy.flows, name: policy.flows[name].model_copy(update=changes)}})


def days_of(world: World, first: date, count: int) -> list[tuple[int, str]]:
    return [((action.day - DUE).days, action.step) for action in world.mornings(first, count)]


def test_a_missed_day_catches_up() -> None:
    action = planned(debtor(invoice()), after(2), POLICY)
    assert action is not None
    assert (action.step, [note.code for note in action.why.delayed]) == ("r1", ["missed"])


def test_missed_weeks_are_caught_up_one_step_at_a_time() -> None:
    world = World([debtor(invoice(), born=date(2000, 1, 1), kind="b2c", size=None)], POLICY)
    assert days_of(world, after(40), 30) == [(40, "r1"), (43, "r2"), (46, "r3"), (49, "r4"), (52, "r5")]


def test_a_step_after_a_late_one_keeps_the_gap_and_says_so() -> None:
    one = debtor(invoice(**stepped("b2b_sme", "r1", 0, 6)))
    assert planned(one, after(8), POLICY) is None
    assert codes(held(one, after(8), POLICY)) == {"gap"}
    action = planned(one, after(9), POLICY)
    assert action is not None
    assert [(note.code, note.until) for note in action.why.delayed] == [("gap", after(8))]


def test_a_longer_gap_of_the_flow() -> None:
    world = World([debtor(invoice())], flow_with(POLICY, "b2b_sme", gap=9))
    assert days_of(world, after(0), 30) == [(0, "r1"), (9, "r2"), (18, "r3")]


def test_weekend_and_holiday_are_told() -> None:
    due = date(2026, 4, 25)  # a Saturday before King's Day
    one, policy = debtor(invoice(due=due)), policy_of(every_day=False)
    assert [planned(one, due + timedelta(days=days), policy) for days in range(3)] == [None] * 3
    action = planned(one, due + timedelta(days=3), policy)
    assert action is not None
    assert [note.code for note in action.why.delayed] == ["weekend", "holiday"]


def test_grace_moves_every_step_but_the_notice_before() -> None:
    world = World([debtor(invoice())], flow_with(policy_of(prelude=True), "b2b_sme", grace=5))
    assert days_of(world, after(-3), 40) == [(-1, "pre"), (5, "r1"), (12, "r2"), (19, "r3")]


@pytest.mark.parametrize(("pay_day", "expected"), [(25, [(0, "r1"), (7, "r2"), (23, "r3")]), (5, [(3, "r1"), (7, "r2"), (14, "r3")])])
def test_a_pay_day_within_ten_days_moves_a_step(pay_day: int, expected: list[tuple[int, str]]) -> None:
    world = World([debtor(invoice(), pay_day=pay_day)], flow_with(POLICY, "b2b_sme", pay_day="party"))
    assert days_of(world, after(0), 30) == expected


def test_a_missed_pay_day_is_not_waited_for_again() -> None:
    policy = flow_with(POLICY, "b2b_sme", pay_day=5)
    assert codes(held(debtor(invoice()), after(2), policy)) == {"pay-day"}
    action = planned(debtor(invoice()), after(4), policy)
    assert action is not None
    assert [note.code for note in action.why.delayed] == ["pay-day", "missed"]


def test_the_last_day_of_a_short_month_is_a_pay_day() -> None:
    due = date(2026, 2, 24)
    action = planned(debtor(invoice(due=due)), date(2026, 2, 28), flow_with(POLICY, "b2b_sme", pay_day=31))
    assert action is not None


def test_a_notice_before_the_due_date_only_then() -> None:
    policy = policy_of(prelude=True)
    assert getattr(planned(debtor(invoice()), after(-1), policy), "step", None) == "pre"
    assert getattr(planned(debtor(invoice()), after(0), policy), "step", None) == "r1"
    assert planned(debtor(invoice(open=0)), after(-1), policy) is None


def overdue(entered: int, **facts: Any) -> Any:
    """A company whose invoice entered so many days after its due date."""
    return debtor(invoice(entered=after(entered), **facts))


def test_overdue_at_entry_starts_at_the_first_step() -> None:
    action = planned(overdue(20), after(20), POLICY)
    assert action is not None
    assert (action.step, [note.code for note in action.why.delayed]) == ("r1", ["entered-late"])


@pytest.mark.parametrize(("entered", "step"), [(0, "r1"), (6, "r1"), (7, "r2"), (20, "r3"), (90, "r3")])
def test_entry_resume_starts_at_the_step_of_its_age(entered: int, step: str) -> None:
    action = planned(overdue(entered), after(max(entered, 1)), policy_of(entry="resume"))
    assert action is not None
    assert action.step == step


def test_entry_resume_never_begins_with_a_severe_step() -> None:
    one = debtor(invoice(entered=after(60), amount="20000.00"))
    action = planned(one, after(60), policy_of(entry="resume"))
    assert action is not None
    assert (action.flow, action.step) == ("amount_large", "r2")


def test_entry_manual_waits_for_a_person() -> None:
    policy = policy_of(entry="manual")
    assert codes(held(overdue(20), after(20), policy)) == {"entry-manual"}
    assert getattr(planned(overdue(20, started=True), after(20), policy), "step", None) == "r1"
    assert getattr(planned(overdue(-10), after(0), policy), "step", None) == "r1"


def test_a_new_segment_moves_the_next_step_only() -> None:
    one = debtor(invoice(**stepped("b2b_sme", "r2", 7, 7)), score=90)
    assert planned(one, after(9), POLICY) is None
    action = planned(one, after(10), POLICY)
    assert action is not None
    assert (action.flow, action.step) == ("score_high", "r2")


def test_a_severe_step_of_a_new_flow_waits_for_the_step_before_it() -> None:
    one = debtor(invoice(amount="20000.00", contacts=1, **stepped("b2b_sme", "r3", 14, 14)))
    world = World([one], POLICY)
    assert [(action.step, action.handover) for action in world.mornings(after(17), 40)] == [
        ("r2", None),
        ("r3", None),
        ("r4", "legal_or_collection"),
    ]


def test_who_leaves_a_flow_and_comes_back_meets_no_step_twice() -> None:
    taken = "amount_large.r1 amount_large.r2 amount_large.r3 score_high.r3 "
    one = debtor(invoice(amount="20000.00", contacts=4, **stepped("score_high", "r3", 20, 20, trail=taken)))
    action = planned(one, after(40), POLICY)
    assert action is not None
    assert (action.step, action.kind) == ("r4", "handover")


def test_a_policy_that_moves_a_step_does_not_repeat_it() -> None:
    steps = POLICY.flows["b2b_sme"].steps
    later = flow_with(POLICY, "b2b_sme", steps=(steps[0], steps[1].model_copy(update={"offset": 10}), steps[2]))
    action = planned(debtor(invoice(**stepped("b2b_sme", "r2", 7, 7))), after(14), later)
    assert action is not None
    assert action.step == "r3"


def test_a_flow_that_is_through_says_nothing_more() -> None:
    world = World([debtor(invoice())], POLICY)
    assert len(world.mornings(after(0), 300)) == 3
    assert world.debtors[1].invoices[0].stage == "final"


def test_a_call_after_an_ignored_first_reminder() -> None:
    policy = policy_of(call_after_ignored=Ignored(after_days=4))
    world = World([debtor(invoice())], policy)
    assert days_of(world, after(0), 40) == [(0, "r1"), (4, "call-after-ignored"), (7, "r2"), (14, "r3")]
    assert [action.task for action in world.taken] == [None, "call", None, "call"]


def test_no_call_where_the_next_step_comes_first() -> None:
    policy = policy_of(call_after_ignored=Ignored(after_days=9))
    world = World([debtor(invoice())], policy)
    assert days_of(world, after(0), 40) == [(0, "r1"), (7, "r2"), (14, "r3")]


def test_a_severe_second_step_after_the_call() -> None:
    flow = {
        "steps": [{"id": "r1", "offset": 0, "all_of": ["email"]}, {"id": "r2", "offset": 14, "all_of": ["letter"], "document": "aanmaning"}]
    }
    text = f"version: 1\nname: short\nsegments: [{{id: all, when: 'true', flow: only}}]\nflows: {{only: {flow}}}\n"
    policy = policy_of(text, call_after_ignored=Ignored())
    world = World([debtor(invoice(), contacts=(contact(),))], policy)
    assert days_of(world, after(0), 40) == [(0, "r1"), (3, "call-after-ignored"), (14, "r2")]
