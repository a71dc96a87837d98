"""Statements of account: what they say, and that it is what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection

from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger, statement
from einvoice.receivables.actions import Charge
from einvoice.receivables.documents.facts import party
from einvoice.receivables.stating import stated
from tests.receivables import books
from tests.receivables.books import booking
from tests.receivables.statement_machine import StatementMachine

D = Decimal


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Empty books."""
    with books.books(tmp_path) as connection:
        yield connection


def test_rows_balances_and_ageing_of_a_quarter(connection: Connection) -> None:
    creditor = books.creditor(connection)
    debtor = books.debtor(connection, creditor)
    first = books.invoice(connection, debtor, "F1", "100.00", issued=date(2026, 7, 1), due=date(2026, 7, 31))
    books.invoice(
        connection, debtor, "F2", "50.00", issued=date(2026, 8, 1), due=date(2026, 8, 31), paid=D("20.00"), paid_on=date(2026, 8, 5)
    )
    ledger.post_charge(connection, Charge(first, "costs", D("40.00"), until=date(2026, 8, 10)), booking(date(2026, 8, 10)))
    money = ledger.PaymentIn("b1", D("30.00"), "EUR", date(2026, 9, 1), debtor)
    posted = ledger.post_payment(connection, creditor, money, booking(date(2026, 9, 1)), to=[(first, None)])
    ledger.reverse(connection, posted.transaction, booking(date(2026, 9, 3)))
    ledger.post_payment(connection, creditor, ledger.PaymentIn("b2", D("5.00"), "EUR", date(2026, 9, 4), debtor), booking(date(2026, 9, 4)))
    made = statement.read(connection, creditor, debtor, date(2026, 8, 1), date(2026, 9, 30))
    (account,) = made.accounts
    assert (account.currency, account.opening, account.closing) == ("EUR", D("100.00"), D("165.00"))
    assert [(row.day.day, row.kind, row.number, row.amount, row.balance) for row in account.rows] == [
        (1, "invoice", "F2", D("50.00"), D("150.00")),
        (5, "payment", "F2", D("-20.00"), D("130.00")),
        (10, "costs", "F1", D("40.00"), D("170.00")),
        (1, "payment", "", D("-30.00"), D("140.00")),
        (3, "reversal", "", D("30.00"), D("170.00")),
        (4, "payment", "", D("-5.00"), D("165.00")),
    ]
    assert account.ageing == (D(0), D("30.00"), D(0), D("100.00"), D(0), D(0))
    assert (account.charges, account.unallocated) == (D("40.00"), D("5.00"))
    assert [item.number for item in account.items] == ["F1", "F2"]
    assert statement.rows(connection, creditor, debtor, date(2026, 8, 1), date(2026, 9, 30)) == account.rows


def test_from_the_first_booking_unless_told_and_in_each_currency(connection: Connection) -> None:
    creditor = books.creditor(connection)
    debtor = books.debtor(connection, creditor)
    books.invoice(connection, debtor, "F1", "100.00", issued=date(2025, 1, 1), due=date(2025, 2, 1))
    books.invoice(connection, debtor, "U1", "70.00", currency="USD", issued=date(2026, 1, 1), due=date(2026, 2, 1))
    made = statement.read(connection, creditor, debtor, None, date(2026, 3, 1))
    assert (made.since, made.key) == (date(2025, 1, 1), "c1")
    assert [(account.currency, account.opening, account.closing) for account in made.accounts] == [
        ("EUR", D(0), D(100)),
        ("USD", D(0), D(70)),
    ]


def test_nobody_s_statement_and_days_the_wrong_way_round(connection: Connection) -> None:
    creditor = books.creditor(connection)
    other = books.debtor(connection, books.creditor(connection, "other"), "x")
    for debtor in (other, 999):
        with pytest.raises(ReceivablesError):
            statement.read(connection, creditor, debtor, None, books.DAY)
    mine = books.debtor(connection, creditor)
    with pytest.raises(ReceivablesError):
        statement.read(connection, creditor, mine, date(2026, 2, 1), date(2026, 1, 1))
    assert statement.read(connection, creditor, mine, None, books.DAY).accounts == ()


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_the_words_say_how_late_what_is_open_is(connection: Connection, language: str) -> None:
    creditor = books.creditor(connection, iban="BE71096123456769", email="ar@acme.example")
    debtor = books.debtor(connection, creditor)
    for days, amount in ((-5, "1.01"), (1, "2.02"), (45, "3.03"), (75, "4.04"), (100, "5.05"), (200, "6.06")):
        books.invoice(connection, debtor, f"F{days}", amount, issued=date(2025, 1, 1), due=books.DAY - timedelta(days))
    money = ledger.PaymentIn("b1", D("7.07"), "EUR", books.DAY, debtor)
    ledger.post_payment(connection, creditor, money, booking(books.DAY))
    made = statement.read(connection, creditor, debtor, None, books.DAY)
    who, *_ = party(connection, creditor, debtor)
    said = stated(who._replace(language=language), made, made.accounts[0]).remarks[0]
    digits = "".join(sign for sign in said if sign.isdigit() or sign == " ")
    for amount in ("101", "202", "303", "404", "505", "606", "707"):
        assert f" {amount} " in f" {digits} ", (amount, said)
    for band in ("1", "30", "31", "60", "61", "90", "91", "120"):
        assert f" {band} " in f" {digits} ", (band, said)


def test_a_statement_is_what_the_ledger_says_after_any_bookings(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine:
        StatementMachine.engine = engine
        StatementMachine.read = 0
        quick = settings(max_examples=6, stateful_step_count=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        run_state_machine_as_test(StatementMachine, settings=quick)
        assert StatementMachine.read > 12
