"""Postings: each once, sums that are zero, a past that cannot be changed, and what peers' users complain about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.actions import Charge
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.booking import Entry, balanced
from einvoice.receivables.store.tables import CHARGES, DEBTORS, ENTRIES, INVOICES, PAYMENTS, TRANSACTIONS
from tests.receivables import books
from tests.receivables.books import booking

D = Decimal


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of this release's shape."""
    with books.database(tmp_path_factory.mktemp("books")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Books with nothing wrong in them at the end."""
    with books.undone(engine) as connection:
        yield connection
        assert check_ledger(connection) == []


@pytest.fixture
def creditor(connection: Connection) -> int:
    """A Dutch creditor."""
    return books.creditor(connection)


@pytest.fixture
def debtor(connection: Connection, creditor: int) -> int:
    """A Dutch business."""
    return books.debtor(connection, creditor)


def _row(connection: Connection, invoice: int) -> Any:
    return connection.execute(select(INVOICES).where(INVOICES.c.id == invoice)).one()


def _behaviour(connection: Connection, debtor: int) -> tuple[Any, ...]:
    columns = (DEBTORS.c.posted, DEBTORS.c.first_posted, DEBTORS.c.settled, DEBTORS.c.settled_late, DEBTORS.c.days_late)
    return tuple(connection.execute(select(*columns).where(DEBTORS.c.id == debtor)).one())


def _pay(connection: Connection, creditor: int, debtor: int, amount: str, day: date, key: str = "b1", **more: Any) -> ledger.Posted:
    payment = ledger.PaymentIn(key, D(amount), more.pop("currency", "EUR"), day, debtor)
    return ledger.post_payment(connection, creditor, payment, booking(day), **more)


def test_an_invoice_enters_once(connection: Connection, creditor: int, debtor: int) -> None:
    given = {
        "debtor": debtor,
        "number": "F1",
        "issued": date(2026, 10, 1),
        "due": date(2026, 10, 31),
        "currency": "EUR",
        "amount": "121.00",
    }
    first = ledger.post_invoice(connection, given, booking())
    assert first.new
    assert ledger.post_invoice(connection, given, booking(date(2026, 12, 1))) == first._replace(new=False)
    assert connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one() == 2
    with pytest.raises(ReceivablesError):
        ledger.post_invoice(connection, given | {"amount": "122.00"}, booking())


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "0.00"},
        {"amount": "-1.00"},
        {"amount": "1.001"},
        {"amount": 1.5},
        {"due": date(2026, 9, 30)},
        {"debtor": 999},
        {"paid": "200.00"},
        {"what": 1},
    ],
)
def test_what_no_invoice_can_be_is_refused(connection: Connection, debtor: int, change: dict[str, Any]) -> None:
    given = {
        "debtor": debtor,
        "number": "F1",
        "issued": date(2026, 10, 1),
        "due": date(2026, 10, 31),
        "currency": "EUR",
        "amount": "121.00",
    }
    with pytest.raises(ReceivablesError):
        ledger.post_invoice(connection, given | change, booking())


def test_principal_paid_keeps_charges_claimable(connection: Connection, creditor: int, debtor: int) -> None:
    """Invariant 10; ERPNext loses the interest when the principal is paid."""
    invoice = books.invoice(connection, debtor)
    ledger.post_charge(connection, Charge(invoice, "interest", D("3.21"), until=date(2026, 11, 2), lines=("121.00 × …",)), booking())
    _pay(connection, creditor, debtor, "121.00", date(2026, 11, 5), to=[(invoice, None)])
    row = _row(connection, invoice)
    assert (row.open, row.charges, row.stage, row.settled_on) == (0, D("3.21"), "settled", date(2026, 11, 5))
    waived = ledger.waive(connection, invoice, booking(date(2026, 11, 6)))
    assert waived is not None
    assert _row(connection, invoice).charges == 0
    assert connection.execute(select(CHARGES.c.waived_on)).scalar_one() == date(2026, 11, 6)
    assert ledger.waive(connection, invoice, booking(date(2026, 11, 7))) is None
    ledger.reverse(connection, waived.transaction, booking(date(2026, 11, 8)))
    assert _row(connection, invoice).charges == D("3.21")
    assert connection.execute(select(CHARGES.c.waived_on)).scalar_one() is None


def test_charges_first_where_the_law_of_a_country_says_so(connection: Connection, creditor: int, debtor: int) -> None:
    invoice = books.invoice(connection, debtor)
    ledger.post_charge(connection, Charge(invoice, "costs", D("40.00")), booking())
    posted = _pay(connection, creditor, debtor, "100.00", date(2026, 11, 5))
    ledger.allocate(connection, posted.transaction, booking(), order=ledger.CHARGES_FIRST)
    assert (_row(connection, invoice).open, _row(connection, invoice).charges) == (D("61.00"), 0)


def test_a_second_run_does_not_double_a_fee(connection: Connection, debtor: int) -> None:
    """InvoiceNinja and FOSSBilling charge the late fee once more with each cron run."""
    invoice = books.invoice(connection, debtor)
    costs = Charge(invoice, "costs", D("40.00"), D("8.40"), until=date(2026, 11, 1), lines=("40.00 minimum (…)",))
    first = ledger.post_charge(connection, costs, booking(key="charge:action-1"))
    assert ledger.post_charge(connection, costs, booking(key="charge:action-1")) == first._replace(new=False)
    assert ledger.post_charge(connection, costs, booking(date(2026, 11, 3), key="charge:action-2")) == first._replace(new=False)
    row = _row(connection, invoice)
    assert (row.charges, row.costs_booked, row.interest_booked) == (D("48.40"), D("48.40"), 0)
    with pytest.raises(ReceivablesError):
        ledger.post_charge(connection, costs._replace(amount=D("41.00")), booking())
    ledger.reverse(connection, first.transaction, booking(date(2026, 11, 4)))
    assert (_row(connection, invoice).charges, _row(connection, invoice).costs_booked) == (0, 0)


def test_credit_notes_count(connection: Connection, creditor: int, debtor: int) -> None:
    """OCA reminds of an invoice that an open credit note covers."""
    invoice = books.invoice(connection, debtor)
    note = ledger.InvoiceIn(debtor, "C1", date(2026, 10, 5), date(2026, 10, 5), "EUR", D("150.00"))
    posted = ledger.post_credit_note(connection, note, booking(), to=invoice)
    assert (_row(connection, invoice).open, _row(connection, invoice).stage) == (0, "settled")
    assert _row(connection, posted.id).open == D("-29.00")
    second = books.invoice(connection, debtor, "F2", "50.00")
    (made,) = ledger.allocate_all(connection, debtor, booking())
    assert made.left == 0
    assert _row(connection, second).open == D("21.00")
    ledger.reverse(connection, posted.transaction, booking())
    assert (_row(connection, invoice).open, _row(connection, second).open, _row(connection, posted.id).open) == (D("121.00"), D("50.00"), 0)
    assert _row(connection, posted.id).stage == "reversed"


def test_a_returned_debit_opens_invoices_to_the_cent(connection: Connection, creditor: int, debtor: int) -> None:
    """And their follow-up stands where it stood: ERPNext's dunning stays resolved with an unpaid invoice in it."""
    first, second = books.invoice(connection, debtor), books.invoice(connection, debtor, "F2", "33.33", due=date(2026, 11, 10))
    step = {"flow": "nl", "step": "r3", "step_offset": 14, "stage": "final"}
    connection.execute(INVOICES.update().where(INVOICES.c.id == first).values(step))
    before = _behaviour(connection, debtor)
    posted = _pay(connection, creditor, debtor, "154.33", date(2026, 11, 20))
    ledger.allocate(connection, posted.transaction, booking(date(2026, 11, 20)))
    assert _behaviour(connection, debtor) == (2, date(2026, 10, 1), 2, 2, 30)
    assert {_row(connection, one).stage for one in (first, second)} == {"settled"}
    assert ledger.reverse(connection, posted.transaction, booking(date(2026, 11, 25))).new
    assert not ledger.reverse(connection, posted.transaction, booking(date(2026, 11, 26), key="again")).new
    row = _row(connection, first)
    assert (row.open, row.stage, row.settled_on, row.flow, row.step) == (D("121.00"), "final", None, "nl", "r3")
    assert (_row(connection, second).open, _row(connection, second).stage) == (D("33.33"), "open")
    assert _behaviour(connection, debtor) == before
    assert connection.execute(select(PAYMENTS.c.state)).scalar_one() == "reversed"
    told = connection.execute(text("SELECT type, body FROM events ORDER BY number")).all()
    assert [row.type for row in told] == ["payment.matched", "payment.reversed"]
    assert '"amount":"121.00"' in told[1].body


def test_what_was_invoiced_by_mistake_goes_with_all_that_stands_on_it(connection: Connection, creditor: int, debtor: int) -> None:
    invoice = books.invoice(connection, debtor)
    ledger.post_charge(connection, Charge(invoice, "interest", D("1.00")), booking())
    posted = _pay(connection, creditor, debtor, "121.50", date(2026, 11, 5))
    ledger.allocate(connection, posted.transaction, booking())
    made = connection.execute(select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.key == "invoice:F1")).scalar_one()
    ledger.reverse(connection, made, booking(date(2026, 11, 6)))
    row = _row(connection, invoice)
    assert (row.open, row.charges, row.stage) == (0, 0, "reversed")
    assert _behaviour(connection, debtor) == (0, None, 0, 0, 0)
    other = books.invoice(connection, debtor, "F2", "121.50", issued=date(2026, 11, 7), due=date(2026, 12, 7))
    (again,) = ledger.allocate_all(connection, debtor, booking())
    assert again.left == _row(connection, other).open == 0


def test_write_off_and_discount(connection: Connection, creditor: int, debtor: int) -> None:
    one, two = books.invoice(connection, debtor), books.invoice(connection, debtor, "F2")
    ledger.post_charge(connection, Charge(one, "costs", D("40.00")), booking())
    made = ledger.write_off(connection, one, booking())
    assert made is not None
    row = _row(connection, one)
    assert (row.open, row.charges, row.stage, row.settled_on) == (0, 0, "written_off", None)
    assert ledger.write_off(connection, one, booking(date(2026, 11, 9))) is None
    with pytest.raises(ReceivablesError):
        _pay(connection, creditor, debtor, "10.00", date(2026, 11, 9), to=[(one, D("10.00"))])
    assert connection.execute(select(func.count()).select_from(PAYMENTS)).scalar_one() == 0
    ledger.reverse(connection, made.transaction, booking(date(2026, 11, 10)))
    assert (_row(connection, one).open, _row(connection, one).charges, _row(connection, one).stage) == (D("121.00"), D("40.00"), "open")
    ledger.discount(connection, two, D("3.63"), booking())
    _pay(connection, creditor, debtor, "117.37", date(2026, 11, 9), to=[(two, None)])
    assert _row(connection, two).stage == "settled"
    with pytest.raises(ReceivablesError):
        ledger.discount(connection, two, D("0.01"), booking(date(2026, 11, 11)))


def test_money_goes_back(connection: Connection, creditor: int, debtor: int) -> None:
    posted = _pay(connection, creditor, debtor, "50.00", date(2026, 11, 5))
    with pytest.raises(ReceivablesError):
        ledger.refund(connection, posted.transaction, D("50.01"), booking(date(2026, 11, 6)))
    with pytest.raises(ReceivablesError):
        ledger.refund(connection, posted.transaction, D("50.00"), booking(date(2026, 11, 4)))
    back = ledger.refund(connection, posted.transaction, D("50.00"), booking(date(2026, 11, 6)))
    assert ledger.refund(connection, posted.transaction, D("50.00"), booking(date(2026, 11, 6))) == back._replace(new=False)
    with pytest.raises(ReceivablesError):
        ledger.reverse(connection, posted.transaction, booking(date(2026, 11, 7)))
    ledger.reverse(connection, back.transaction, booking(date(2026, 11, 7)))
    ledger.reverse(connection, posted.transaction, booking(date(2026, 11, 7)))


def test_money_of_nobody_yet(connection: Connection, creditor: int, debtor: int) -> None:
    posted = ledger.post_payment(connection, creditor, ledger.PaymentIn("b1", D("121.00"), "EUR", date(2026, 11, 5)), booking())
    invoice = books.invoice(connection, debtor)
    assert ledger.allocate(connection, posted.transaction, booking()).shares == ()
    given = ledger.assign(connection, posted.id, debtor, booking(date(2026, 11, 6)))
    assert not ledger.assign(connection, posted.id, debtor, booking(date(2026, 11, 7))).new
    assert ledger.allocate(connection, posted.transaction, booking()).left == 0
    assert _row(connection, invoice).open == 0
    ledger.reverse(connection, given.transaction, booking(date(2026, 11, 8)))
    assert _row(connection, invoice).open == D("121.00")
    assert connection.execute(select(PAYMENTS.c.debtor_id)).scalar_one() is None


def test_what_cannot_be_reversed(connection: Connection, creditor: int, debtor: int) -> None:
    invoice = books.invoice(connection, debtor)
    charge = ledger.post_charge(connection, Charge(invoice, "costs", D("40.00")), booking())
    posted = _pay(connection, creditor, debtor, "161.00", date(2026, 11, 5), to=[(invoice, None)])
    for transaction, day in ((charge.transaction, date(2026, 11, 6)), (posted.transaction, date(2026, 11, 4)), (999, date(2026, 11, 6))):
        with pytest.raises(ReceivablesError):
            ledger.reverse(connection, transaction, booking(day))
    back = ledger.reverse(connection, posted.transaction, booking(date(2026, 11, 6)))
    with pytest.raises(ReceivablesError):
        ledger.reverse(connection, back.transaction, booking(date(2026, 11, 7)))
    ledger.reverse(connection, charge.transaction, booking(date(2026, 11, 6)))


def test_the_past_cannot_be_changed(connection: Connection, debtor: int) -> None:
    """Invariant 11."""
    books.invoice(connection, debtor)
    changes = [
        "UPDATE entries SET amount = 0",
        "DELETE FROM entries",
        "UPDATE transactions SET booked = '2026-01-01'",
        "DELETE FROM transactions",
    ]
    for change in changes:
        with pytest.raises(DBAPIError), connection.begin_nested():
            connection.execute(text(change))
    with pytest.raises(ReceivablesError):
        balanced([Entry("bank", D("1.00"), "EUR", None), Entry("sales", D("-1.00"), "USD", None)])


def test_a_contradiction_is_found(tmp_path: Path) -> None:
    with books.books(tmp_path) as connection:
        debtor = books.debtor(connection, creditor := books.creditor(connection))
        one, two = books.invoice(connection, debtor), books.invoice(connection, debtor, "F2")
        _pay(connection, creditor, debtor, "10.00", date(2026, 11, 5))
        connection.execute(INVOICES.update().where(INVOICES.c.id == one).values(open=D("1.00"), costs_booked=D("1.00")))
        connection.execute(INVOICES.update().where(INVOICES.c.id == two).values(stage="settled"))
        connection.execute(DEBTORS.update().values(posted=9))
        connection.execute(PAYMENTS.update().values(state="reversed"))
        key = {"creditor_id": creditor, "kind": "payment", "booked": date(2026, 11, 5), "posted_at": books.NOW, "posted_by": "x"}
        empty, lopsided = (
            connection.execute(TRANSACTIONS.insert().values(key=name, **key).returning(TRANSACTIONS.c.id)).scalar_one()
            for name in ("a", "b")
        )
        row = {"transaction_id": lopsided, "creditor_id": creditor, "account": "bank", "currency": "EUR", "amount": D("1.00")}
        connection.execute(ENTRIES.insert().values(booked=date(2026, 11, 5), **row))
        found = {(fault.code, fault.id) for fault in check_ledger(connection, creditor)}
        assert found == {
            ("unbalanced", lopsided),
            ("empty", empty),
            ("invoice-differs", one),
            ("stage-differs", two),
            ("charges-differ", one),
            ("behaviour-differs", debtor),
            ("payment-differs", 1),
        }


def test_a_term_beyond_the_maximum_is_flagged(connection: Connection, creditor: int) -> None:
    """A large Dutch debtor of a small creditor has 30 days at most, and two businesses in the EU 60 unless agreed."""
    connection.execute(text("UPDATE creditors SET size = 'small'"))
    large = books.debtor(connection, creditor, "large", size="large")
    small = books.debtor(connection, creditor, "small", size="small")
    day = date(2026, 10, 1)

    def flags(debtor: int, number: str, days: int, **more: Any) -> list[str]:
        invoice = books.invoice(connection, debtor, number, due=day + timedelta(days=days), **more)
        return [flag["code"] for flag in _row(connection, invoice).flags]

    assert flags(large, "F1", 30) == []
    assert flags(large, "F2", 31) == ["term-beyond-maximum"]
    assert flags(small, "F3", 60) == []
    assert flags(small, "F4", 61) == ["term-beyond-maximum"]
    assert flags(small, "F5", 61, contract={"term_agreed": True}) == []
