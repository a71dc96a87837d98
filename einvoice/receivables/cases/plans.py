"""Payment plans: proposed, approved, active; follow-up waits while the terms are paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from einvoice import events
from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.cases import people, schedule
from einvoice.receivables.cases.case import At, created, debtor_of, fetch, invoices_of, move
from einvoice.receivables.cases.categories import answer_due
from einvoice.receivables.cases.holds import hold, release
from einvoice.receivables.cases.machine import PLAN
from einvoice.receivables.cases.news import tell, texts
from einvoice.receivables.cases.schedule import Term
from einvoice.receivables.cases.tasks import Task, ask, finish
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import INVOICES, PLAN_TERMS, PLANS


def propose(
    connection: Connection, debtor: int, invoices: Iterable[int], policy: Policy, at: At, *, terms: Sequence[Term] | None = None
) -> int:
    """Proposes to pay all that is open of these invoices in terms (the best schedule within the limits unless told); its id.

    `at.by` says who proposes: `debtor`, `policy` or a person. A small plan is approved at once, else a task asks for it; what a debtor
    proposes pauses follow-up until the answer is due, and is active once approved. Raises ReceivablesError where the limits do not
    allow it or an invoice is in a plan already.
    """
    owes = debtor_of(connection, debtor)
    rows = invoices_of(connection, debtor, invoices)
    ids, currency, total = [row.id for row in rows], rows[0].currency, sum((row.open + row.charges for row in rows), ZERO)
    _require_free(connection, debtor, ids)
    wanted = terms if terms is not None else schedule.proposal(policy, owes, total, at.day, currency)
    if wanted is None:
        raise ReceivablesError(f"{total} {currency} leaves no two terms within the policy's limits (payment_plans)")
    kept = schedule.checked(wanted, total, policy, at.day, currency)
    values = {"creditor_id": owes.creditor_id, "debtor_id": debtor, "invoices": ids, "currency": currency, "total": total}
    plan = created(connection, PLAN, {**values, "proposed_on": at.day, "proposed_by": at.by}, at)
    rows_of_terms = [{"plan_id": plan, "number": number, "due": term.due, "amount": term.amount} for number, term in enumerate(kept, 1)]
    connection.execute(insert(PLAN_TERMS), rows_of_terms)
    if schedule.is_small(policy, total, currency):
        approve(connection, plan, at._replace(by="policy"))
    else:
        _ask_approval(connection, fetch(connection, PLAN, plan), policy, at)
    return plan


def approve(connection: Connection, plan: int, at: At) -> None:
    """Approves a plan; one that the debtor proposed is active with it, any other once the debtor agrees (`activate`)."""
    row = fetch(connection, PLAN, plan)
    move(connection, PLAN, row, "approved", at, approved_by=at.by)
    finish(connection, [_key(plan)], "approved", at)
    if row.proposed_by == "debtor":
        activate(connection, plan, at)


def activate(connection: Connection, plan: int, at: At) -> None:
    """Both sides agree: follow-up of the invoices stops while the terms are paid.

    Raises ReceivablesError where the plan is not approved, or the debt is no longer what the terms add up to.
    """
    row = fetch(connection, PLAN, plan)
    if row.state != "approved":  # a plan in its grace is active again by being paid, not by being agreed once more
        raise ReceivablesError(f"the plan {plan} is {row.state}; only one that is approved can be agreed")
    owed = open_of(connection, row.invoices)
    if owed != row.total:
        raise ReceivablesError(f"the plan {plan} is over {row.total} {row.currency} but {owed} is open; cancel it and propose anew")
    move(connection, PLAN, row, "active", at)
    release(connection, row.debtor_id, Reason.PLAN, at.day, case=plan)
    hold(connection, row.debtor_id, Reason.PLAN, at.day, invoices=row.invoices, case=plan)
    agreed = tuple(events.Term(due=term.due, amount=term.amount) for term in terms_of(connection, plan))
    tell(connection, events.PlanAgreed(time=at.now, **about(row), terms=agreed))


def cancel(connection: Connection, plan: int, at: At, note: str | None = None) -> None:
    """Ends a plan before its time: follow-up goes on where it stood."""
    row = fetch(connection, PLAN, plan)
    move(connection, PLAN, row, "cancelled", at, note)
    release(connection, row.debtor_id, Reason.PLAN, at.day, case=plan)
    finish(connection, [_key(plan)], "cancelled", at)


def terms_of(connection: Connection, plan: int) -> Sequence[Row[Any]]:
    """The terms of a plan in their order: number, due, amount, paid."""
    return connection.execute(select(PLAN_TERMS).where(PLAN_TERMS.c.plan_id == plan).order_by(PLAN_TERMS.c.number)).all()


def open_of(connection: Connection, invoices: Sequence[int]) -> Decimal:
    """What is open of invoices, charges with it."""
    found = connection.execute(select(INVOICES.c.open, INVOICES.c.charges).where(INVOICES.c.id.in_(list(invoices))))
    return sum((row.open + row.charges for row in found), ZERO)


def open_plans(connection: Connection, debtor: int) -> Sequence[Row[Any]]:
    """The plans of a debtor that have not ended."""
    return connection.execute(select(PLANS).where(PLANS.c.debtor_id == debtor, PLANS.c.closed_on.is_(None)).order_by(PLANS.c.id)).all()


def about(plan: Row[Any]) -> dict[str, Any]:
    """What every event of a plan says of it."""
    return {"plan": str(plan.id), "debtor": str(plan.debtor_id), "invoices": texts(plan.invoices), "currency": plan.currency}


def _require_free(connection: Connection, debtor: int, invoices: list[int]) -> None:
    for plan in open_plans(connection, debtor):
        if set(plan.invoices) & set(invoices):
            raise ReceivablesError(f"the plan {plan.id} ({plan.state}) has the same invoice; cancel it first")


def _ask_approval(connection: Connection, plan: Row[Any], policy: Policy, at: At) -> None:
    due = answer_due(policy, "payment_plan_proposal", at.day)
    there = people.active(connection, plan.creditor_id)
    text = f"Approve the payment plan {plan.id} over {plan.total} {plan.currency}: einvoice receivables instalments approve {plan.id}"
    owner = people.owner_for(there, "payment_plan_proposal", at.day) if there else None
    task = Task(_key(plan.id), "approve_plan", plan.creditor_id, plan.debtor_id, tuple(plan.invoices), due, text, owner)
    ask(connection, task, at.day)
    if plan.proposed_by == "debtor":
        hold(connection, plan.debtor_id, Reason.PLAN, at.day, invoices=plan.invoices, until=max(due, at.day + timedelta(1)), case=plan.id)


def _key(plan: int) -> str:
    return f"plan-approval:{plan}"
