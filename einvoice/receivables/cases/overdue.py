"""Overdue disputes: past the day on which their answer was due, each is escalated once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from einvoice import events
from einvoice.receivables.cases import people
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.disputes import end_hold, overdue_key
from einvoice.receivables.cases.news import dispute_of, tell
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.store.tables import DEBTORS, DISPUTES, INVOICES


def overdue(connection: Connection, creditor: int, at: At) -> list[int]:
    """The open disputes whose answer was due before the day and which were not escalated yet, the oldest first."""
    late = (DISPUTES.c.closed_on.is_(None), DISPUTES.c.answer_due < at.day, DISPUTES.c.escalated_on.is_(None))
    found = select(DISPUTES.c.id).where(DISPUTES.c.creditor_id == creditor, *late).order_by(DISPUTES.c.answer_due, DISPUTES.c.id)
    return list(connection.scalars(found))


def escalate(connection: Connection, dispute: int, policy: Policy, at: At) -> bool:
    """Escalates an overdue dispute: a task for the owner's deputy, an event, and follow-up resumes where the policy says so.

    It does not resume where the receiver rejected the invoice or a credit is due: a person decides. Whether it resumed.
    """
    found = (
        select(DISPUTES, DEBTORS.c.kind, INVOICES.c.currency, INVOICES.c.number)
        .join_from(DISPUTES, DEBTORS, DEBTORS.c.id == DISPUTES.c.debtor_id)
        .join(INVOICES, INVOICES.c.id == DISPUTES.c.invoice_id)
    )
    row = connection.execute(found.where(DISPUTES.c.id == dispute).with_for_update(of=DISPUTES)).one()
    resumes = not row.binding and row.state != "accepted" and _policy_resumes(policy, row.kind)
    connection.execute(update(DISPUTES).where(DISPUTES.c.id == dispute).values(escalated_on=at.day))
    if resumes:
        end_hold(connection, row, at, f"answer was due {row.answer_due}; follow-up resumed")
    ask(connection, _task(connection, row, resumes, at), at.day)
    about = dispute_of(row, row.currency)
    event = events.DisputeEscalated(time=at.now, **about, answer_due=row.answer_due, owner=str(row.owner_id), resumed=resumes)
    tell(connection, event)
    return resumes


def _policy_resumes(policy: Policy, kind: Any) -> bool:
    """The policy's word for this kind of debtor; where it has none, companies resume and for others a person decides."""
    return policy.disputes.on_sla_breach.get(kind, "resume_and_escalate" if kind == "b2b" else "ask_person") == "resume_and_escalate"


def _task(connection: Connection, row: Row[Any], resumes: bool, at: At) -> Task:
    there = people.active(connection, row.creditor_id)
    owner = there.get(row.owner_id)
    deputy = people.deputy_of(there, owner, at.day) if owner is not None else None
    hold = "follow-up has resumed" if resumes else f"follow-up is stopped; decide: einvoice receivables dispute resume {row.id}"
    return Task(
        key=overdue_key(row.id),
        kind="escalation" if resumes else "decide",
        creditor=row.creditor_id,
        debtor=row.debtor_id,
        invoices=(row.invoice_id,),
        due=at.day,
        text=f"The dispute {row.id} about {row.number} ({row.category}) was to be answered by {row.answer_due}; {hold}.",
        owner=deputy or people.acting(there, row.owner_id, at.day),
    )
