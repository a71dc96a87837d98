"""Creditors, debtors, contacts, consents, people."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Boolean, Column, Date, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, String, Text, UniqueConstraint

from einvoice.database.types import Instant, Key

revision = "0002"
down_revision = "0001"

CREDITORS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("key", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("country", String(2), nullable=False),
    Column("language", String(5), nullable=False),
    Column("time_zone", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("legal_id", String(40)),
    Column("vat_id", String(40)),
    Column("email", String(200)),
    Column("phone", String(40)),
    Column("address", JSON),
    Column("iban", String(34)),
    Column("bic", String(11)),
    Column("deducts_vat", Boolean, nullable=False),
    Column("size", String(8)),
    PrimaryKeyConstraint("id", name="pk_creditors"),
    UniqueConstraint("key", name="uq_creditors_key"),
)

DEBTORS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("key", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(6), nullable=False),
    Column("country", String(2), nullable=False),
    Column("region", String(40)),
    Column("language", String(5)),
    Column("time_zone", String(40)),
    Column("size", String(8)),
    Column("sector", String(40)),
    Column("score", Integer),
    Column("scored_on", Date),
    Column("born", Date),
    Column("customer_since", Date),
    Column("pay_day", Integer),
    Column("parent_id", Key),
    Column("legal_id", String(40)),
    Column("vat_id", String(40)),
    Column("hold_until", Date),
    Column("insolvent_on", Date),
    Column("posted", Integer, nullable=False),
    Column("first_posted", Date),
    Column("settled", Integer, nullable=False),
    Column("settled_late", Integer, nullable=False),
    Column("days_late", Integer, nullable=False),
    Column("forgotten_on", Date),
    PrimaryKeyConstraint("id", name="pk_debtors"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_debtors_creditor_id"),
    ForeignKeyConstraint(["parent_id"], ["debtors.id"], name="fk_debtors_parent_id"),
    UniqueConstraint("creditor_id", "key", name="uq_debtors_creditor_id_key"),
)

PEOPLE = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("creditor_id", Key, nullable=False),
    Column("key", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("email", String(200)),
    Column("deputy_id", Key),
    Column("active", Boolean, nullable=False),
    Column("away_from", Date),
    Column("away_until", Date),
    Column("categories", JSON),
    PrimaryKeyConstraint("id", name="pk_people"),
    ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_people_creditor_id"),
    ForeignKeyConstraint(["deputy_id"], ["people.id"], name="fk_people_deputy_id"),
    UniqueConstraint("creditor_id", "key", name="uq_people_creditor_id_key"),
)

CONSENTS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_consents"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_consents_debtor_id"),
)

CONTACTS = (
    Column("id", Key, autoincrement=True, nullable=False),
    Column("debtor_id", Key, nullable=False),
    Column("role", String(40), nullable=False),
    Column("name", Text),
    Column("first_name", Text),
    Column("language", String(5)),
    Column("email", Text),
    Column("phone", Text),
    Column("peppol", String(80)),
    Column("address", JSON),
    Column("email_bounced_on", Date),
    Column("phone_failed_on", Date),
    Column("address_failed_on", Date),
    PrimaryKeyConstraint("id", name="pk_contacts"),
    ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_contacts_debtor_id"),
)


def upgrade() -> None:
    """Creates them."""
    op.create_table("creditors", *CREDITORS)
    op.create_table("debtors", *DEBTORS)
    op.create_index("ix_debtors_creditor", "debtors", ["creditor_id", "id"])
    op.create_index("ix_debtors_parent", "debtors", ["parent_id"])
    op.create_table("people", *PEOPLE)
    op.create_table("consents", *CONSENTS)
    op.create_index("ix_consents_debtor", "consents", ["debtor_id", "id"])
    op.create_table("contacts", *CONTACTS)
    op.create_index("ix_contacts_debtor", "contacts", ["debtor_id", "id"])
