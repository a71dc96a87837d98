"""Holds, disputes, promises, payment plans, tasks, history."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

from einvoice.database.types import Instant, Key, Money

revision = "0004"
down_revision = "0003"

HISTORY = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("case_id", Key, nullable=False),
    Column("was", String(16)),
    Column("became", String(16), nullable=False),
    Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(120), nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("id", name="pk_history"),
    UniqueConstraint("kind", "case_id", "id", name="uq_history_kind_case_id_id"),
)

PLANS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total", Money, nullable=False),
    Column("state", String(10), nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("approved_by", String(120)),
    Column("grace_until", Date),
    Column("closed_on", Date),
    PrimaryKeyConstraint("id", name="pk_plans"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_plans_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_plans_debtor_id"),
)

PROMISES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("made_on", Date, nullable=False),
    Column("by", Date, nullable=False),
    Column("tolerance", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("paid", Money, nullable=False),
    Column("closed_on", Date),
    PrimaryKeyConstraint("id", name="pk_promises"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_promises_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_promises_debtor_id"),
)

TASKS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("key", String(120), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("owner_id", Key),
    Column("created_on", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("action_id", String(40)),
    Column("done_on", Date),
    Column("result", Text),
    PrimaryKeyConstraint("id", name="pk_tasks"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_tasks_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_tasks_debtor_id"),
    ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_tasks_owner_id"),
    UniqueConstraint("key", name="uq_tasks_key"),
)

DISPUTES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("invoice_id", Key, nullable=False),
    Column("key", String(120)),
    Column("category", String(24), nullable=False),
    Column("state", String(16), nullable=False),
    Column("amount", Money),
    Column("opened_on", Date, nullable=False),
    Column("answer_due", Date, nullable=False),
    Column("owner_id", Key, nullable=False),
    Column("text", Text),
    Column("escalated_on", Date),
    Column("resumed", Boolean, nullable=False),
    Column("outcome", String(12)),
    Column("credit_note_id", Key),
    Column("closed_on", Date),
    Column("binding", Boolean, nullable=False),
    PrimaryKeyConstraint("id", name="pk_disputes"),
    ForeignKeyConstraint(["credit_note_id"], ["invoices.id"], name="fk_disputes_credit_note_id"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_disputes_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_disputes_debtor_id"),
    ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_disputes_invoice_id"),
    ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_disputes_owner_id"),
    UniqueConstraint("key", name="uq_disputes_key"),
)

HOLDS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("invoice_id", Key),
    Column("reason", String(20), nullable=False),
    Column("amount", Money),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("case_id", Key),
    Column("ended_on", Date),
    PrimaryKeyConstraint("id", name="pk_holds"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_holds_debtor_id"),
    ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_holds_invoice_id"),
)

PLAN_TERMS = (
    Column("plan_id", Key, nullable=False),
    Column("number", Integer, nullable=False),
    Column("due", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("paid", Money, nullable=False),
    PrimaryKeyConstraint("plan_id", "number", name="pk_plan_terms"),
    ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_terms_plan_id"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("history", *HISTORY)
    op.create_table("plans", *PLANS)
    op.create_index("ix_plans_debtor", "plans", ["debtor_id"])
    op.create_index("ix_plans_open", "plans", ["creditor_id", "closed_on"])
    op.create_table("promises", *PROMISES)
    op.create_index("ix_promises_debtor", "promises", ["debtor_id"])
    op.create_index("ix_promises_open", "promises", ["creditor_id", "closed_on", "by"])
    op.create_table("tasks", *TASKS)
    op.create_index("ix_tasks_open", "tasks", ["creditor_id", "done_on", "due"])
    op.create_table("disputes", *DISPUTES)
    op.create_index("ix_disputes_debtor", "disputes", ["debtor_id"])
    op.create_index("ix_disputes_due", "disputes", ["closed_on", "answer_due"])
    op.create_table("holds", *HOLDS)
    op.create_index("ix_holds_debtor", "holds", ["debtor_id", "ended_on"])
    op.create_table("plan_terms", *PLAN_TERMS)
