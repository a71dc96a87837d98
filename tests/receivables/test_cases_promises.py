"""Promises: follow-up waits for them, and the ledger says whether they were kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import promises
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.reversal import reverse
from einvoice.receivables.store.tables import PROMISES
from tests.receivables import books
from tests.receivables.cases_books import POLICY, Here, at, changed, held, history, pay, told


def _promise(connection: Connection, found: Here, *, days: int = 5, amount: str = "121.00", invoices: tuple[int, ...] = ()) -> int:
    return promises.make(connection, found.debtor, invoices or found.invoices[:1], Decimal(amount), at(days).day, POLICY, at())


def _tick(connection: Connection, found: Here, day: int) -> dict[str, int]:
    return dict(tick(connection, found.creditor, POLICY, at(day).day, at(day).now))


def test_follow_up_waits_until_its_day_and_the_tolerance(connection: Connection, found: Here) -> None:
    _promise(connection, found)
    live = [day for day in range(12) if held(connection, at(day).day)]
    assert live == list(range(9))  # five days, and three of tolerance in the default policy
    assert held(connection, at(8).day) == {("promise", found.invoices[0])}


def test_it_is_kept_as_soon_as_all_came(connection: Connection, found: Here) -> None:
    case = _promise(connection, found)
    pay(connection, found, found.invoices[0], "100.00", at(1))
    assert _tick(connection, found, 1) == {}
    pay(connection, found, found.invoices[0], "21.00", at(2))
    assert _tick(connection, found, 2) == {"promises.kept": 1}
    assert held(connection, at(2).day) == set()
    assert _tick(connection, found, 2) == {}
    assert told(connection)["promise.kept"] == 1
    assert history(connection, "promise", case) == ["made", "kept"]


@pytest.mark.parametrize(("paid", "became"), [(None, "broken"), ("100.00", "partial")])
def test_past_the_tolerance_it_is_broken_or_partial(connection: Connection, found: Here, paid: str | None, became: str) -> None:
    _promise(connection, found)
    if paid:
        pay(connection, found, found.invoices[0], paid, at(1))
    assert _tick(connection, found, 8) == {}
    assert _tick(connection, found, 9) == {f"promises.{became}": 1}
    assert connection.scalar(select(PROMISES.c.paid)) == Decimal(paid or 0)
    assert told(connection)["promise.broken"] == 1


def test_what_was_paid_before_does_not_count(connection: Connection, found: Here) -> None:
    pay(connection, found, found.invoices[0], "21.00", at(-1))
    _promise(connection, found, amount="100.00")
    assert _tick(connection, found, 9) == {"promises.broken": 1}


def test_a_returned_payment_does_not_count(connection: Connection, found: Here) -> None:
    _promise(connection, found)
    payment = pay(connection, found, found.invoices[0], "121.00", at(1))
    reverse(connection, payment, Booking(at(2).day, "bank", at(2).now))
    assert _tick(connection, found, 9) == {"promises.broken": 1}


def test_a_payment_booked_in_time_and_known_later_counts(connection: Connection, found: Here) -> None:
    _promise(connection, found)
    pay(connection, found, found.invoices[0], "121.00", At(at(8).day, at(10).now, "bank"))
    assert _tick(connection, found, 10) == {"promises.kept": 1}


def test_a_payment_that_is_booked_too_late_does_not(connection: Connection, found: Here) -> None:
    _promise(connection, found)
    pay(connection, found, found.invoices[0], "121.00", at(9))
    assert _tick(connection, found, 9) == {"promises.broken": 1}


@pytest.mark.parametrize(("days", "amount"), [(-1, "121.00"), (31, "121.00"), (5, "121.01"), (5, "0.00"), (5, "1.001")])
def test_beyond_its_limits_it_is_refused(connection: Connection, found: Here, days: int, amount: str) -> None:
    with pytest.raises(ReceivablesError):
        _promise(connection, found, days=days, amount=amount)
    assert held(connection, at().day) == set()


def test_one_live_promise_an_invoice(connection: Connection, found: Here) -> None:
    _promise(connection, found, invoices=found.invoices, amount="1371.03")
    with pytest.raises(ReceivablesError):
        _promise(connection, found)
    assert _tick(connection, found, 9) == {"promises.broken": 1}
    promises.make(connection, found.debtor, found.invoices[:1], Decimal(1), at(12).day, POLICY, at(9))


def test_another_debtors_invoice_is_refused(connection: Connection, found: Here) -> None:
    other = books.debtor(connection, found.creditor, "c2")
    with pytest.raises(ReceivablesError):
        promises.make(connection, other, found.invoices[:1], Decimal(1), at(3).day, POLICY, at())


def test_without_a_word_of_the_policy_two_weeks_are_the_limit(connection: Connection, found: Here) -> None:
    silent = changed(promises={}).model_copy(update={"promises": {}})
    latest = at().day + timedelta(promises.MOST)
    promises.make(connection, found.debtor, found.invoices[:1], Decimal(1), latest, silent, at())
    with pytest.raises(ReceivablesError):
        promises.make(connection, found.debtor, found.invoices[1:], Decimal(1), latest + timedelta(1), silent, at())
