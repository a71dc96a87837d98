"""What is kept of documents and of what came in: invoices as they were issued, dossiers, calls of providers."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key

PAPERS = Table(  # documents as bytes, each once by its hash
    "papers",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id")),
    Column("kind", String(20), nullable=False),  # invoice | dossier | agreement | statement | mandate | debit | received
    Column("hash", String(64), nullable=False),  # SHA-256
    Column("name", String(200), nullable=False),
    Column("type", String(80), nullable=False),  # media type
    Column("data", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    UniqueConstraint("creditor_id", "kind", "hash"),
)
Index("ix_papers_debtor", PAPERS.c.debtor_id)

INCOMING = Table(  # what providers told us, each call once
    "incoming",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("source", String(40), nullable=False),  # twilio, mollie, bounces, …
    Column("key", String(200), nullable=False),  # the source's id of the news
    Column("kind", String(20), nullable=False),  # status | reply | pressed | payment | auto | delayed
    Column("body", Text, nullable=False),  # the news as JSON, without credentials
    Column("received_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("result", Text),  # what came of it
    Column("debtor_id", Key, ForeignKey("debtors.id")),  # whom it is about, once that is known
    UniqueConstraint("source", "key"),
)
Index("ix_incoming_open", INCOMING.c.settled_at, INCOMING.c.id)
Index("ix_incoming_debtor", INCOMING.c.debtor_id)
