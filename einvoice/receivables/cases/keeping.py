"""Whether a payment plan is kept: payments go to its terms in order; a missed term has its grace, then the plan is broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from einvoice import events
from einvoice.receivables.cases import plans, receipts
from einvoice.receivables.cases.case import At, fetch, move
from einvoice.receivables.cases.holds import hold, release
from einvoice.receivables.cases.machine import PLAN
from einvoice.receivables.cases.news import tell
from einvoice.receivables.cases.schedule import allocated
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import PLAN_TERMS, PLANS


def running(connection: Connection, creditor: int) -> list[int]:
    """The plans of a creditor whose terms are being paid."""
    found = select(PLANS.c.id).where(PLANS.c.creditor_id == creditor, PLANS.c.closed_on.is_(None))
    return list(connection.scalars(found.where(PLANS.c.state.in_(("active", "missed", "grace"))).order_by(PLANS.c.id)))


def judge(connection: Connection, plan: int, policy: Policy, at: At) -> str:
    """Gives the payments since the plan began to its terms, and moves it where a term was paid or missed; the state it is in now."""
    row = fetch(connection, PLAN, plan)
    if row.closed_on is not None or row.state in ("proposed", "approved"):
        return str(row.state)
    paid = receipts.since(connection, row.invoices, receipts.began(connection, PLAN.kind, plan, "active"))
    missing = _allocate(connection, plan, paid, at)
    owed = plans.open_of(connection, row.invoices)
    if paid >= row.total or owed <= 0:
        move(connection, PLAN, row, "completed", at)
        release(connection, row.debtor_id, Reason.PLAN, at.day, case=plan)
        tell(connection, events.PlanKept(time=at.now, **plans.about(row), paid=paid))
        return "completed"
    if missing is None:
        return _goes_on(connection, row, at)
    return _lapse(connection, row, missing, policy, at)


def _allocate(connection: Connection, plan: int, paid: Any, at: At) -> Row[Any] | None:
    """Writes what each term has got; the first term that is past its day and not paid."""
    terms = plans.terms_of(connection, plan)
    missing = None
    for term, share in zip(terms, allocated([term.amount for term in terms], paid), strict=True):
        if share != term.paid:
            this = (PLAN_TERMS.c.plan_id == plan, PLAN_TERMS.c.number == term.number)
            connection.execute(update(PLAN_TERMS).where(*this).values(paid=share))
        if missing is None and share < term.amount and term.due < at.day:
            missing = term
    return missing


def _goes_on(connection: Connection, plan: Row[Any], at: At) -> str:
    if plan.state == "grace":
        move(connection, PLAN, plan, "active", at, "what was missed is paid", grace_until=None)
    return "active"


def _lapse(connection: Connection, plan: Row[Any], missing: Row[Any], policy: Policy, at: At) -> str:
    """A missed term: grace first, and once that has passed the plan is broken."""
    if plan.state == "active":
        until = missing.due + timedelta(policy.payment_plans.on_missed.grace_days)
        move(connection, PLAN, plan, "missed", at, f"term {missing.number}, due {missing.due}")
        plan = fetch(connection, PLAN, plan.id)
        move(connection, PLAN, plan, "grace", at, grace_until=until)
        plan = fetch(connection, PLAN, plan.id)
    if at.day <= plan.grace_until:
        return "grace"
    move(connection, PLAN, plan, "broken", at, f"term {missing.number}, due {missing.due}")
    release(connection, plan.debtor_id, Reason.PLAN, at.day, case=plan.id)
    term = events.Term(due=missing.due, amount=missing.amount)
    tell(connection, events.PlanBroken(time=at.now, **plans.about(plan), missed=term, open=plans.open_of(connection, plan.invoices)))
    if policy.payment_plans.on_missed.then == "ask_person":
        _ask(connection, plan, at)
    return "broken"


def _ask(connection: Connection, plan: Row[Any], at: At) -> None:
    """A person decides whether follow-up resumes; until then it is on hold."""
    text = f"The payment plan {plan.id} is broken. Decide; once this task is done follow-up goes on."
    key = f"plan-broken:{plan.id}"
    task = ask(connection, Task(key, "decide", plan.creditor_id, plan.debtor_id, tuple(plan.invoices), at.day, text), at.day)
    hold(connection, plan.debtor_id, Reason.MANUAL, at.day, invoices=plan.invoices, case=task)
