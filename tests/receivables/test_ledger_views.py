"""The views for reports: documented, equal to the ledger, and the same on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from einvoice.database import connect
from einvoice.receivables import ledger
from einvoice.receivables.ledger.asof import ageing, balance, open_items
from einvoice.receivables.ledger.audit import check_ledger
from tests.receivables import books
from tests.receivables.books import booking
from tests.receivables.ledger_story import START, tell
from tests.receivables.ledger_views import VIEWS, plain, rows

GUIDE = Path(__file__).parents[2] / "docs" / "ledger.md"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database in which a year was booked."""
    with books.database(tmp_path_factory.mktemp("books")) as engine:
        with connect(engine) as connection:
            tell(connection)
        yield engine


@pytest.fixture
def connection(told: Engine) -> Iterator[Connection]:
    """A transaction in it, rolled back at the end."""
    with books.undone(told) as connection:
        yield connection


def test_the_story_holds(connection: Connection) -> None:
    assert check_ledger(connection) == []


def test_views_say_what_the_ledger_says(connection: Connection) -> None:
    today = date.fromisoformat(connection.execute(text("SELECT CURRENT_DATE")).scalar_one())
    items = {item.number: item for item in open_items(connection, 1, today)}
    shown = {row.number: row for row in connection.execute(text("SELECT * FROM v_open_items"))}
    assert {number: (Decimal(str(row.open)), row.days_late) for number, row in shown.items()} == {
        number: (item.open, item.days_late) for number, item in items.items()
    }
    assert {row.held for row in shown.values() if row.debtor == "alone"} == {1}
    assert {row.held for row in shown.values() if row.debtor != "alone"} == {0}
    bands = {row.currency: list(row[1:8]) for row in ageing(connection, 1, today)}
    assert {
        row[1]: [plain(cell) for cell in (*row[2:8], row.charges)] for row in connection.execute(text("SELECT * FROM v_ageing"))
    } == bands
    for debtor, key in ((1, "group"), (2, "child"), (3, "alone")):
        owed = balance(connection, debtor, today)
        query = text("SELECT currency, principal, charges, unallocated, total FROM v_balances WHERE debtor = :key")
        assert {row[0]: tuple(map(plain, row[1:])) for row in connection.execute(query, {"key": key}) if any(row[1:4])} == {
            currency: (*one, one.total) for currency, one in owed.items()
        }
    left = connection.execute(text("SELECT SUM(on_account) FROM v_payments WHERE currency = 'EUR'")).scalar_one()
    assert plain(left) == sum(row.unallocated for row in ageing(connection, 1, today) if row.currency == "EUR")


def test_every_view_and_column_is_documented(told: Engine) -> None:
    found = {view: [column["name"] for column in inspect(told).get_columns(view)] for view in inspect(told).get_view_names()}
    assert set(found) == set(VIEWS)
    guide = GUIDE.read_text("utf-8")
    for view, names in found.items():
        said = re.search(rf"^\| `{view}` \| (.+) \|", guide, re.MULTILINE)
        assert said, view
        assert re.findall(r"`(\w+)`", said[1]) == names, view


def test_both_databases_say_the_same(connection: Connection, postgres: str) -> None:
    with books.books(postgres) as other:
        tell(other)
        assert check_ledger(other) == []
        for view in VIEWS:
            assert rows(connection, view) == rows(other, view), view
            assert rows(connection, view), view
        for days in range(0, 400, 40):
            day = START + timedelta(days=days)
            assert list(open_items(connection, 1, day)) == list(open_items(other, 1, day))


def test_bookings_at_the_same_time_are_one(postgres: str) -> None:
    """Two programs hand in the same payment, and allocate the same money: on PostgreSQL, where both are let in."""
    with books.database(postgres) as engine:
        with connect(engine) as connection:
            debtor = books.debtor(connection, books.creditor(connection))
            invoices = [books.invoice(connection, debtor, f"F{index}", "10.00") for index in range(5)]

        def pay(index: int) -> bool:
            day = date(2026, 11, 2)
            with connect(engine) as connection:
                payment = ledger.PaymentIn(f"b{index // 4}", Decimal("10.00"), "EUR", day, debtor)
                posted = ledger.post_payment(connection, 1, payment, booking(day))
                ledger.allocate(connection, posted.transaction, booking(), to=[(invoices[index % 3], None)])
                return posted.new

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(pay, range(40))) == 10
        with connect(engine) as connection:
            assert check_ledger(connection) == []
            (row,) = ageing(connection, 1, date(2026, 11, 2))
            assert (row.principal, row.unallocated) == (Decimal("20.00"), Decimal("70.00"))
