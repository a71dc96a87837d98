"""Links to pay by, mandates, collections, lines of the bank, documents, and what providers tell."""

from __future__ import annotations

from secrets import token_hex

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

from einvoice.database.types import Instant, Key, Money

revision = "0008"
down_revision = "0007"

PAY_LINKS = (
    Column("token", String(40), nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("language", String(5), nullable=False),
    Column("action_id", String(40)),
    Column("created_on", Date, nullable=False),
    PrimaryKeyConstraint("token", name="pk_pay_links"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_pay_links_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_pay_links_debtor_id"),
)

CHECKOUTS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("token", String(40), nullable=False),
    Column("key", String(120), nullable=False),
    Column("provider", String(20), nullable=False),
    Column("provider_id", String(120)),
    Column("url", Text),
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("payment_id", Key),
    PrimaryKeyConstraint("id", name="pk_checkouts"),
    ForeignKeyConstraint(["token"], ["pay_links.token"], name="fk_checkouts_token"),
    ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_checkouts_payment_id"),
    UniqueConstraint("key", name="uq_checkouts_key"),
    UniqueConstraint("provider", "provider_id", name="uq_checkouts_provider_provider_id"),
)

MANDATES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("reference", String(35), nullable=False),
    Column("scheme", String(4), nullable=False),
    Column("recurrent", Boolean, nullable=False),
    Column("holder", Text, nullable=False),
    Column("iban", String(34), nullable=False),
    Column("bic", String(11)),
    Column("signed_on", Date, nullable=False),
    Column("state", String(10), nullable=False),
    Column("last_used_on", Date),
    Column("closed_on", Date),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_mandates"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_mandates_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_mandates_debtor_id"),
    UniqueConstraint("creditor_id", "reference", name="uq_mandates_creditor_id_reference"),
)

COLLECTIONS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("mandate_id", Key, nullable=False),
    Column("end_to_end", String(35), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("sequence", String(4), nullable=False),
    Column("due", Date, nullable=False),
    Column("state", String(10), nullable=False),
    Column("announced_on", Date),
    Column("batch", String(35)),
    Column("reason", String(8)),
    Column("payment_id", Key),
    Column("closed_on", Date),
    PrimaryKeyConstraint("id", name="pk_collections"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_collections_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_collections_debtor_id"),
    ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name="fk_collections_mandate_id"),
    ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_collections_payment_id"),
    UniqueConstraint("creditor_id", "end_to_end", name="uq_collections_creditor_id_end_to_end"),
)

BANK_FILES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("format", String(12), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("counts", JSON, nullable=False),
    PrimaryKeyConstraint("id", name="pk_bank_files"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_bank_files_creditor_id"),
    UniqueConstraint("creditor_id", "sha256", name="uq_bank_files_creditor_id_sha256"),
)

BANK_LINES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("file_id", Key, nullable=False),
    Column("key", String(120), nullable=False),
    Column("account", String(34)),
    Column("booked", Date, nullable=False),
    Column("valued", Date),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("payer", Text),
    Column("iban", String(34)),
    Column("text", Text, nullable=False),
    Column("references", JSON, nullable=False),
    Column("end_to_end", String(35)),
    Column("code", String(40)),
    Column("reason", String(8)),
    Column("state", String(10), nullable=False),
    Column("confidence", Integer),
    Column("explanation", JSON, nullable=False),
    Column("proposals", JSON, nullable=False),
    Column("payment_id", Key),
    Column("settled_on", Date),
    Column("settled_by", String(120)),
    PrimaryKeyConstraint("id", name="pk_bank_lines"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_bank_lines_creditor_id"),
    ForeignKeyConstraint(["file_id"], ["bank_files.id"], name="fk_bank_lines_file_id"),
    ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_bank_lines_payment_id"),
    UniqueConstraint("creditor_id", "key", name="uq_bank_lines_creditor_id_key"),
)

PAPERS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key),
    Column("kind", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("type", String(80), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    PrimaryKeyConstraint("id", name="pk_papers"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_papers_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_papers_debtor_id"),
    UniqueConstraint("creditor_id", "kind", "hash", name="uq_papers_creditor_id_kind_hash"),
)

INCOMING = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("source", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("result", Text),
    Column("debtor_id", Key),
    PrimaryKeyConstraint("id", name="pk_incoming"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_incoming_debtor_id"),
    UniqueConstraint("source", "key", name="uq_incoming_source_key"),
)

PACES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("id", name="pk_paces"),
)

TABLES = {
    "pay_links": PAY_LINKS,
    "checkouts": CHECKOUTS,
    "mandates": MANDATES,
    "collections": COLLECTIONS,
    "bank_files": BANK_FILES,
    "bank_lines": BANK_LINES,
    "papers": PAPERS,
    "incoming": INCOMING,
    "paces": PACES,
}


def upgrade() -> None:
    """Creates the tables, and what earlier ones lacked; every creditor gets a secret."""
    for name, columns in TABLES.items():
        op.create_table(name, *columns)
    op.create_index("ix_pay_links_debtor", "pay_links", ["debtor_id"])
    op.create_index("ix_checkouts_token", "checkouts", ["token"])
    op.create_index("ix_mandates_debtor", "mandates", ["debtor_id"])
    op.create_index("ix_collections_debtor", "collections", ["debtor_id", "state"])
    op.create_index("ix_collections_batch", "collections", ["batch"])
    op.create_index("ix_bank_lines_state", "bank_lines", ["creditor_id", "state", "booked"])
    op.create_index("ix_bank_lines_payment", "bank_lines", ["payment_id"])
    op.create_index("ix_papers_debtor", "papers", ["debtor_id"])
    op.create_index("ix_incoming_open", "incoming", ["settled_at", "id"])
    op.create_index("ix_incoming_debtor", "incoming", ["debtor_id"])
    op.create_index("ix_paces_channel", "paces", ["channel", "at"])
    _columns()
    answered = text("provider IS NOT NULL")
    op.create_index("ix_outbox_provider", "outbox", ["provider"], sqlite_where=answered, postgresql_where=answered)


def _columns() -> None:
    op.add_column("invoices", Column("heard_on", Date))
    op.add_column("creditors", Column("sepa_id", String(35)))
    op.add_column("creditors", Column("secret", String(64), nullable=False, server_default=""))
    with op.batch_alter_table("messages") as messages:
        messages.add_column(Column("code", String(20)))
        messages.create_unique_constraint("uq_messages_code", ["code"])
    bind = op.get_bind()
    for (key,) in bind.execute(text("SELECT id FROM creditors")).all():
        bind.execute(text("UPDATE creditors SET secret = :secret WHERE id = :id"), {"secret": token_hex(32), "id": key})
