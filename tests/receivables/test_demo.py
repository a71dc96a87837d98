"""The demo: a small one has everything in it, balances to the cent, and is the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from einvoice.cli import main
from einvoice.database import open_database, reading
from einvoice.errors import ReceivablesError
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.demo.customers import customers
from einvoice.receivables.demo.make import Made, make
from einvoice.receivables.demo.sales import sales
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.store.tables import BANK_LINES, DISPUTES, INVOICES, PAPERS, PROMISES
from einvoice.rendering.references import is_creditor_reference, is_iban

DAY = date(2026, 11, 27)
LIVED = timedelta(days=35)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("demo") / "small", 150, DAY, lived=LIVED)


@pytest.fixture(scope="module")
def engine(made: Made) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{made.folder / 'demo.db'}")
    yield found
    found.dispose()


def test_everything_is_in_it(made: Made, engine: Engine) -> None:
    assert not made.failures
    assert {"email", "letter"} <= set(made.queued)
    assert {"call"} <= set(made.tasks)
    with reading(engine) as connection:
        for table in (DISPUTES, PROMISES, BANK_LINES, PAPERS):
            assert connection.scalar(select(func.count()).select_from(table))


def test_the_ledger_is_sound(engine: Engine) -> None:
    with reading(engine) as connection:
        assert not check_ledger(connection)


def test_every_effect_is_a_file_and_none_is_open(made: Made, engine: Engine) -> None:
    with reading(engine) as connection:
        sent = connection.scalar(select(func.count()).where(OUTBOX.c.state.in_(("sent", "delivered")), OUTBOX.c.owner == "receivables"))
    files = [path for path in (made.folder / "outbox").rglob("*") if path.suffix in (".eml", ".pdf", ".txt", ".xml")]
    assert sent == sum(count for name, count in made.queued.items() if name != "hand-over") - _withdrawn(engine)
    assert len(files) >= (sent or 0)


def _withdrawn(engine: Engine) -> int:
    with reading(engine) as connection:
        gone = connection.scalar(select(func.count()).where(OUTBOX.c.state.in_(("cancelled", "planned")), OUTBOX.c.owner == "receivables"))
    return gone or 0


def test_the_same_numbers_give_the_same_demo(made: Made, engine: Engine, tmp_path: Path) -> None:
    again = make(tmp_path / "again", 150, DAY, lived=LIVED)
    assert again._replace(folder=made.folder) == made
    other = open_database(f"sqlite:///{again.folder / 'demo.db'}")
    wanted = select(INVOICES.c.number, INVOICES.c.open, INVOICES.c.charges, INVOICES.c.trail).order_by(INVOICES.c.number)
    with reading(engine) as one, reading(other) as two:
        assert one.execute(wanted).all() == two.execute(wanted).all()
    other.dispose()


def test_a_folder_that_is_used_is_refused(made: Made) -> None:
    with pytest.raises(ReceivablesError):
        make(made.folder, 10, DAY)


def test_accounts_and_references_have_right_check_digits() -> None:
    people = customers(400, DAY, 7)
    assert all(is_iban(one.iban) for one in people)
    assert all(is_creditor_reference(sale.reference) for sale in sales(people, DAY - timedelta(days=90), DAY, 7))


def test_the_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receivables", "demo", str(tmp_path / "d"), "--debtors", "2", "--day", "2026-11-27", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["debtors"] == 2
    assert (tmp_path / "d" / "einvoice.toml").is_file()
