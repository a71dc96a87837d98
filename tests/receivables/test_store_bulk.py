"""Many invoices at once: the generator's books are in order, a day of them is planned once, faults are told as ever."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from einvoice.database import connect, reading
from einvoice.errors import DatabaseError
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.store import collector, snapshots
from einvoice.receivables.store.loading import load
from einvoice.receivables.store.tables import CREDITORS, DEBTORS
from tests.receivables import books
from tests.receivables.bulk import DAY, fill
from tests.receivables.planning_speed import measured
from tests.receivables.stores import place, store


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with place(request.param, tmp_path) as found:
        yield found


def test_the_books_of_the_generator_are_in_order(where: Path | str) -> None:
    with books.database(where) as engine, connect(engine) as connection:
        creditor = fill(connection, 1500)
        faults = {fault.code for fault in check_ledger(connection, creditor)}
        assert faults == {"behaviour-differs"}, "debtors remember invoices of earlier years, which are not there"
        found = list(snapshots(connection, creditor, DAY))
        assert sum(len(debtor.invoices) for debtor in found) == 1500
        assert {debtor.country for debtor in found} == {"NL", "BE", "DE", "FR"}
        assert any(debtor.holds for debtor in found)
        assert any(debtor.unallocated for debtor in found)
        assert any(invoice.open < 0 for debtor in found for invoice in debtor.invoices)
        another = books.debtor(connection, creditor, "after", email=None)
        assert another > max(debtor.id for debtor in found)


def test_a_day_is_planned_and_stored_by_a_process_of_its_own_once() -> None:
    found = measured("sqlite", 4000, rounds=1)
    assert found.invoices * 0.04 < found.saved < found.invoices * 0.08
    assert found.stored == found.saved
    assert found.again == 0


def test_a_row_that_the_database_refuses_is_told_as_sqlalchemy_does(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection, pytest.raises(IntegrityError):
        load(connection, "creditors", ["id", "key", "name", "country"], [(1, "twice", "N", "NL")])


def test_a_missing_table_is_told_with_its_mend(where: Path | str) -> None:
    with store(where) as engine:
        with connect(engine) as connection:
            connection.exec_driver_sql("ALTER TABLE holds RENAME TO elsewhere")
        with pytest.raises(DatabaseError), reading(engine) as connection:
            list(snapshots(connection, 1, DAY))
        with pytest.raises((DatabaseError, ProgrammingError)), connect(engine) as connection:
            load(connection, "nowhere", ["id"], [(1,)])


def test_rows_are_loaded_as_the_types_keep_them(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        columns = "id creditor_id key name kind country born posted settled settled_late days_late".split()
        load(connection, "debtors", columns, [(9, 1, 'é"\t\\', "x\ny", "b2c", "NL", None, 0, 0, 0, 0)])
        row = connection.execute(select(DEBTORS.c.key, DEBTORS.c.name, DEBTORS.c.born).where(DEBTORS.c.id == 9)).one()
        assert tuple(row) == ('é"\t\\', "x\ny", None)
        assert connection.scalar(select(CREDITORS.c.deducts_vat)) is True


def test_the_collector_is_left_as_it_was() -> None:
    with collector.paused():
        with collector.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with pytest.raises(KeyError), collector.paused():
            raise KeyError
        assert not gc.isenabled()
    finally:
        gc.enable()
