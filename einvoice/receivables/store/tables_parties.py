"""Who owes and is owed: creditors, debtors, their contacts and consents, the creditor's own people."""

from __future__ import annotations

from secrets import token_hex

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from einvoice.database.engine import METADATA
from einvoice.database.types import Instant, Key

CREDITORS = Table(
    "creditors",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("country", String(2), nullable=False),
    Column("language", String(5), nullable=False, default="en"),
    Column("time_zone", String(40), nullable=False, default="Europe/Brussels"),
    Column("currency", String(3), nullable=False, default="EUR"),
    Column("legal_id", String(40)),
    Column("vat_id", String(40)),
    Column("email", String(200)),
    Column("phone", String(40)),
    Column("address", JSON),
    Column("iban", String(34)),
    Column("bic", String(11)),
    Column("deducts_vat", Boolean, nullable=False, default=True),  # NL: VAT on collection costs only where it cannot be deducted
    Column("size", String(8)),  # micro | small | medium | large
    Column("sepa_id", String(35)),  # the creditor identifier of SEPA direct debit (AT-02)
    # what tokens and check codes in messages are derived with
    Column("secret", String(64), nullable=False, default=lambda: token_hex(32), server_default=""),
)

DEBTORS = Table(
    "debtors",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("key", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(6), nullable=False),  # b2b | b2c | public
    Column("country", String(2), nullable=False),
    Column("region", String(40)),
    Column("language", String(5)),
    Column("time_zone", String(40)),
    Column("size", String(8)),
    Column("sector", String(40)),
    Column("score", Integer),  # 0 to 100, 100 is best
    Column("scored_on", Date),
    Column("born", Date),
    Column("customer_since", Date),
    Column("pay_day", Integer),  # day of the month on which this debtor pays
    Column("parent_id", Key, ForeignKey("debtors.id")),
    Column("legal_id", String(40)),
    Column("vat_id", String(40)),
    Column("hold_until", Date),  # a person said: not before
    Column("insolvent_on", Date),
    Column("posted", Integer, nullable=False, default=0),  # invoices so far
    Column("first_posted", Date),
    Column("settled", Integer, nullable=False, default=0),  # of them, paid in full
    Column("settled_late", Integer, nullable=False, default=0),
    Column("days_late", Integer, nullable=False, default=0),  # their days late, added up
    Column("forgotten_on", Date),  # personal data pseudonymised
    UniqueConstraint("creditor_id", "key"),
)
Index("ix_debtors_parent", DEBTORS.c.parent_id)
Index("ix_debtors_creditor", DEBTORS.c.creditor_id, DEBTORS.c.id)

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("role", String(40), nullable=False, default="general"),  # general, finance, accounts_payable, cfo, management, …
    Column("name", Text),
    Column("first_name", Text),
    Column("language", String(5)),
    Column("email", Text),
    Column("phone", Text),
    Column("peppol", String(80)),
    Column("address", JSON),
    Column("email_bounced_on", Date),  # the address is wrong until it is changed
    Column("phone_failed_on", Date),
    Column("address_failed_on", Date),
)
Index("ix_contacts_debtor", CONTACTS.c.debtor_id, CONTACTS.c.id)

CONSENTS = Table(  # append-only: the latest word on a channel holds
    "consents",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("debtor_id", Key, ForeignKey("debtors.id"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", Text, nullable=False),  # where and how it was given or withdrawn
)
Index("ix_consents_debtor", CONSENTS.c.debtor_id, CONSENTS.c.id)

PEOPLE = Table(  # who owns disputes, decisions and tasks on the creditor's side
    "people",
    METADATA,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("creditor_id", Key, ForeignKey("creditors.id"), nullable=False),
    Column("key", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("email", String(200)),
    Column("deputy_id", Key, ForeignKey("people.id")),
    Column("active", Boolean, nullable=False, default=True),
    Column("away_from", Date),
    Column("away_until", Date),
    Column("categories", JSON),  # dispute categories that come to this person first
    UniqueConstraint("creditor_id", "key"),
)
