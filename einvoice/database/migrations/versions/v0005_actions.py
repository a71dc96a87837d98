"""Policies, runs, actions, what invoices met, messages."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Boolean, Column, Date, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, String, Text, false, text

from einvoice.database.types import Instant, Key, Money

revision = "0005"
down_revision = "0004"

POLICIES = (
    Column("hash", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("first_used_at", Instant, nullable=False),
    PrimaryKeyConstraint("hash", name="pk_policies"),
)

RUNS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("mode", String(200), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("counts", JSON),
    PrimaryKeyConstraint("id", name="pk_runs"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_runs_creditor_id"),
)

ACTIONS = (
    Column("id", String(40), nullable=False),
    Column("run_id", Key, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("flow", String(60), nullable=False),
    Column("flow_version", String(16), nullable=False),
    Column("step", String(60), nullable=False),
    Column("step_offset", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("body", JSON, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("rates", String(64), nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("counted_on", Date),
    Column("final", Boolean, nullable=False, server_default=false()),
    Column("notice", String(40)),
    Column("settled_on", Date),
    PrimaryKeyConstraint("id", name="pk_actions"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_actions_debtor_id"),
    ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_actions_run_id"),
)

MESSAGES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("action_id", String(40), nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("contact_id", Key),
    Column("channel", String(20), nullable=False),
    Column("outbox_id", Key),
    Column("template", String(64)),
    Column("document", String(64)),
    Column("state", String(12), nullable=False),
    Column("sent_on", Date),
    Column("delivered_on", Date),
    Column("bounced_on", Date),
    PrimaryKeyConstraint("id", name="pk_messages"),
    ForeignKeyConstraint(["action_id"], ["actions.id"], name="fk_messages_action_id"),
    ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_messages_contact_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_messages_debtor_id"),
)

TAKEN = (
    Column("action_id", String(40), nullable=False),
    Column("invoice_id", Key, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("flow_version", String(16), nullable=False),
    Column("step", String(60), nullable=False),
    Column("amount", Money, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("was_flow", String(60)),
    Column("was_step", String(60)),
    Column("was_offset", Integer),
    Column("was_on", Date),
    Column("was_stage", String(12)),
    PrimaryKeyConstraint("action_id", "invoice_id", "channel", name="pk_taken"),
    ForeignKeyConstraint(["action_id"], ["actions.id"], name="fk_taken_action_id"),
    ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_taken_invoice_id"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("policies", *POLICIES)
    op.create_table("runs", *RUNS)
    op.create_table("actions", *ACTIONS)
    op.create_index("ix_actions_day", "actions", ["creditor_id", "day"])
    for column in ("settled_on", "counted_on"):
        known = text(f"{column} IS NOT NULL")
        op.create_index(f"ix_actions_{column}", "actions", ["creditor_id", column], sqlite_where=known, postgresql_where=known)
    op.create_index("ix_actions_debtor", "actions", ["debtor_id", "day", "state", "kind", "step_offset", "notice"])
    op.create_index("ix_actions_state", "actions", ["creditor_id", "state", "day", "debtor_id"])
    op.create_table("messages", *MESSAGES)
    op.create_index("ix_messages_action", "messages", ["action_id"])
    op.create_index("ix_messages_debtor", "messages", ["debtor_id", "sent_on"])
    op.create_table("taken", *TAKEN)
    op.create_index(
        "uq_taken_once",
        "taken",
        ["invoice_id", "flow_version", "step", "channel"],
        unique=True,
        sqlite_where=text("live IS 1"),
        postgresql_where=text("live IS true"),
    )
