"""The tables of the outbox and of the events that other programs hear of."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text, false, text

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),  # the idempotency key: the same effect asked for twice is one row
    Column("owner", String(40), nullable=False),  # who decides and hears: receivables, webhooks, peppol
    Column("subject", String(120), nullable=False),  # what it is about, in the owner's words: action:…, event:…
    Column("channel", String(40), nullable=False),  # which sender takes it: email, letter, webhook, peppol
    Column("resend", String(12), nullable=False),  # once | same_bytes
    Column("state", String(12), nullable=False),
    Column("address", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=False),  # not before
    Column("not_after", Instant),  # past it, a planned effect expires
    Column("lease_until", Instant),
    Column("worker", String(80)),
    Column("provider", Text),  # the provider's id of it
    Column("proof", Text),
    Column("reason", Text),
    Column("redirected", Text),  # where it went instead of its address
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    # an attempt may have arrived, nobody knows: it may be sent again, and is never withdrawn as if it had not left
    Column("doubtful", Boolean, nullable=False, default=False, server_default=false()),
    CheckConstraint(
        "state IN ('planned', 'sending', 'sent', 'delivered', 'bounced', 'failed', 'unknown', 'cancelled', 'dead')", name="state"
    ),
)
Index("ix_outbox_due", OUTBOX.c.state, OUTBOX.c.next_at, OUTBOX.c.id)
Index("ix_outbox_subject", OUTBOX.c.owner, OUTBOX.c.subject)
_ANSWERED = text("provider IS NOT NULL")
Index("ix_outbox_provider", OUTBOX.c.provider, sqlite_where=_ANSWERED, postgresql_where=_ANSWERED)

EVENTS = Table(
    "events",
    METADATA,
    Column("number", Key, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # exactly what webhooks send
)

SWITCHES = Table(
    "switches",
    METADATA,
    Column("name", String(40), primary_key=True),  # mode
    Column("value", Text, nullable=False),  # dry_run | redirect ADDRESS | live
    Column("set_at", Instant, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("note", Text),
)

PACES = Table(  # when effects were handed to channels that have a pace, as far back as a pace looks
    "paces",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("channel", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_paces_channel", PACES.c.channel, PACES.c.at)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(80), primary_key=True),  # run:CREDITOR, relay:WORKER
    Column("holder", String(80), nullable=False),
    Column("until", Instant, nullable=False),
    Column("released", Boolean, nullable=False, default=False),
)
