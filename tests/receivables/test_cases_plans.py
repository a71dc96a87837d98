"""Payment plans: follow-up waits while the terms are paid; a missed one has its grace, then the plan is broken."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import plans
from einvoice.receivables.cases import tasks as duties
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.schedule import Term
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.reversal import reverse
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import PLANS
from tests.receivables.cases_books import POLICY, Here, at, changed, held, history, pay, person, tasks, told

ASKING = changed(payment_plans={"on_missed": POLICY.payment_plans.on_missed.model_copy(update={"then": "ask_person"})})


def _terms(*terms: tuple[int, str]) -> list[Term]:
    return [Term(at(day).day, Decimal(amount)) for day, amount in terms]


def _plan(connection: Connection, found: Here, policy: Policy = POLICY) -> int:
    terms = _terms((10, "40.34"), (40, "40.33"), (70, "40.33"))
    return plans.propose(connection, found.debtor, found.invoices[:1], policy, at(by="debtor"), terms=terms)


def _tick(connection: Connection, found: Here, day: int, policy: Policy = POLICY) -> dict[str, int]:
    return dict(tick(connection, found.creditor, policy, at(day).day, at(day).now))


def _state(connection: Connection, plan: int) -> str:
    return str(connection.scalar(select(PLANS.c.state).where(PLANS.c.id == plan)))


def test_a_small_one_of_the_debtor_is_active_at_once(connection: Connection, found: Here) -> None:
    plan = _plan(connection, found)
    assert _state(connection, plan) == "active"
    assert held(connection, at(365).day) == {("plan", found.invoices[0])}
    assert told(connection) == {"plan.agreed": 1}
    assert tasks(connection) == []


def test_a_large_one_waits_for_a_person_and_follow_up_for_the_answer(connection: Connection, found: Here) -> None:
    plan = plans.propose(connection, found.debtor, found.invoices[1:2], POLICY, at(by="debtor"))
    assert _state(connection, plan) == "proposed"
    assert [(task.kind, task.owner_id) for task in tasks(connection)] == [("approve_plan", found.person)]
    assert [day for day in range(6) if held(connection, at(day).day)] == [0, 1, 2, 3]
    plans.approve(connection, plan, at(2))
    assert _state(connection, plan) == "active"
    assert tasks(connection) == []
    assert held(connection, at(99).day) == {("plan", found.invoices[1])}


def test_what_the_policy_proposes_is_active_once_the_debtor_agrees(connection: Connection, found: Here) -> None:
    plan = plans.propose(connection, found.debtor, found.invoices[:1], POLICY, at(by="policy"))
    assert (_state(connection, plan), held(connection, at().day)) == ("approved", set())
    assert sum(term.amount for term in plans.terms_of(connection, plan)) == Decimal("121.00")
    plans.activate(connection, plan, at(1))
    assert held(connection, at(1).day) == {("plan", found.invoices[0])}


def test_terms_that_no_longer_are_the_debt_are_not_agreed(connection: Connection, found: Here) -> None:
    plan = plans.propose(connection, found.debtor, found.invoices[:1], POLICY, at(by="policy"))
    pay(connection, found, found.invoices[0], "1.00", at())
    with pytest.raises(ReceivablesError):
        plans.activate(connection, plan, at(1))
    assert _state(connection, plan) == "approved"


def test_kept_to_the_last_term(connection: Connection, found: Here) -> None:
    plan = _plan(connection, found)
    for day, amount in ((9, "40.34"), (40, "40.00"), (40, "0.33")):
        pay(connection, found, found.invoices[0], amount, at(day))
        assert _tick(connection, found, day) == {}
    assert [term.paid for term in plans.terms_of(connection, plan)] == [Decimal("40.34"), Decimal("40.33"), 0]
    pay(connection, found, found.invoices[0], "40.33", at(70))
    assert _tick(connection, found, 70) == {"plans.completed": 1}
    assert held(connection, at(70).day) == set()
    assert told(connection)["plan.kept"] == 1
    assert history(connection, "plan", plan) == ["proposed", "approved", "active", "completed"]


def test_a_missed_term_has_its_grace_and_can_be_mended(connection: Connection, found: Here) -> None:
    plan = _plan(connection, found)
    assert _tick(connection, found, 10) == {}
    assert _tick(connection, found, 11) == {"plans.grace": 1}
    assert held(connection, at(11).day) == {("plan", found.invoices[0])}
    pay(connection, found, found.invoices[0], "40.34", at(15))
    assert _tick(connection, found, 16) == {"plans.active": 1}
    assert history(connection, "plan", plan)[-3:] == ["missed", "grace", "active"]


@pytest.mark.parametrize("policy", [POLICY, ASKING])
def test_past_its_grace_it_is_broken(connection: Connection, found: Here, policy: Policy) -> None:
    plan = _plan(connection, found, policy)
    assert [_tick(connection, found, day, policy) for day in (11, 15, 16, 17)] == [{"plans.grace": 1}, {}, {"plans.broken": 1}, {}]
    assert told(connection)["plan.broken"] == 1
    asked = policy is ASKING
    assert held(connection, at(16).day) == ({("manual", found.invoices[0])} if asked else set())
    assert len(tasks(connection)) == asked
    for task in tasks(connection):
        duties.done(connection, task.id, "resume", at(17))
    assert held(connection, at(17).day) == set()
    with pytest.raises(ReceivablesError):
        plans.cancel(connection, plan, at(18))


def test_a_clock_that_stood_still_catches_up(connection: Connection, found: Here) -> None:
    plan = _plan(connection, found)
    assert _tick(connection, found, 30) == {"plans.broken": 1}
    assert history(connection, "plan", plan)[-3:] == ["missed", "grace", "broken"]


def test_a_returned_payment_opens_its_term_again(connection: Connection, found: Here) -> None:
    plan = _plan(connection, found)
    payment = pay(connection, found, found.invoices[0], "40.34", at(5))
    _tick(connection, found, 6)
    reverse(connection, payment, Booking(at(8).day, "bank", at(8).now))
    assert _tick(connection, found, 11) == {"plans.grace": 1}
    assert plans.terms_of(connection, plan)[0].paid == 0


def test_a_plan_in_its_grace_is_not_agreed_once_more(connection: Connection, found: Here) -> None:
    plan = _plan(connection, found)
    _tick(connection, found, 11)
    with pytest.raises(ReceivablesError):
        plans.activate(connection, plan, at(11))
    assert (_state(connection, plan), told(connection)["plan.agreed"]) == ("grace", 1)


def test_cancelled_it_holds_nothing(connection: Connection, found: Here) -> None:
    plan = plans.propose(connection, found.debtor, found.invoices[1:2], POLICY, at(by="debtor"))
    plans.cancel(connection, plan, at(1), "the debtor would rather pay")
    assert (held(connection, at(1).day), tasks(connection)) == (set(), [])
    with pytest.raises(ReceivablesError):
        plans.approve(connection, plan, at(2))


def test_an_invoice_is_in_one_plan(connection: Connection, found: Here) -> None:
    _plan(connection, found)
    with pytest.raises(ReceivablesError):
        plans.propose(connection, found.debtor, found.invoices, POLICY, at(by="debtor"))


def test_the_owner_of_approvals_is_who_takes_proposals(connection: Connection, found: Here) -> None:
    pia = person(connection, found.creditor, "pia", categories=["payment_plan_proposal"])
    plans.propose(connection, found.debtor, found.invoices[1:2], POLICY, at(by="debtor"))
    assert [task.owner_id for task in tasks(connection)] == [pia]


def test_a_late_grace_is_counted_from_the_term(connection: Connection, found: Here) -> None:
    _plan(connection, found)
    assert _tick(connection, found, 13) == {"plans.grace": 1}
    assert connection.scalar(select(PLANS.c.grace_until)) == at(10).day + timedelta(5)
