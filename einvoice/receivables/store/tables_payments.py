"""How money comes in: links to pay by, mandates and collections of SEPA direct debit, lines of the bank."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key, Money

PAY_LINKS = Table(  # what a debtor is asked for by an action; the page behind it asks for what is open when it is opened
    "pay_links",
    METADATA,
    Column("token", String(40), primary_key=True),  # in the address, so never guessable; it shows an amount and lets pay, nothing else
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("invoices", JSON, nullable=False),  # their ids
    Column("currency", String(3), nullable=False),
    Column("language", String(5), nullable=False),
    Column("action_id", String(40)),
    Column("created_on", Date, nullable=False),
)
Index("ix_pay_links_debtor", PAY_LINKS.c.debtor_id)

CHECKOUTS = Table(  # a payment at a provider, begun from a link
    "checkouts",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("token", String(40), ForeignKey("pay_links.token"), nullable=False),
    Column("key", String(120), nullable=False, unique=True),  # the idempotency key that the provider was given
    Column("provider", String(20), nullable=False),  # mollie | stripe
    Column("provider_id", String(120)),  # the provider's id of it
    Column("url", Text),  # where the payer is sent
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("invoices", JSON, nullable=False),  # [[id, amount as text], …]: what it pays
    Column("state", String(12), nullable=False),  # asked open paid failed expired refunded charged_back
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("payment_id", Key, ForeignKey("payments.id")),
    UniqueConstraint("provider", "provider_id"),
)
Index("ix_checkouts_token", CHECKOUTS.c.token)

MANDATES = Table(
    "mandates",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("reference", String(35), nullable=False),  # the unique mandate reference (AT-01)
    Column("scheme", String(4), nullable=False),  # CORE | B2B
    Column("recurrent", Boolean, nullable=False, default=True),
    Column("holder", Text, nullable=False),
    Column("iban", String(34), nullable=False),
    Column("bic", String(11)),
    Column("signed_on", Date, nullable=False),
    Column("state", String(10), nullable=False),  # active | cancelled | expired | used
    Column("last_used_on", Date),
    Column("closed_on", Date),
    Column("source", Text, nullable=False),  # where and how it was given
    UniqueConstraint("creditor_id", "reference"),
)
Index("ix_mandates_debtor", MANDATES.c.debtor_id)

COLLECTIONS = Table(  # a direct debit: announced, handed to the bank, collected, perhaps returned
    "collections",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("mandate_id", Key, ForeignKey("mandates.id"), nullable=False),
    Column("end_to_end", String(35), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),
    Column("invoices", JSON, nullable=False),  # [[id, amount as text], …]
    Column("sequence", String(4), nullable=False),  # FRST RCUR OOFF FNAL
    Column("due", Date, nullable=False),  # the day it is collected
    Column("state", String(10), nullable=False),  # planned announced exported collected returned cancelled
    Column("announced_on", Date),
    Column("batch", String(35)),  # MsgId of the pain.008 that it stands in
    Column("reason", String(8)),  # ISO 20022 external return reason: AM04, MD01, …
    Column("payment_id", Key, ForeignKey("payments.id")),
    Column("closed_on", Date),
    UniqueConstraint("creditor_id", "end_to_end"),
)
Index("ix_collections_debtor", COLLECTIONS.c.debtor_id, COLLECTIONS.c.state)
Index("ix_collections_batch", COLLECTIONS.c.batch)

BANK_FILES = Table(
    "bank_files",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("format", String(12), nullable=False),  # camt.053 camt.054 mt940 coda
    Column("imported_at", Instant, nullable=False),
    Column("counts", JSON, nullable=False),
    UniqueConstraint("creditor_id", "sha256"),
)

BANK_LINES = Table(
    "bank_lines",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("file_id", Key, ForeignKey("bank_files.id"), nullable=False),
    Column("key", String(120), nullable=False),  # the bank's id of the line, or a hash of it
    Column("account", String(34)),  # ours
    Column("booked", Date, nullable=False),
    Column("valued", Date),
    Column("currency", String(3), nullable=False),
    Column("amount", Money, nullable=False),  # negative: it left the account
    Column("payer", Text),
    Column("iban", String(34)),
    Column("text", Text, nullable=False, default=""),  # remittance information, unstructured
    Column("references", JSON, nullable=False, default=list),  # remittance information, structured, as the bank says
    Column("end_to_end", String(35)),
    Column("code", String(40)),  # the bank's code of the transaction
    Column("reason", String(8)),  # why it came back
    Column("state", String(10), nullable=False),  # matched | account (whose it is is known) | open | ignored | done
    Column("confidence", Integer),  # 0 to 100
    Column("explanation", JSON, nullable=False, default=list),
    Column("proposals", JSON, nullable=False, default=list),  # for a person: [{"debtor", "invoices", "confidence", "why"}, …]
    Column("payment_id", Key, ForeignKey("payments.id")),
    Column("settled_on", Date),
    Column("settled_by", String(120)),
    UniqueConstraint("creditor_id", "key"),
)
Index("ix_bank_lines_state", BANK_LINES.c.creditor_id, BANK_LINES.c.state, BANK_LINES.c.booked)
Index("ix_bank_lines_payment", BANK_LINES.c.payment_id)
