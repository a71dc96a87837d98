"""A year of a small company's receivables, the same in any database: for views, days gone by and comparisons."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import Connection

from einvoice.receivables import ledger
from einvoice.receivables.actions import Charge
from einvoice.receivables.store.tables import HOLDS
from tests.receivables import books
from tests.receivables.books import booking

START = date(2024, 1, 1)


def tell(connection: Connection, invoices: int = 60, seed: int = 4) -> int:
    """Books it all; the creditor."""
    random = Random(seed)
    creditor = books.creditor(connection)
    group = books.debtor(connection, creditor, "group", region="south", sector="retail", score=70)
    debtors = [
        group,
        books.debtor(connection, creditor, "child", parent_id=group),
        books.debtor(connection, creditor, "alone", kind="b2c", country="BE"),
    ]
    made = [
        _invoice(connection, debtors[index % 3], index, START + timedelta(days=index * 240 // invoices), random)
        for index in range(invoices)
    ]
    for index, invoice in enumerate(one for number, one in enumerate(made) if number % 3 == 0 and not _is_note(number)):
        ledger.post_charge(
            connection, Charge(invoice, "costs", Decimal("40.00"), Decimal("8.40") * (index % 2)), booking(START + timedelta(days=150))
        )
    for index in range(invoices // 2):
        day = START + timedelta(days=random.randrange(30, 300))
        payment = ledger.PaymentIn(
            f"b{index}", Decimal(random.randrange(100, 90_000)) / 100, random.choice(["EUR", "EUR", "USD"]), day, debtors[index % 3], "note"
        )
        ledger.post_payment(connection, creditor, payment, booking(day))
    for debtor in debtors:
        ledger.allocate_all(connection, debtor, booking())
    for index, payment_day in ((3, 310), (9, 320)):
        payment = ledger.PaymentIn(f"r{index}", Decimal("55.55"), "EUR", START + timedelta(days=5), group)
        posted = ledger.post_payment(connection, creditor, payment, booking(), to=[])
        ledger.allocate(connection, posted.transaction, booking())
        ledger.reverse(connection, posted.transaction, booking(START + timedelta(days=payment_day)))
    ledger.waive(connection, made[0], booking(START + timedelta(days=330)))
    ledger.write_off(connection, made[-1], booking(START + timedelta(days=340)))
    connection.execute(HOLDS.insert().values(debtor_id=debtors[2], reason="manual", since=START))
    return creditor


def _invoice(connection: Connection, debtor: int, index: int, issued: date, random: Random) -> int:
    given = ledger.InvoiceIn(
        debtor,
        f"{'C' if _is_note(index) else 'F'}{index}",
        issued,
        issued + timedelta(days=random.choice([8, 14, 30, 60])),
        "USD" if index % 7 == 3 else "EUR",
        Decimal(random.randrange(100, 200_000)) / 100,
        "credit_note" if _is_note(index) else "invoice",
        category=random.choice(["goods", "services", None]),
    )
    return ledger.post_invoice(connection, given, booking(issued)).id


def _is_note(index: int) -> bool:
    return index % 11 == 5
