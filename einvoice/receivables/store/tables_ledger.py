"""The ledger: invoices, and the append-only double entries that say what of them is open."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key, Money

INVOICES = Table(
    "invoices",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("number", String(80), nullable=False),
    Column("kind", String(12), nullable=False, default="invoice"),  # invoice | credit_note (its amounts are negative)
    Column("issued", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("entered", Date, nullable=False),  # when it entered the ledger
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),  # with VAT, as invoiced
    Column("open", Money, nullable=False),  # principal still owed, kept equal to the entries by whoever posts one
    Column("charges", Money, nullable=False, default=0),  # interest and costs still owed, the same
    Column("stage", String(12), nullable=False, default="open"),  # open | final | handed_over | written_off | settled | reversed
    Column("settled_on", Date),
    Column("flags", JSON, nullable=False, default=list),  # term-beyond-maximum, …
    Column("contract", JSON),  # what was agreed: {"interest": "10.5", "costs": "…", "warned": true, "term_agreed": true}
    Column("reference", String(140)),  # remittance information (BT-83)
    Column("order_number", String(80)),
    Column("category", String(80)),
    Column("product", String(80)),
    Column("seller", String(80)),
    Column("document", String(64)),  # SHA-256 of the invoice's XML
    # follow-up: the last step that was taken, as the planner reads it
    Column("flow", String(60)),
    Column("step", String(60)),
    Column("step_offset", Integer),
    Column("step_on", Date),
    Column("contacts", Integer, nullable=False, default=0),  # delivered contact moments
    Column("notice", String(40)),  # the statutory notice that was given: nl-14-day-letter, be-free-reminder
    Column("notice_on", Date),  # the day it is presumed to be received
    Column("notice_basis", Text),  # why that day is presumed
    Column("started", Boolean, nullable=False, default=False),  # a person let an `entry: manual` invoice start
    Column("trail", Text, nullable=False, default="", server_default=""),  # steps taken, each "flow.step" and a space
    Column("interest_booked", Money, nullable=False, default=0, server_default="0"),  # all interest ever booked, waived too
    Column("costs_booked", Money, nullable=False, default=0, server_default="0"),  # the same of costs, with their VAT
    Column("costs_stated", Money),  # what the statutory notice stated, with VAT
    Column("stage_before", String(12)),  # where its follow-up stood when it was settled or written off: a reversal goes back to it
    Column("heard_on", Date),  # the day the last message came back, was lost sight of, or was answered: nobody ignored it
    UniqueConstraint("creditor_id", "number"),
)
_IS_OPEN = text("open <> 0 OR charges <> 0")
Index("ix_invoices_open", INVOICES.c.debtor_id, INVOICES.c.due, INVOICES.c.id, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)

_MOVES = text("moves IS NOT NULL")
TRANSACTIONS = Table(
    "transactions",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("key", String(120), nullable=False),  # the same booking handed in twice is one
    Column("kind", String(12), nullable=False),  # invoice credit_note payment allocation charge waiver discount write_off refund reversal
    Column("booked", Date, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("posted_by", String(120), nullable=False),
    Column("reverses", Key, ForeignKey("transactions.id"), unique=True),
    Column("note", Text),  # never personal data
    Column("content", String(64)),  # SHA-256 of what was asked for: the same key with another content is refused
    Column("moves", Key, ForeignKey("transactions.id")),  # the payment or credit note whose money an allocation or refund moves
    UniqueConstraint("creditor_id", "key"),
)
Index("ix_transactions_moves", TRANSACTIONS.c.moves, sqlite_where=_MOVES, postgresql_where=_MOVES)

ENTRIES = Table(  # append-only, by trigger; the entries of a transaction sum to zero per currency
    "entries",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("transaction_id", Key, ForeignKey("transactions.id"), nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id")),
    Column("invoice_id", Key, ForeignKey("invoices.id")),
    Column("account", String(12), nullable=False),  # principal charges unallocated | sales bank income discount loss
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("booked", Date, nullable=False),
)
Index("ix_entries_invoice", ENTRIES.c.invoice_id, ENTRIES.c.account, ENTRIES.c.booked)
Index("ix_entries_debtor", ENTRIES.c.debtor_id, ENTRIES.c.account, ENTRIES.c.booked)
Index("ix_entries_transaction", ENTRIES.c.transaction_id)
_ON_ACCOUNT = text("account = 'unallocated'")
Index("ix_entries_booked", ENTRIES.c.creditor_id, ENTRIES.c.booked)
Index(
    "ix_entries_unallocated",
    ENTRIES.c.creditor_id,
    ENTRIES.c.debtor_id,
    ENTRIES.c.currency,
    sqlite_where=_ON_ACCOUNT,
    postgresql_where=_ON_ACCOUNT,
)

PAYMENTS = Table(
    "payments",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id")),
    Column("key", String(120), nullable=False),  # the bank's id, or a hash of the line
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("booked", Date, nullable=False),
    Column("reference", Text),
    Column("payer", Text),
    Column("iban", String(34)),
    Column("state", String(12), nullable=False, default="posted"),  # posted | pending | reversed
    Column("transaction_id", Key, ForeignKey("transactions.id")),
    UniqueConstraint("creditor_id", "key"),
)
Index("ix_payments_debtor", PAYMENTS.c.debtor_id)

CHARGES = Table(
    "charges",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("invoice_id", Key, ForeignKey("invoices.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # interest | costs | fee
    Column("until", Date, nullable=False),  # interest: accrued to this day included; costs: the day they became due
    Column("amount", Money, nullable=False),
    Column("vat", Money, nullable=False, default=0),
    Column("currency", String(3), nullable=False),
    Column("computation", JSON, nullable=False),  # the lines of the computation, with the law
    Column("transaction_id", Key, ForeignKey("transactions.id"), nullable=False),
    Column("waived_on", Date),
    UniqueConstraint("invoice_id", "kind", "until"),
)
