"""What the connector for any ERP remembers of files, invoices and views."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Column, Integer, PrimaryKeyConstraint, String, Text, UniqueConstraint

from einvoice.database.types import Instant, Key

revision = "0010"
down_revision = "0009"

FILES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("source", String(20), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Key, nullable=False),
    Column("state", String(12), nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("filed", Text),
    PrimaryKeyConstraint("id", name="pk_connector_files"),
    UniqueConstraint("source", "sha256", name="uq_connector_files_source_sha256"),
)

INVOICES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("key", String(64), nullable=False),
    Column("number", Text, nullable=False),
    Column("stem", String(140), nullable=False),
    Column("document_hash", String(64), nullable=False),
    Column("file_id", Key, nullable=False),
    Column("peppol_id", Key),
    PrimaryKeyConstraint("id", name="pk_connector_invoices"),
    UniqueConstraint("key", name="uq_connector_invoices_key"),
    UniqueConstraint("stem", name="uq_connector_invoices_stem"),
)

VIEWS = (
    Column("name", String(40), nullable=False),
    Column("reached", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("name", name="pk_connector_views"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("connector_files", *FILES)
    op.create_index("ix_connector_files_ended", "connector_files", ["state", "ended_at"])
    op.create_table("connector_invoices", *INVOICES)
    op.create_table("connector_views", *VIEWS)
