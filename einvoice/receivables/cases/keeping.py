"""Whether a payment plan is kept: payments go to its terms in order; a missed term has its grace, then the plan is broken."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select, update

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


def due(connection: Connection, creditor: int, day: date) -> list[int]:
    """The running plans of a creditor with news: money that no term has got yet or that was returned, a term past its day, a grace."""
    states = (PLANS.c.creditor_id == creditor, PLANS.c.closed_on.is_(None), PLANS.c.state.in_(("active", "missed", "grace")))
    found = connection.execute(select(PLANS).where(*states).order_by(PLANS.c.id)).all()
    short = case((and_(PLAN_TERMS.c.due < day, PLAN_TERMS.c.paid < PLAN_TERMS.c.amount), 1), else_=0)
    sums = select(
        PLAN_TERMS.c.plan_id, func.sum(PLAN_TERMS.c.paid, type_=PLAN_TERMS.c.paid.type).label("paid"), func.max(short).label("late")
    )
    sums = sums.join(PLANS, PLANS.c.id == PLAN_TERMS.c.plan_id).where(*states).group_by(PLAN_TERMS.c.plan_id)
    terms = {row.plan_id: row for row in connection.execute(sums)}
    came = receipts.received(connection, (invoice for row in found for invoice in row.invoices))
    moments = receipts.began(connection, PLAN.kind, "active", (row.id for row in found))
    return [
        row.id
        for row in found
        if row.state != "active" or terms[row.id].late or terms[row.id].paid != receipts.paid(came, row.invoices, moments[row.id])
    ]


def judge(connection: Connection, plan: int, policy: Policy, at: At) -> str:
    """Gives the payments since the plan began to its terms, and moves it where a term was paid or missed; the state it is in now."""
    row = fetch(connection, PLAN, plan)
    if row.closed_on is not None or row.state in ("proposed", "approved"):
        return str(row.state)
    moment = receipts.began(connection, PLAN.kind, "active", [plan])[plan]
    paid = receipts.paid(receipts.received(connection, row.invoices), row.invoices, moment)
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
