"""What the planner decided and what became of it: policies, runs, actions, their invoices and messages."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, false

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key, Money

POLICIES = Table(  # every policy that ever decided something, by hash
    "policies",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("first_used_at", Instant, nullable=False),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("mode", String(200), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("counts", JSON),
)

ACTIONS = Table(
    "actions",
    METADATA,
    Column("id", String(40), primary_key=True),  # derived from what it is: planned twice, it is one
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", String(10), nullable=False),  # message | task | handover
    Column("flow", String(60), nullable=False),
    Column("flow_version", String(16), nullable=False),
    Column("step", String(60), nullable=False),
    Column("step_offset", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("body", JSON, nullable=False),  # the Action as JSON, its explanation with it
    Column("policy", String(64), nullable=False),
    Column("rates", String(64), nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("state", String(10), nullable=False),  # planned queued done cancelled failed
    Column("reason", Text),
    Column("counted_on", Date),  # the day it counted as a delivered contact moment of its invoices
    Column("final", Boolean, nullable=False, default=False, server_default=false()),  # the flow ends with it
    Column("notice", String(40)),  # the statutory notice that it gives
    Column("settled_on", Date),  # the day it was done, cancelled or failed
)
Index(  # all that is read of a debtor's earlier actions, so that reading them never touches the bodies
    "ix_actions_debtor",
    ACTIONS.c.debtor_id,
    ACTIONS.c.day,
    ACTIONS.c.state,
    ACTIONS.c.kind,
    ACTIONS.c.step_offset,
    ACTIONS.c.notice,
)
Index("ix_actions_state", ACTIONS.c.creditor_id, ACTIONS.c.state, ACTIONS.c.day, ACTIONS.c.debtor_id)
Index("ix_actions_day", ACTIONS.c.creditor_id, ACTIONS.c.day)
for _column in (ACTIONS.c.settled_on, ACTIONS.c.counted_on):
    _known = _column.is_not(None)
    Index(f"ix_actions_{_column.name}", ACTIONS.c.creditor_id, _column, sqlite_where=_known, postgresql_where=_known)

TAKEN = Table(  # invariant 2: an invoice meets a step of a flow's version once per channel
    "taken",
    METADATA,
    Column("action_id", String(40), ForeignKey("actions.id"), primary_key=True),
    Column("invoice_id", Key, ForeignKey("invoices.id"), primary_key=True),
    Column("channel", String(20), primary_key=True),
    Column("flow_version", String(16), nullable=False),
    Column("step", String(60), nullable=False),
    Column("amount", Money, nullable=False),  # as stated to the debtor
    Column("live", Boolean, nullable=False, default=True),  # False once its action was cancelled
    # the invoice's follow-up before this action, to go back to when it is cancelled
    Column("was_flow", String(60)),
    Column("was_step", String(60)),
    Column("was_offset", Integer),
    Column("was_on", Date),
    Column("was_stage", String(12)),
)
Index(
    "uq_taken_once",
    TAKEN.c.invoice_id,
    TAKEN.c.flow_version,
    TAKEN.c.step,
    TAKEN.c.channel,
    unique=True,
    sqlite_where=TAKEN.c.live.is_(True),
    postgresql_where=TAKEN.c.live.is_(True),
)

MESSAGES = Table(  # one per message of an action, beside its row in the outbox
    "messages",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("action_id", String(40), ForeignKey("actions.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("contact_id", Key, ForeignKey("contacts.id")),
    Column("channel", String(20), nullable=False),
    Column("outbox_id", Key),
    Column("template", String(64)),
    Column("document", String(64)),  # SHA-256 of what was sent
    Column("state", String(12), nullable=False),  # the outbox's words
    Column("sent_on", Date),
    Column("delivered_on", Date),
    Column("bounced_on", Date),
    Column("code", String(20), unique=True),  # by which a receiver verifies it
)
Index("ix_messages_action", MESSAGES.c.action_id)
Index("ix_messages_debtor", MESSAGES.c.debtor_id, MESSAGES.c.sent_on)
