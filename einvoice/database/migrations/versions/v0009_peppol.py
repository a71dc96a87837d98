"""What goes out and comes in by Peppol, with its evidence."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Text, UniqueConstraint

from einvoice.database.types import Instant, Key

revision = "0009"
down_revision = "0008"

OUTGOING = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("key", String(120), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("number", Text),
    Column("via", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text),
    Column("next_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sender", String(140), nullable=False),
    Column("receiver", String(140), nullable=False),
    Column("document_scheme", String(40), nullable=False),
    Column("document_type", String(500), nullable=False),
    Column("process_scheme", String(40), nullable=False),
    Column("process", String(200), nullable=False),
    Column("country", String(2), nullable=False),
    Column("document_hash", String(64), nullable=False),
    Column("document", LargeBinary),
    Column("file", Text),
    Column("size", Key, nullable=False),
    Column("profile", Text),
    Column("verdict", String(12), nullable=False),
    Column("override", Text),
    Column("instance_id", String(200)),
    Column("message_id", String(200)),
    Column("endpoint", Text),
    Column("access_point", String(20)),
    Column("certificate", Text),
    Column("signed", Text),
    Column("receipt", LargeBinary),
    Column("receipt_type", Text),
    Column("receipt_hash", String(64)),
    Column("about", Key),
    Column("created_at", Instant, nullable=False),
    Column("prepared_at", Instant),
    Column("sent_at", Instant),
    PrimaryKeyConstraint("id", name="pk_peppol_outgoing"),
    UniqueConstraint("key", name="uq_peppol_outgoing_key"),
    UniqueConstraint("message_id", name="uq_peppol_outgoing_message_id"),
)

INBOX = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("instance_id", String(200), nullable=False),
    Column("access_point", String(20), nullable=False),
    Column("certificate", Text),
    Column("via", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("sender", String(140), nullable=False),
    Column("receiver", String(140), nullable=False),
    Column("document_scheme", String(40), nullable=False),
    Column("document_type", String(500), nullable=False),
    Column("process_scheme", String(40), nullable=False),
    Column("process", String(200), nullable=False),
    Column("country", String(2)),
    Column("mls_to", String(140)),
    Column("mls_type", String(20)),
    Column("document_hash", String(64), nullable=False),
    Column("document", LargeBinary),
    Column("file", Text),
    Column("size", Key, nullable=False),
    Column("envelope", LargeBinary),
    Column("signed", Text),
    Column("receipt", LargeBinary),
    Column("state", String(12), nullable=False),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("worker", String(80)),
    Column("about", Key),
    Column("sent_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("handed_at", Instant),
    Column("verdict", String(12)),
    PrimaryKeyConstraint("id", name="pk_peppol_inbox"),
    UniqueConstraint("message_id", name="uq_peppol_inbox_message_id"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("peppol_outgoing", *OUTGOING)
    op.create_index("ix_peppol_outgoing_due", "peppol_outgoing", ["state", "next_at", "id"])
    op.create_index("ix_peppol_outgoing_instance", "peppol_outgoing", ["instance_id"])
    op.create_index("ix_peppol_outgoing_number", "peppol_outgoing", ["number"])
    op.create_table("peppol_inbox", *INBOX)
    op.create_index("ix_peppol_inbox_due", "peppol_inbox", ["state", "kind", "next_at", "id"])
    op.create_index("ix_peppol_inbox_instance", "peppol_inbox", ["access_point", "instance_id"])
