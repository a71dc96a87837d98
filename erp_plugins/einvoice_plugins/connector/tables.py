"""What the connector remembers: every file by its hash, every invoice by its number, how far each view was read."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, UniqueConstraint

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key

FILES = Table(
    "connector_files",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("source", String(20), nullable=False),  # the folder below IN: invoices, open-items
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Key, nullable=False),
    Column("state", String(12), nullable=False),  # decided → done, declined → refused; `journal` says more
    Column("outcome", JSON, nullable=False),  # what it came to: files to publish, counts, or reasons
    Column("attempts", Integer, nullable=False, default=1),
    Column("decided_at", Instant, nullable=False),
    Column("ended_at", Instant),  # when the file was put away
    Column("filed", Text),  # where, below the connector's folder
    UniqueConstraint("source", "sha256"),
)
Index("ix_connector_files_ended", FILES.c.state, FILES.c.ended_at)

INVOICES = Table(
    "connector_invoices",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),  # SHA-256 of seller and number
    Column("number", Text, nullable=False),
    Column("stem", String(140), nullable=False, unique=True),  # of its files in OUT, in small letters
    Column("document_hash", String(64), nullable=False),  # of the XML
    Column("file_id", Key, nullable=False),
    Column("peppol_id", Key),  # the row of peppol_outgoing
)

VIEWS = Table(
    "connector_views",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("reached", JSON, nullable=False),  # the last key, with its type
    Column("at", Instant, nullable=False),
)
