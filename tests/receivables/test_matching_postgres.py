"""The same on PostgreSQL: a statement is booked, looked at by a person, taken back; two imports at once count a line once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from sqlalchemy import Engine, func, select

from einvoice.database import connect
from einvoice.receivables import policy
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.matching import worklist
from einvoice.receivables.matching.importing import import_statement
from einvoice.receivables.store.tables import BANK_LINES, INVOICES, PAYMENTS
from tests.receivables import bank_files, books
from tests.receivables.bank_judge import RULES
from tests.receivables.test_matching_import import BOOKED, RF, open_of, owed, sent, take


def test_a_statement_on_postgresql(postgres: str) -> None:
    with books.database(postgres) as engine, connect(engine) as connection:
        creditor, (first, second) = owed(connection)
        found = take(connection, creditor, sent(1, "121.00", ref=RF), sent(2, "60.50", "for you", payer="Uncle"))
        assert (found.counts["matched"], open_of(connection, first)) == (1, ["0.00"])
        (waiting,) = worklist.waiting(connection, creditor)
        assert waiting.proposals
        worklist.assign(connection, creditor, waiting.id, [(second, None)], BOOKED)
        assert open_of(connection, second) == ["0.00"]
        worklist.undo(connection, creditor, waiting.id, BOOKED)
        assert open_of(connection, second) == ["60.50"]
        assert check_ledger(connection, creditor) == []


def test_two_imports_of_the_same_lines_at_once(postgres: str) -> None:
    """They come one after the other: whoever is second finds the lines known."""
    with books.database(postgres) as engine:
        with connect(engine) as connection:
            creditor, (first, _) = owed(connection)
        files = [bank_files.camt([sent(1, "121.00", ref=RF)], number, Decimal(0)) for number in (1, 2, 3, 4)]
        with ThreadPoolExecutor(4) as pool:
            done: list[dict[str, int]] = list(pool.map(lambda data: _imported(engine, creditor, data), files))
        assert sorted(done, key=len) == [{"known": 1}, {"known": 1}, {"known": 1}, {"lines": 1, "matched": 1, "matched.exact": 1}]
        with connect(engine) as connection:
            assert connection.scalar(select(func.count()).select_from(PAYMENTS)) == 1
            assert connection.scalar(select(func.count()).select_from(BANK_LINES)) == 1
            assert open_of(connection, first) == ["0.00"]
            assert connection.scalar(select(func.count()).where(INVOICES.c.open < Decimal(0))) == 0
            assert check_ledger(connection, creditor) == []


def _imported(engine: Engine, creditor: int, data: bytes) -> dict[str, int]:
    with connect(engine) as connection:
        return dict(import_statement(connection, creditor, data, "x.xml", BOOKED, policy.load(RULES)).counts)
