"""A debtor with a personal detail in every place that has room for one, and everything that a database says in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from einvoice.database import METADATA
from einvoice.events import DisputeOpened
from einvoice.outbox import publish
from einvoice.receivables import ledger
from einvoice.receivables.ledger import parties
from einvoice.receivables.store.tables import DISPUTES, HISTORY, TASKS
from tests.receivables import books
from tests.receivables.books import booking


def texts(connection: Connection) -> str:
    """Everything that the database says, in words, bytes and days."""
    return "\n".join(repr([str(value) for value in row]) for table in METADATA.sorted_tables for row in connection.execute(select(table)))


def known_debtor(connection: Connection) -> int:
    """A debtor with a personal detail in every place that has room for one."""
    creditor = books.creditor(connection)
    given: dict[str, Any] = {"name": "Saskia Secret", "kind": "b2c", "born": date(1980, 1, 1), "region": "Secretdorp", "vat_id": "NLSecret"}
    debtor = books.debtor(connection, creditor, "secret@x.example", email="secret@x.example", **given)
    parties.save_contact(connection, debtor, "Secret role", name="Secret", phone="0612345678", address={"street": "Secret 1"})
    parties.consent(connection, debtor, "sms", True, books.NOW, "Secret told me")
    invoice = books.invoice(
        connection, debtor, reference="Secret", order_number="Secret", product="Secret", contract={"agreement": "Secret"}
    )
    payment = ledger.PaymentIn("b1", Decimal("121.00"), "EUR", date(2026, 11, 5), debtor, "Secret", "S. Secret", "NL91ABNA0417164300")
    ledger.post_payment(connection, creditor, payment, booking(), to=[(invoice, None)])
    _cases(connection, creditor, debtor, invoice)
    return debtor


def _cases(connection: Connection, creditor: int, debtor: int, invoice: int) -> None:
    owner = parties.save_person(connection, creditor, "p", name="P")
    row = {"creditor_id": creditor, "debtor_id": debtor, "invoice_id": invoice, "category": "other", "state": "closed", "owner_id": owner}
    days = {"opened_on": date(2026, 10, 2), "answer_due": date(2026, 10, 5), "closed_on": date(2026, 10, 6)}
    dispute = connection.execute(
        DISPUTES.insert().values(key="<secret@mail>", text="I, Secret", **row, **days).returning(DISPUTES.c.id)
    ).scalar_one()
    past = {
        "kind": "dispute",
        "case_id": dispute,
        "became": "closed",
        "on": date(2026, 10, 6),
        "at": books.NOW,
        "by": "debtor",
        "note": "Secret",
    }
    connection.execute(HISTORY.insert().values(**past))
    task = {
        "creditor_id": creditor,
        "debtor_id": debtor,
        "key": "t",
        "kind": "call",
        "invoices": [invoice],
        "created_on": date(2026, 10, 6),
    }
    connection.execute(
        TASKS.insert().values(due=date(2026, 10, 7), text="Call Secret", done_on=date(2026, 10, 7), result="Secret cried", **task)
    )
    event = DisputeOpened(
        time=books.NOW,
        dispute=str(dispute),
        debtor=str(debtor),
        invoice=str(invoice),
        category="other",
        answer_due=date(2026, 10, 5),
        owner="p",
        text="I, Secret",
    )
    publish(connection, event)
