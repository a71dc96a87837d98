"""Importing statements: whole or not at all, once, booked as the ledger books; what follows from a line besides a payment."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select

from einvoice.database import connect, open_database
from einvoice.outbox.tables import EVENTS
from einvoice.receivables import policy
from einvoice.receivables.ledger import post_payment
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.matching.importing import Imported, import_statement
from einvoice.receivables.matching.posting import Coming, post
from einvoice.receivables.matching.reading import StatementRefused
from einvoice.receivables.store.tables import BANK_FILES, BANK_LINES, COLLECTIONS, ENTRIES, INVOICES, MANDATES, PAYMENTS, TRANSACTIONS
from tests.receivables import bank_files, books
from tests.receivables.bank_families import BENELUX
from tests.receivables.bank_judge import RULES, Living
from tests.receivables.bank_trials import cuts, overlaps, stopped, twice
from tests.receivables.bank_year import Sent, Truth, year

NOTHING = Truth("exact", None, {})
IBAN = "NL91ABNA0417164300"
RF = "RF18539007547034"
NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
BOOKED = Booking(NOW.date(), "bank", NOW)


def sent(number: int, amount: str, text: str = "", *, ref: str = "", payer: str = "Customer c1", day: int = 2, **more: Any) -> Sent:
    """A line of November."""
    return Sent(number, date(2026, 11, day), Decimal(amount), payer, IBAN, text, ref, "", "PMNT-RCDT-ESCT", NOTHING)._replace(**more)


def owed(connection: Connection) -> tuple[int, list[int]]:
    """A creditor to whom one debtor owes two invoices."""
    creditor = books.creditor(connection, iban=bank_files.ACCOUNTS["camt"])
    debtor = books.debtor(connection, creditor)
    first = books.invoice(connection, debtor, "2026-00017", "121.00", reference=RF)
    return creditor, [first, books.invoice(connection, debtor, "2026-00018", "60.50")]


def take(connection: Connection, creditor: int, *lines: Sent, name: str = "a.xml", opening: str = "0.00") -> Imported:
    """Imports lines as a CAMT.053."""
    data = bank_files.camt(lines, 1, Decimal(opening))
    return import_statement(connection, creditor, data, name, BOOKED, policy.load(RULES))


def open_of(connection: Connection, *invoices: int) -> list[str]:
    """What is open of invoices."""
    rows = dict(connection.execute(select(INVOICES.c.id, INVOICES.c.open)).all())
    return [str(rows[ref]) for ref in invoices]


def test_a_line_is_booked_as_the_ledger_books_one(tmp_path: Path) -> None:
    """The same keys, contents, entries and balances as `post_payment`, so that either may come first."""
    kept = []
    for bulk in (True, False):
        folder = tmp_path / str(bulk)
        folder.mkdir()
        with books.books(folder) as connection:
            creditor, (first, second) = owed(connection)
            debtor = connection.scalar(select(INVOICES.c.debtor_id))
            money = PaymentIn("bank:k", Decimal("200.00"), "EUR", date(2026, 11, 2), debtor, "text", "payer", IBAN)
            to = [(first, Decimal("121.00")), (second, Decimal("50.00"))]
            if bulk:
                post(connection, creditor, [Coming(money, to, "reference")], BOOKED)
            else:
                post_payment(connection, creditor, money, BOOKED, to=to, matched_by="reference")
            rows = [connection.execute(select(table).order_by(table.c.id)).all() for table in (TRANSACTIONS, ENTRIES, PAYMENTS, INVOICES)]
            kept.append([[tuple(row) for row in each] for each in rows])
            assert post_payment(connection, creditor, money, BOOKED).new is False
            assert check_ledger(connection, creditor) == []
    assert kept[0] == kept[1]


def test_a_statement_pays_and_tells(connection: Connection) -> None:
    creditor, (first, second) = owed(connection)
    found = take(connection, creditor, sent(1, "121.00", ref=RF), sent(2, "60.50", "fact 2026-00018"), sent(3, "7.00", payer="Nobody"))
    assert (found.counts["matched"], found.counts["open"]) == (2, 1)
    assert open_of(connection, first, second) == ["0.00", "0.00"]
    lines = connection.execute(select(BANK_LINES).order_by(BANK_LINES.c.id)).all()
    assert [line.state for line in lines] == ["matched", "matched", "open"]
    assert all(line.explanation and line.payment_id for line in lines)
    assert connection.scalar(select(func.count()).where(EVENTS.c.type == "payment.matched")) == 2
    assert connection.scalar(select(PAYMENTS.c.debtor_id).where(PAYMENTS.c.amount == Decimal("7.00"))) is None
    assert check_ledger(connection, creditor) == []


def test_files_come_twice_overlap_and_are_cut() -> None:
    again, parts, cut = twice(120), overlaps(120), cuts(24)
    assert (again["files"], again["changed"]) == (3, 0)
    assert (parts["lines"], parts["identical kept"]) == (parts["distinct"], parts["identical"])
    assert cut["kept something"] == 0
    assert cut["refused"] == sum(cut.values())


def test_a_day_of_an_account_comes_in_one_format(connection: Connection) -> None:
    creditor, _ = owed(connection)
    take(connection, creditor, sent(1, "121.00", ref=RF))
    other = bank_files.mt940([sent(1, "121.00", "x")], 1, Decimal(0), account=bank_files.ACCOUNTS["camt"])
    with pytest.raises(StatementRefused) as refused:
        import_statement(connection, creditor, other, "b.sta", BOOKED)
    assert refused.value.field == "booking date"
    assert connection.scalar(select(func.count()).select_from(BANK_FILES)) == 1


def test_a_notification_of_what_a_statement_had_counts_once(connection: Connection) -> None:
    creditor, _ = owed(connection)
    take(connection, creditor, sent(1, "121.00", ref=RF))
    found = import_statement(connection, creditor, bank_files.camt([sent(1, "121.00", ref=RF)], 2, Decimal(0), form="054"), "n.xml", BOOKED)
    assert found.counts == {"known": 1}


def test_a_notification_with_another_reference_of_the_bank_counts_once_too(connection: Connection) -> None:
    """As often as it stands there: the second of two that say the same is new where the statement had one."""
    creditor, _ = owed(connection)
    take(connection, creditor, sent(1, "121.00", ref=RF, text="x"))
    again = [sent(7, "121.00", ref=RF, text="x"), sent(8, "121.00", ref=RF, text="x")]
    found = import_statement(connection, creditor, bank_files.camt(again, 2, Decimal(0), form="054"), "n.xml", BOOKED)
    assert (found.counts["known"], found.counts["lines"]) == (1, 1)


def test_another_creditors_account_and_another_currency_are_refused(connection: Connection) -> None:
    creditor, _ = owed(connection)
    books.creditor(connection, "other", iban=bank_files.ACCOUNTS["coda"])
    with pytest.raises(StatementRefused) as refused:
        import_statement(connection, creditor, bank_files.coda([sent(1, "1.00")], 1, Decimal(0)), "x", BOOKED)
    assert refused.value.field == "account"
    take(connection, creditor, sent(1, "121.00", ref=RF))
    dollars = bank_files.camt([sent(2, "5.00")], 2, Decimal(0)).replace(b'"EUR"', b'"USD"').replace(b"<Ccy>EUR", b"<Ccy>USD")
    with pytest.raises(StatementRefused) as refused:
        import_statement(connection, creditor, dollars, "y", BOOKED)
    assert refused.value.field == "currency"


def test_a_discount_is_booked_with_its_payment(connection: Connection) -> None:
    creditor, _ = owed(connection)
    debtor = int(connection.scalar(select(INVOICES.c.debtor_id)) or 0)
    made = books.invoice(connection, debtor, "2026-00019", "100.00", issued=date(2026, 10, 30), due=date(2026, 11, 30))
    found = take(connection, creditor, sent(1, "98.00", "2026-00019"))
    assert (found.matches[0].kind, str(found.matches[0].discount)) == ("discount", "2.00")
    assert open_of(connection, made) == ["0.00"]
    assert check_ledger(connection, creditor) == []


def test_what_the_bank_takes_back_opens_the_invoice_again(connection: Connection) -> None:
    creditor, (first, _) = owed(connection)
    paid = sent(1, "121.00", ref=RF, end_to_end="E1")
    back = sent(2, "-121.00", reversal=True, end_to_end="E1", day=3)
    found = take(connection, creditor, paid, back)
    assert [one.state for one in found.matches] == ["matched", "matched"]
    assert open_of(connection, first) == ["121.00"]
    assert connection.scalar(select(PAYMENTS.c.state)) == "reversed"


def test_a_second_payment_stays_on_account_and_its_refund_is_found(connection: Connection) -> None:
    creditor, (first, _) = owed(connection)
    take(connection, creditor, sent(1, "121.00", ref=RF), sent(2, "121.00", ref=RF))
    found = take(connection, creditor, sent(3, "-121.00", "sorry", day=3, code="PMNT-ICDT-ESCT"), name="b.xml")
    assert (found.matches[0].kind, found.matches[0].state) == ("refund", "matched")
    left = select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)).where(ENTRIES.c.account == "unallocated")
    assert connection.scalar(left) == 0
    assert open_of(connection, first) == ["0.00"]


def test_a_direct_debit_is_collected_and_returned(connection: Connection) -> None:
    creditor, (first, _) = owed(connection)
    debtor = int(connection.scalar(select(INVOICES.c.debtor_id)) or 0)
    mandate = {"creditor_id": creditor, "debtor_id": debtor, "reference": "M1", "scheme": "CORE", "holder": "x", "iban": IBAN}
    mandate |= {"signed_on": date(2026, 1, 1), "state": "active", "source": "tests"}
    ref = connection.execute(MANDATES.insert().values(mandate).returning(MANDATES.c.id)).scalar_one()
    debit = {
        "creditor_id": creditor,
        "debtor_id": debtor,
        "mandate_id": ref,
        "end_to_end": "DD-1",
        "currency": "EUR",
        "amount": Decimal("121.00"),
    }
    debit |= {"invoices": [[first, "121.00"]], "sequence": "RCUR", "due": date(2026, 11, 2), "state": "exported", "batch": "B1"}
    connection.execute(COLLECTIONS.insert().values(debit))
    found = take(connection, creditor, sent(1, "121.00", end_to_end="DD-1"))
    assert (found.matches[0].by, found.matches[0].state, open_of(connection, first)) == ("mandate", "matched", ["0.00"])
    found = take(connection, creditor, sent(2, "-121.00", end_to_end="DD-1", reason="AM04", day=3), name="b.xml")
    assert (found.matches[0].kind, found.matches[0].state, open_of(connection, first)) == ("returned", "matched", ["121.00"])


def test_a_payment_stops_the_reminder_within_a_second() -> None:
    without, with_it, seconds = stopped()
    assert (without, with_it) == (1, 0)
    assert seconds < 1


def test_a_kill_during_the_import_leaves_nothing(tmp_path: Path) -> None:
    made = year(BENELUX, 400, 3)
    with books.database(tmp_path) as engine:
        living = Living(engine, made, tmp_path)
        with connect(engine) as connection:
            living.book(connection, made.bills)
        before = _rows(engine)
    data = bank_files.camt(made.lines, 1, Decimal(0))
    url = f"sqlite:///{tmp_path / 'books.db'}"
    killed = 0
    for pause in (0.01, 0.05, 0.1, 0.2, 0.3):
        killed += _killed(url, living.creditor, data, pause)
        engine = open_database(url)
        assert _rows(engine) == before
        engine.dispose()
    assert killed > 0
    engine = open_database(url)
    with connect(engine) as connection:
        assert import_statement(connection, living.creditor, data, "year", BOOKED).new
    engine.dispose()


def _killed(url: str, creditor: int, data: bytes, pause: float) -> int:
    """Imports in a process of its own that never commits, and kills it on its way."""
    child = os.fork()
    if child == 0:
        try:
            with connect(open_database(url)) as connection:
                import_statement(connection, creditor, data, "year", BOOKED)
                time.sleep(60)
        finally:
            os._exit(0)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    return int(os.WIFSIGNALED(os.waitpid(child, 0)[1]))


def _rows(engine: Engine) -> list[int]:
    with connect(engine) as connection:
        tables = (BANK_FILES, BANK_LINES, PAYMENTS, ENTRIES, TRANSACTIONS)
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
