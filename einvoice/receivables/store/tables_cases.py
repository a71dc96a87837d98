"""What holds follow-up back, and the cases behind it: disputes, promises, payment plans, tasks of people."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key, Money

HOLDS = Table(  # the planner and the sender read only these
    "holds",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("invoice_id", Key, ForeignKey("invoices.id")),  # None: everything of the debtor
    Column("reason", String(20), nullable=False),  # dispute | plan | promise | payment_pending | insolvency | manual
    Column("amount", Money),  # only this part of the invoice; None: the whole
    Column("since", Date, nullable=False),
    Column("until", Date),  # the last day it holds; None: until it is ended
    Column("case_id", Key),  # the dispute, plan or promise
    Column("ended_on", Date),
)
Index("ix_holds_debtor", HOLDS.c.debtor_id, HOLDS.c.ended_on)

DISPUTES = Table(
    "disputes",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("invoice_id", Key, ForeignKey("invoices.id"), nullable=False),
    Column("key", String(120), unique=True),  # the message it came with
    Column("category", String(24), nullable=False),
    Column("state", String(16), nullable=False),  # open assigned waiting_us waiting_customer accepted credited rejected withdrawn
    Column("amount", Money),  # the disputed part; None: the whole
    Column("opened_on", Date, nullable=False),
    Column("answer_due", Date, nullable=False),
    Column("owner_id", Key, ForeignKey("people.id"), nullable=False),
    Column("text", Text),
    Column("escalated_on", Date),
    Column("resumed", Boolean, nullable=False, default=False),  # follow-up goes on though it is open
    Column("outcome", String(12)),  # credited | accepted | rejected | withdrawn
    Column("credit_note_id", Key, ForeignKey("invoices.id")),
    Column("closed_on", Date),
    Column("binding", Boolean, nullable=False, default=False),  # the receiver rejected the invoice: only a person lets follow-up go on
)
Index("ix_disputes_debtor", DISPUTES.c.debtor_id)
Index("ix_disputes_due", DISPUTES.c.closed_on, DISPUTES.c.answer_due)

PROMISES = Table(
    "promises",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("invoices", JSON, nullable=False),  # their ids
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("made_on", Date, nullable=False),
    Column("by", Date, nullable=False),
    Column("tolerance", Integer, nullable=False, default=0),  # days
    Column("state", String(8), nullable=False),  # made kept partial broken
    Column("paid", Money, nullable=False, default=0),
    Column("closed_on", Date),
)
Index("ix_promises_debtor", PROMISES.c.debtor_id)
Index("ix_promises_open", PROMISES.c.creditor_id, PROMISES.c.closed_on, PROMISES.c.by)

PLANS = Table(
    "plans",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total", Money, nullable=False),
    Column("state", String(10), nullable=False),  # proposed approved active missed grace completed broken cancelled
    Column("proposed_on", Date, nullable=False),
    Column("proposed_by", String(120), nullable=False),  # debtor, policy, or a person's key
    Column("approved_by", String(120)),
    Column("grace_until", Date),
    Column("closed_on", Date),
)
Index("ix_plans_debtor", PLANS.c.debtor_id)
Index("ix_plans_open", PLANS.c.creditor_id, PLANS.c.closed_on)

PLAN_TERMS = Table(
    "plan_terms",
    METADATA,
    Column("plan_id", Key, ForeignKey("plans.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("due", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("paid", Money, nullable=False, default=0),
)

TASKS = Table(  # what a person has to do
    "tasks",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("key", String(120), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # call decide repair_address triage escalation approve_plan hand_over unknown
    Column("invoices", JSON, nullable=False),
    Column("owner_id", Key, ForeignKey("people.id")),
    Column("created_on", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("action_id", String(40)),
    Column("done_on", Date),
    Column("result", Text),
)
Index("ix_tasks_open", TASKS.c.creditor_id, TASKS.c.done_on, TASKS.c.due)

HISTORY = Table(  # every change of state of a case, append-only
    "history",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("kind", String(12), nullable=False),  # dispute plan promise invoice
    Column("case_id", Key, nullable=False),
    Column("was", String(16)),
    Column("became", String(16), nullable=False),
    Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(120), nullable=False),
    Column("note", Text),
    UniqueConstraint("kind", "case_id", "id"),
)
