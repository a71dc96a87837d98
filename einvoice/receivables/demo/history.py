"""Two years of the demo before its daily runs: tables as another program would export them, and imported like those."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from einvoice.receivables.demo import habits
from einvoice.receivables.demo.chance import Chance
from einvoice.receivables.demo.customers import Customer
from einvoice.receivables.demo.sales import Sale
from einvoice.receivables.ledger import parties
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.importing import import_files
from einvoice.receivables.store.tables import DEBTORS

WHO = "demo"
_DEBTORS = (
    "key name kind country region language time_zone size sector score born customer_since pay_day legal_id vat_id "
    "contact_name first_name email phone street postcode city"
).split()
_CONTACTS = "debtor role name first_name language email phone street postcode city".split()
_INVOICES = "debtor number issued due amount reference category product seller".split()
_PAYMENTS = "key booked amount debtor invoice reference payer iban".split()
_ROLES = ("finance", "accounts_payable", "cfo", "management", "finance_responsible")


def write(folder: Path, customers: Sequence[Customer], sales: Sequence[Sale], until: date, seed: int) -> list[Path]:
    """Writes debtors, contacts, the invoices issued before a day and what was paid of them before it, as CSV; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    old = [sale for sale in sales if sale.issued < until]
    paid = [(sale, on) for sale in old if (on := _paid(sale, until, seed)) is not None]
    return [
        _csv(folder / "debtors.csv", _DEBTORS, map(_debtor, customers)),
        _csv(folder / "contacts.csv", _CONTACTS, (row for one in customers for row in _contacts(one))),
        _csv(folder / "invoices.csv", _INVOICES, map(_invoice, old)),
        _csv(folder / "payments.csv", _PAYMENTS, (_payment(sale, on) for sale, on in paid)),
    ]


def enter(connection: Connection, creditor: int, files: Iterable[Path], day: date, now: datetime) -> Counter[str]:
    """Imports the tables."""
    return import_files(connection, creditor, files, Booking(day, WHO, now))


def consents(connection: Connection, creditor: int, customers: Sequence[Customer], now: datetime, seed: int) -> None:
    """A third of the customers may be written to by WhatsApp, and a few not by mail."""
    wanted = select(DEBTORS.c.key, DEBTORS.c.id).where(DEBTORS.c.creditor_id == creditor)
    debtors = {row.key: row.id for row in connection.execute(wanted)}
    for who in customers:
        chance = Chance(seed, "consent", who.key)
        if chance.is_so(0.35):
            parties.consent(connection, debtors[who.key], "whatsapp", True, now, "web shop")
        if chance.is_so(0.01):
            parties.consent(connection, debtors[who.key], "email", False, now, "told by telephone")


def _paid(sale: Sale, until: date, seed: int) -> date | None:
    """When an invoice was paid, if before a day: who never pays now left the last five months unpaid."""
    if habits.fate(sale, until, seed).pays is None and sale.customer.habit == "never":
        return None
    on = habits.before(sale, seed)
    return on if on < until else None


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(["" if value is None else value for value in row] for row in rows)
    return path


def _debtor(who: Customer) -> Sequence[object]:
    asked = f"{who.first} {who.last}"
    about = (who.key, who.name, who.kind, who.country, who.region, who.language, who.zone, who.size, who.sector, who.score, who.born)
    return (*about, who.since, who.pay_day, who.legal_id, who.vat_id, asked, who.first, who.email, who.phone, *_where(who))


def _contacts(who: Customer) -> Iterable[Sequence[object]]:
    """The desks of companies that have them."""
    for role in _ROLES if who.size == "large" else _ROLES[:1] if who.size == "medium" else ():
        yield who.key, role, f"{who.name}, {role.replace('_', ' ')}", "", who.language, f"{role}.{who.email}", who.phone, *_where(who)


def _where(who: Customer) -> tuple[str, str, str]:
    return who.street, who.postcode, who.city


def _invoice(sale: Sale) -> Sequence[object]:
    about = (sale.customer.key, sale.number, sale.issued, sale.due, sale.amount)
    return (*about, sale.reference, sale.category, sale.items[0].name, sale.seller)


def _payment(sale: Sale, on: date) -> Sequence[object]:
    who = sale.customer
    return f"old-{sale.number}", on, sale.amount, who.key, sale.number, sale.reference, who.name, who.iban
