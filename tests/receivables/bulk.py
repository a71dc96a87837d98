"""Fills a database with many open invoices in seconds: as real ones lie, of debtors in four countries on one business day.

About 26 of 100 debtors have a step due on `DAY`, half of them the notice of the day before; the others have nothing due, were reminded
lately, are through their flow, dispute, promised, or have money on account. Invoices are stored in the order they were issued, so that
a debtor's lie apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from einvoice.receivables.store import tables
from einvoice.receivables.store.loading import load, moment
from tests.receivables.bulk_history import add_entries, add_history, add_holds, add_money, advance
from tests.receivables.bulk_invoices import INVOICE, Chance, Debtor, Invoice, invoices_of

DAY = date(2026, 11, 24)  # a Tuesday, a holiday nowhere
_COUNTS = (1, 2, 3, 4, 5, 5, 6, 7, 8, 9)  # invoices of a debtor, five on average
_NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
_COUNTRY = (("NL", 55), ("BE", 20), ("DE", 15), ("FR", 10))
_KIND = (("b2b", 60), ("b2c", 37), ("public", 3))
_SIZE = (("micro", 20), ("small", 40), ("medium", 20), ("large", 10), (None, 10))
_CASE = (("quiet", 60), ("first", 3), ("second", 3), ("third", 3), ("reminded", 16), ("through", 9), ("held", 6))
_SECTOR = (("construction", 20), ("retail", 30), ("health", 15), ("transport", 15), (None, 20))
_LANGUAGE = {"NL": "nl", "BE": "nl", "DE": "de", "FR": "fr"}
_ADDRESS = '{"street": "Dorpsstraat 1", "postcode": "1234 AB", "city": "Voorbeeld", "country": "NL"}'
_DEBTOR = (
    "id creditor_id key name kind country region language size sector score born customer_since pay_day hold_until insolvent_on posted "
    "first_posted settled settled_late days_late"
).split()
_CONTACT = "id debtor_id role name first_name language email phone address email_bounced_on".split()
_CONSENT = "id debtor_id channel granted at source".split()


def fill(connection: Connection, invoices: int, *, day: date = DAY, seed: int = 1, ledger: bool = True) -> int:
    """Adds a creditor with that many open invoices to a database with the tables; its id.

    `ledger` books them as entries too.
    """
    chance = Chance(seed)
    creditor = _creditor(connection)
    debtors = list(_shapes(chance, invoices, _next(connection, tables.DEBTORS)))
    load(connection, "debtors", _DEBTOR, (_debtor(chance, creditor, debtor, day) for debtor in debtors))
    load(connection, "contacts", _CONTACT, _contacts(chance, debtors, day, _next(connection, tables.CONTACTS)))
    load(connection, "consents", _CONSENT, _consents(connection, chance, debtors, _next(connection, tables.CONSENTS)))
    rows = _numbered(sorted(invoices_of(chance, creditor, debtors, day), key=_issued), _next(connection, tables.INVOICES))
    load(connection, "invoices", INVOICE, rows)
    add_holds(connection, chance, debtors, rows, day)
    add_history(connection, creditor, rows, day)
    if ledger:
        add_entries(connection, creditor)
    add_money(connection, chance, creditor, debtors, day)
    advance(connection)
    return creditor


def _creditor(connection: Connection) -> int:
    number = _next(connection, tables.CREDITORS)
    row = {"id": number, "key": f"C{number}", "name": "Voorbeeld BV", "country": "NL", "language": "nl", "time_zone": "Europe/Amsterdam"}
    connection.execute(insert(tables.CREDITORS), row)
    return number


def _shapes(chance: Chance, invoices: int, first: int) -> Iterator[Debtor]:
    left, number = invoices, first
    while left:
        count = min(left, _COUNTS[number % len(_COUNTS)])
        kind = chance.of(_KIND)
        score = None if chance.random() < 0.5 else chance.upto(101)
        age = 18 + chance.upto(65) if kind == "b2c" else None
        yield Debtor(number, kind, chance.of(_COUNTRY), chance.of(_SIZE) if kind == "b2b" else None, score, age, count, chance.of(_CASE))
        left, number = left - count, number + 1


def _debtor(chance: Chance, creditor: int, debtor: Debtor, day: date) -> tuple[Any, ...]:
    settled = chance.upto(40)
    late = chance.upto(settled + 1)
    born = f"{day.year - debtor.age - 1}-0{1 + chance.upto(9)}-15" if debtor.age else None
    return (
        debtor.id,
        creditor,
        f"D{debtor.id}",
        f"Debiteur {debtor.id}",
        debtor.kind,
        debtor.country,
        f"{debtor.country}-{chance.upto(9)}",
        _LANGUAGE[debtor.country],
        debtor.size,
        chance.of(_SECTOR),
        debtor.score,
        born,
        f"{2010 + chance.upto(15)}-03-01",
        25 if chance.random() < 0.02 else None,
        "2026-12-31" if chance.random() < 0.005 else None,
        "2026-10-01" if chance.random() < 0.003 else None,
        settled + debtor.owes,
        "2020-01-15",
        settled,
        late,
        late * 6,
    )


def _contacts(chance: Chance, debtors: list[Debtor], day: date, number: int) -> Iterator[tuple[Any, ...]]:
    for debtor in debtors:
        roles = ("general", "finance", "cfo")[: 1 + (chance.random() < 0.3) + (chance.random() < 0.05)]
        for role in roles:
            email = f"{role}{debtor.id}@example.com" if chance.random() < 0.95 else None
            phone = f"+316{debtor.id:08}" if chance.random() < 0.8 else None
            address = _ADDRESS if chance.random() < 0.95 else None
            bounced = day.isoformat() if email and chance.random() < 0.02 else None
            yield number, debtor.id, role, f"Persoon {debtor.id}", "Kim", _LANGUAGE[debtor.country], email, phone, address, bounced
            number += 1


def _consents(connection: Connection, chance: Chance, debtors: list[Debtor], number: int) -> Iterator[tuple[Any, ...]]:
    at = moment(connection, _NOW)
    for debtor in debtors:
        drawn = chance.random()
        if drawn < 0.4:
            yield number, debtor.id, "whatsapp", True, at, "webshop"
        elif drawn < 0.41:
            yield number, debtor.id, "email", False, at, "unsubscribed"
        number += 1


def _issued(row: Invoice) -> tuple[str, int]:
    return row.issued, row.debtor


def _numbered(rows: list[Invoice], first: int) -> list[Invoice]:
    return [row._replace(id=number, number=f"{row.issued[:4]}-{number:07}") for number, row in enumerate(rows, first)]


def _next(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1
