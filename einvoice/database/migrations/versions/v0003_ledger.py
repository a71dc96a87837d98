"""Invoices, transactions and their entries, payments, charges."""

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
    text,
)

from einvoice.database.types import Instant, Key, Money

revision = "0003"
down_revision = "0002"

TRANSACTIONS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("key", String(120), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("booked", Date, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("posted_by", String(120), nullable=False),
    Column("reverses", Key),
    Column("note", Text),
    Column("content", String(64)),
    Column("moves", Key),
    PrimaryKeyConstraint("id", name="pk_transactions"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_transactions_creditor_id"),
    ForeignKeyConstraint(["moves"], ["transactions.id"], name="fk_transactions_moves"),
    ForeignKeyConstraint(["reverses"], ["transactions.id"], name="fk_transactions_reverses"),
    UniqueConstraint("creditor_id", "key", name="uq_transactions_creditor_id_key"),
    UniqueConstraint("reverses", name="uq_transactions_reverses"),
)

INVOICES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("number", String(80), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("issued", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("entered", Date, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("open", Money, nullable=False),
    Column("charges", Money, nullable=False),
    Column("stage", String(12), nullable=False),
    Column("settled_on", Date),
    Column("flags", JSON, nullable=False),
    Column("contract", JSON),
    Column("reference", String(140)),
    Column("order_number", String(80)),
    Column("category", String(80)),
    Column("product", String(80)),
    Column("seller", String(80)),
    Column("document", String(64)),
    Column("flow", String(60)),
    Column("step", String(60)),
    Column("step_offset", Integer),
    Column("step_on", Date),
    Column("contacts", Integer, nullable=False),
    Column("notice", String(40)),
    Column("notice_on", Date),
    Column("notice_basis", Text),
    Column("started", Boolean, nullable=False),
    Column("trail", Text, nullable=False, server_default=text("''")),
    Column("interest_booked", Money, nullable=False, server_default="0"),
    Column("costs_booked", Money, nullable=False, server_default="0"),
    Column("costs_stated", Money),
    Column("stage_before", String(12)),
    PrimaryKeyConstraint("id", name="pk_invoices"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_invoices_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_invoices_debtor_id"),
    UniqueConstraint("creditor_id", "number", name="uq_invoices_creditor_id_number"),
)

PAYMENTS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key),
    Column("key", String(120), nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("booked", Date, nullable=False),
    Column("reference", Text),
    Column("payer", Text),
    Column("iban", String(34)),
    Column("state", String(12), nullable=False),
    Column("transaction_id", Key),
    PrimaryKeyConstraint("id", name="pk_payments"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_payments_creditor_id"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_payments_debtor_id"),
    ForeignKeyConstraint(["transaction_id"], ["transactions.id"], name="fk_payments_transaction_id"),
    UniqueConstraint("creditor_id", "key", name="uq_payments_creditor_id_key"),
)

CHARGES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("invoice_id", Key, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("until", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("vat", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("computation", JSON, nullable=False),
    Column("transaction_id", Key, nullable=False),
    Column("waived_on", Date),
    PrimaryKeyConstraint("id", name="pk_charges"),
    ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_charges_invoice_id"),
    ForeignKeyConstraint(["transaction_id"], ["transactions.id"], name="fk_charges_transaction_id"),
    UniqueConstraint("invoice_id", "kind", "until", name="uq_charges_invoice_id_kind_until"),
)

ENTRIES = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("transaction_id", Key, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key),
    Column("invoice_id", Key),
    Column("account", String(12), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("booked", Date, nullable=False),
    PrimaryKeyConstraint("id", name="pk_entries"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_entries_debtor_id"),
    ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_entries_invoice_id"),
    ForeignKeyConstraint(["transaction_id"], ["transactions.id"], name="fk_entries_transaction_id"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("transactions", *TRANSACTIONS)
    op.create_index(
        "ix_transactions_moves",
        "transactions",
        ["moves"],
        sqlite_where=text("moves IS NOT NULL"),
        postgresql_where=text("moves IS NOT NULL"),
    )
    op.create_table("invoices", *INVOICES)
    op.create_index(
        "ix_invoices_open",
        "invoices",
        ["debtor_id", "due", "id"],
        sqlite_where=text("open <> 0 OR charges <> 0"),
        postgresql_where=text("open <> 0 OR charges <> 0"),
    )
    op.create_table("payments", *PAYMENTS)
    op.create_index("ix_payments_debtor", "payments", ["debtor_id"])
    op.create_table("charges", *CHARGES)
    op.create_table("entries", *ENTRIES)
    op.create_index("ix_entries_booked", "entries", ["creditor_id", "booked"])
    op.create_index("ix_entries_debtor", "entries", ["debtor_id", "account", "booked"])
    op.create_index("ix_entries_invoice", "entries", ["invoice_id", "account", "booked"])
    op.create_index("ix_entries_transaction", "entries", ["transaction_id"])
    op.create_index(
        "ix_entries_unallocated",
        "entries",
        ["creditor_id", "debtor_id", "currency"],
        sqlite_where=text("account = 'unallocated'"),
        postgresql_where=text("account = 'unallocated'"),
    )
