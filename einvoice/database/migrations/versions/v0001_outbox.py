"""The outbox, events, switches and leases."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    false,
)

from einvoice.database.types import Instant, Key

revision = "0001"
down_revision = None

EVENTS = (
    Column("number", Key, autoincrement=True, nullable=False),
    Column("id", String(36), nullable=False),
    Column("type", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("number", name="pk_events"),
    UniqueConstraint("id", name="uq_events_id"),
)

LEASES = (
    Column("name", String(80), nullable=False),
    Column("holder", String(80), nullable=False),
    Column("until", Instant, nullable=False),
    Column("released", Boolean, nullable=False),
    PrimaryKeyConstraint("name", name="pk_leases"),
)

OUTBOX = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("key", String(120), nullable=False),
    Column("owner", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("resend", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("address", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("not_after", Instant),
    Column("lease_until", Instant),
    Column("worker", String(80)),
    Column("provider", Text),
    Column("proof", Text),
    Column("reason", Text),
    Column("redirected", Text),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("doubtful", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("id", name="pk_outbox"),
    CheckConstraint(
        "state IN ('planned', 'sending', 'sent', 'delivered', 'bounced', 'failed', 'unknown', 'cancelled', 'dead')", name="ck_outbox_state"
    ),
    UniqueConstraint("key", name="uq_outbox_key"),
)

SWITCHES = (
    Column("name", String(40), nullable=False),
    Column("value", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("name", name="pk_switches"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("events", *EVENTS)
    op.create_table("leases", *LEASES)
    op.create_table("outbox", *OUTBOX)
    op.create_index("ix_outbox_due", "outbox", ["state", "next_at", "id"])
    op.create_index("ix_outbox_subject", "outbox", ["owner", "subject"])
    op.create_table("switches", *SWITCHES)
