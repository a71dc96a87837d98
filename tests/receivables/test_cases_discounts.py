"""Discounts: paid on day 7 a discount is booked, on day 8 it is not; what else is missing stays owed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select

from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.reversal import reverse
from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.model import Discount
from einvoice.receivables.store.tables import ENTRIES, INVOICES, TRANSACTIONS
from tests.receivables import books
from tests.receivables.cases_books import POLICY, Here, at, pay, tasks

TWO = POLICY.model_copy(update={"discounts": (Discount(percent=Decimal(2), within_days=7),)})


def _invoice(connection: Connection, found: Here) -> int:
    return books.invoice(connection, found.debtor, "D1", "100.00", issued=at().day, due=at(30).day)


def _tick(connection: Connection, found: Here, day: int, policy: Policy = TWO) -> dict[str, int]:
    return dict(tick(connection, found.creditor, policy, at(day).day, at(day).now))


def _stands(connection: Connection, invoice: int) -> tuple[Decimal, str]:
    row = connection.execute(select(INVOICES.c.open, INVOICES.c.stage).where(INVOICES.c.id == invoice)).one()
    return row.open, row.stage


@pytest.mark.parametrize(
    ("day", "amount", "left"),
    [(7, "98.00", "0.00"), (8, "98.00", "2.00"), (7, "97.99", "2.01"), (7, "98.50", "0.00"), (0, "98.00", "0.00"), (7, "50.00", "50.00")],
)
def test_paid_in_time_but_for_the_discount(connection: Connection, found: Here, day: int, amount: str, left: str) -> None:
    invoice = _invoice(connection, found)
    pay(connection, found, invoice, amount, at(day))
    earned = left == "0.00"
    assert _tick(connection, found, 9) == ({"discounts.granted": 1} if earned else {})
    assert _tick(connection, found, 9) == {}
    assert _stands(connection, invoice) == (Decimal(left), "settled" if earned else "open")
    assert connection.scalar(select(INVOICES.c.settled_on).where(INVOICES.c.id == invoice)) == (at(day).day if earned else None)


def test_what_is_not_paid_at_all_or_policies_without_discounts_earn_none(connection: Connection, found: Here) -> None:
    invoice = _invoice(connection, found)
    assert _tick(connection, found, 5) == {}
    pay(connection, found, invoice, "98.00", at(5))
    assert _tick(connection, found, 5, POLICY) == {}


def test_the_first_part_in_time_and_the_last_too_late_earns_none(connection: Connection, found: Here) -> None:
    invoice = _invoice(connection, found)
    pay(connection, found, invoice, "90.00", at(5))
    pay(connection, found, invoice, "8.00", at(8))
    assert _tick(connection, found, 9) == {}


def test_a_condition_decides(connection: Connection, found: Here) -> None:
    invoice = _invoice(connection, found)
    pay(connection, found, invoice, "98.00", at(5))
    loyal = TWO.model_copy(update={"discounts": (Discount(percent=Decimal(2), within_days=7, when="party.kind == 'b2c'"),)})
    assert _tick(connection, found, 6, loyal) == {}
    unrated = TWO.model_copy(update={"discounts": (Discount(percent=Decimal(2), within_days=7, when="debtor.open > 500"),)})
    books.invoice(connection, found.debtor, "USD", "10.00", currency="USD")
    assert _tick(connection, found, 6, unrated) == {}
    assert [task.kind for task in tasks(connection)] == ["triage"]


def test_taken_back_by_a_person_it_is_not_granted_again(connection: Connection, found: Here) -> None:
    invoice = _invoice(connection, found)
    pay(connection, found, invoice, "98.00", at(5))
    _tick(connection, found, 6)
    booked = connection.execute(select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.kind == "discount")).scalar_one()
    reverse(connection, booked, Booking(at(7).day, "ann", at(7).now))
    assert _tick(connection, found, 8) == {}
    assert _stands(connection, invoice) == (Decimal("2.00"), "open")
    assert connection.scalar(select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type))) == 0
