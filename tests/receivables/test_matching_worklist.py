"""The work list: a person decides, what is decided is booked, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.matching import worklist
from einvoice.receivables.store.tables import BANK_LINES, DEBTORS, ENTRIES, INVOICES, PAYMENTS
from tests.receivables import books
from tests.receivables.test_matching_import import BOOKED, RF, open_of, owed, sent, take


@pytest.fixture
def creditor(connection: Connection) -> Iterator[int]:
    """A creditor with two invoices, and a line that waits: an amount that fits nothing, of nobody who is known."""
    made, _ = owed(connection)
    take(connection, made, sent(1, "100.00", "for 2026-00017 I think", payer="Uncle"))
    yield made
    assert check_ledger(connection, made) == []


def line(connection: Connection) -> int:
    """The line that waits."""
    return int(connection.scalar(select(func.max(BANK_LINES.c.id))) or 0)


def invoices(connection: Connection) -> list[int]:
    """Its invoices."""
    return list(connection.scalars(select(INVOICES.c.id).order_by(INVOICES.c.id)))


def state(connection: Connection) -> tuple[str, int]:
    """The line's state, and how many lines wait."""
    row = connection.execute(select(BANK_LINES).where(BANK_LINES.c.id == line(connection))).one()
    return row.state, len(worklist.waiting(connection, row.creditor_id))


def on_account(connection: Connection) -> Decimal:
    """What all debtors and nobody have on account."""
    return -Decimal(
        connection.scalar(select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)).where(ENTRIES.c.account == "unallocated")) or 0
    )


def test_a_proposal_is_taken(connection: Connection, creditor: int) -> None:
    worklist.take(connection, creditor, line(connection), 1, BOOKED)
    assert state(connection) == ("done", 0)
    assert open_of(connection, *invoices(connection)) == ["21.00", "60.50"]


def test_a_line_is_assigned_and_that_is_undone_and_assigned_again(connection: Connection, creditor: int) -> None:
    first, second = invoices(connection)
    worklist.assign(connection, creditor, line(connection), [(first, Decimal("50.00")), (second, None)][:1], BOOKED)
    assert open_of(connection, first, second) == ["71.00", "60.50"]
    assert on_account(connection) == Decimal("50.00")
    worklist.undo(connection, creditor, line(connection), BOOKED)
    assert (state(connection)[0], open_of(connection, first, second)) == ("open", ["121.00", "60.50"])
    worklist.assign(connection, creditor, line(connection), [(second, None)], BOOKED)
    assert open_of(connection, first, second) == ["121.00", "0.00"]


def test_a_debtor_alone_is_named(connection: Connection, creditor: int) -> None:
    debtor = int(connection.scalar(select(DEBTORS.c.id)) or 0)
    worklist.assign(connection, creditor, line(connection), [], BOOKED, debtor)
    assert connection.scalar(select(PAYMENTS.c.debtor_id)) == debtor
    assert on_account(connection) == Decimal("100.00")


def test_a_line_of_nobodys_is_ignored_and_comes_back(connection: Connection, creditor: int) -> None:
    worklist.ignore(connection, creditor, line(connection), BOOKED)
    assert (state(connection)[0], on_account(connection)) == ("ignored", Decimal(0))
    worklist.undo(connection, creditor, line(connection), BOOKED)
    assert (state(connection)[0], on_account(connection)) == ("open", Decimal("100.00"))
    worklist.assign(connection, creditor, line(connection), [(invoices(connection)[0], None)], BOOKED)
    assert open_of(connection, *invoices(connection)) == ["21.00", "60.50"]


def test_what_the_matcher_decided_is_undone_and_given_to_another(connection: Connection) -> None:
    creditor, (first, _) = owed(connection)
    other = books.debtor(connection, creditor, "c2", name="Somebody else")
    third = books.invoice(connection, other, "2026-00099", "121.00")
    take(connection, creditor, sent(1, "121.00", ref=RF))
    worklist.undo(connection, creditor, line(connection), BOOKED)
    assert (state(connection)[0], open_of(connection, first)) == ("account", ["121.00"])
    worklist.assign(connection, creditor, line(connection), [(third, None)], BOOKED)
    assert open_of(connection, first, third) == ["121.00", "0.00"]
    assert sorted(connection.scalars(select(PAYMENTS.c.state))) == ["posted", "reversed"]
    assert check_ledger(connection, creditor) == []


def test_a_refund_that_left_takes_what_is_on_account(connection: Connection, creditor: int) -> None:
    debtor = int(connection.scalar(select(DEBTORS.c.id)) or 0)
    worklist.assign(connection, creditor, line(connection), [], BOOKED, debtor)
    take(connection, creditor, sent(2, "-40.00", payer="Uncle", day=3, iban="BE68539007547034"), name="b.xml")
    connection.execute(BANK_LINES.update().where(BANK_LINES.c.id == line(connection)).values(state="open"))
    worklist.refund(connection, creditor, line(connection), BOOKED, debtor)
    assert (state(connection)[0], on_account(connection)) == ("done", Decimal("60.00"))


@pytest.mark.parametrize("what", ["proposal", "too much", "no line", "twice", "nobody", "refund"])
def test_what_cannot_be_is_refused_and_changes_nothing(connection: Connection, creditor: int, what: str) -> None:
    first, _ = invoices(connection)
    this = line(connection)
    before = open_of(connection, *invoices(connection)), on_account(connection)
    with pytest.raises(ReceivablesError), connection.begin_nested():
        _impossible(connection, creditor, this, first)[what]()
    assert (open_of(connection, *invoices(connection)), on_account(connection)) == before


def _impossible(connection: Connection, creditor: int, this: int, first: int) -> dict[str, Callable[[], object]]:
    """What cannot be, by name."""

    def twice() -> None:
        worklist.ignore(connection, creditor, this, BOOKED)
        worklist.ignore(connection, creditor, this, BOOKED)

    return {
        "proposal": lambda: worklist.take(connection, creditor, this, 99, BOOKED),
        "too much": lambda: worklist.assign(connection, creditor, this, [(first, Decimal("100.01"))], BOOKED),
        "no line": lambda: worklist.ignore(connection, creditor, this + 1, BOOKED),
        "twice": twice,
        "nobody": lambda: worklist.assign(connection, creditor, this, [], BOOKED),
        "refund": lambda: worklist.refund(connection, creditor, this, BOOKED),
    }


def test_a_day_is_a_day(tmp_path: Path) -> None:
    """A decision before the line's own day is booked on that day."""
    with books.books(tmp_path) as connection:
        creditor, (first, _) = owed(connection)
        take(connection, creditor, sent(1, "121.00", ref=RF))
        worklist.undo(connection, creditor, line(connection), BOOKED._replace(day=date(2026, 11, 1)))
        assert open_of(connection, first) == ["121.00"]
        assert check_ledger(connection, creditor) == []
