"""Imports: as files come, all or nothing, every fault with file, line, field and mend, and the same file twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select

from einvoice.database import METADATA
from einvoice.outbox.tables import EVENTS
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.importing import ImportRefused, Reading, import_files
from einvoice.receivables.ledger.importing.columns import KINDS, columns, plain
from einvoice.receivables.store.tables import CONTACTS, DEBTORS, INVOICES, PAYMENTS
from tests.receivables import books, ledger_files
from tests.receivables.books import booking
from tests.receivables.ledger_files import BROKEN, Broken, broken, written

D = Decimal


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of this release's shape."""
    with books.database(tmp_path_factory.mktemp("books")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Books of a creditor, with nothing wrong in them at the end."""
    with books.undone(engine) as connection:
        books.creditor(connection)
        yield connection
        assert check_ledger(connection) == []


def _import(connection: Connection, *paths: Path, **how: Any) -> dict[str, int]:
    dry_run = how.pop("dry_run", False)
    return dict(import_files(connection, 1, paths, booking(), Reading(**how), dry_run=dry_run))


def _counts(connection: Connection) -> dict[str, int]:
    return {name: connection.execute(select(func.count()).select_from(table)).scalar_one() for name, table in METADATA.tables.items()}


def _good(folder: Path) -> list[Path]:
    return written(folder, debtors=ledger_files.DEBTORS, invoices=ledger_files.INVOICES, payments=ledger_files.PAYMENTS)


def test_files_in_any_order_and_the_same_again(connection: Connection, tmp_path: Path) -> None:
    paths = _good(tmp_path)[::-1]
    assert _import(connection, *paths) == {"debtors": 2, "invoices": 2, "payments": 2, "allocated": 1}
    rows = connection.execute(select(INVOICES.c.number, INVOICES.c.open, INVOICES.c.stage).order_by(INVOICES.c.id)).all()
    assert rows == [("F1", 0, "settled"), ("F2", D("60.50"), "open")]
    assert connection.execute(select(CONTACTS.c.email)).scalars().all() == ["finance@jansen.example"]
    before = _counts(connection)
    assert _import(connection, *paths) == {"same": 6}
    assert _counts(connection) == before


def test_a_dry_run_keeps_nothing(connection: Connection, tmp_path: Path) -> None:
    before = _counts(connection)
    assert _import(connection, tmp_path, dry_run=True) if _good(tmp_path) else None
    assert _counts(connection) == before


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: f"{one.code}-{one.field or one.name}")
def test_every_fault_is_named_and_nothing_is_kept(connection: Connection, tmp_path: Path, one: Broken) -> None:
    _import(connection, *written(tmp_path, debtors=ledger_files.DEBTORS, invoices=ledger_files.INVOICES))
    before = _counts(connection)
    (tmp_path / "new").mkdir()
    path = broken(tmp_path / "new", one)
    good = written(tmp_path / "new", good_debtors="key,name,kind,country\nc5,New,b2b,NL\n")
    with pytest.raises(ImportRefused) as refused:
        _import(connection, *good, path)
    (fault,) = refused.value.findings
    assert (fault.code, fault.file, fault.line, fault.field) == (one.code, str(path), one.line, one.field)
    assert fault.text
    assert fault.mend
    assert _counts(connection) == before


def test_all_faults_are_told_at_once(connection: Connection, tmp_path: Path) -> None:
    rows = "".join(f"c9,F{index},2026-99-01,2026-10-01,-{index}.00,EUX\n" for index in range(1, 6))
    paths = written(tmp_path, invoices="debtor,number,issued,due,amount,currency\n" + rows, debtors="key,name,kind,country\nc1,,b2b,XX\n")
    with pytest.raises(ImportRefused) as refused:
        _import(connection, *paths)
    found = [(Path(fault.file).stem, fault.line, fault.field) for fault in refused.value.findings]
    assert found == [
        ("debtors", 2, "country"),
        ("debtors", 2, "name"),
        *(("invoices", line, name) for line in range(2, 7) for name in ("issued", "currency")),
    ]
    assert refused.value.count == 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_as_spreadsheets_write_it(connection: Connection, tmp_path: Path, encoding: str, sign: str) -> None:
    rows = [["Klantnr", "Naam", "Soort", "Land"], ["c1", "Café Müller", "Zakelijk", "nl"]]
    (tmp_path / "klanten.csv").write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    rows = [["Klantnummer", "Factuurnr.", "Factuurdatum", "Vervaldatum", "Bedrag", "Valuta"]]
    rows += [["c1", "F1", "1-9-2026", "01-10-2026", '"1.250,50"', "eur"], ["c1", "F2", "01-09-2026", "01-10-2026", '"12"', ""]]
    (tmp_path / "facturen.csv").write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    _import(connection, tmp_path, dates="DD-MM-YYYY")
    assert connection.execute(select(DEBTORS.c.name, DEBTORS.c.kind, DEBTORS.c.country)).one() == ("Café Müller", "b2b", "NL")
    found = connection.execute(select(INVOICES.c.amount, INVOICES.c.issued, INVOICES.c.currency).order_by(INVOICES.c.id)).all()
    assert found == [(D("1250.50"), date(2026, 9, 1), "EUR"), (D("12.00"), date(2026, 9, 1), "EUR")]


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [("1,250", ".", "1250"), ("1,250", ",", "1.25"), ("1 250,5", None, "1250.5"), ("1.250.000", ",", "1250000")],
)
def test_decimal_signs(connection: Connection, tmp_path: Path, text: str, decimal: str | None, amount: str) -> None:
    books.debtor(connection, 1)
    (path,) = written(tmp_path, invoices=f"debtor;number;issued;due;amount;currency\nc1;F1;2026-09-01;2026-10-01;{text};KWD\n")
    _import(connection, path, decimal=decimal)
    assert connection.execute(select(INVOICES.c.amount)).scalar_one() == D(amount)


def test_an_amount_that_may_mean_two_is_refused(connection: Connection, tmp_path: Path) -> None:
    books.debtor(connection, 1)
    (path,) = written(tmp_path, invoices="debtor;number;issued;due;amount\nc1;F1;2026-09-01;2026-10-01;1,250\n")
    with pytest.raises(ImportRefused) as refused:
        _import(connection, path)
    assert [(fault.code, fault.field) for fault in refused.value.findings] == [("bad-amount", "amount")]


def test_columns_of_your_own(connection: Connection, tmp_path: Path) -> None:
    books.debtor(connection, 1)
    (path,) = written(tmp_path, export="Rel,Nr,Uit,Voor,Som,Kleur\nc1,F1,2026-09-01,2026-10-01,5.00,rood\n")
    own = {"Rel": "debtor", "Nr": "number", "Uit": "issued", "Voor": "due", "Som": "amount"}
    assert _import(connection, path, columns=own, ignore=frozenset({"kleur"})) == {"invoices": 1}


def test_open_items_of_another_program(connection: Connection, tmp_path: Path) -> None:
    books.debtor(connection, 1)
    head = "debtor,number,issued,due,amount,open,paid_on,type,credits\n"
    rows = [
        "c1,C1,2026-09-05,,30.00,30.00,,381,F1\n",
        "c1,F1,2026-09-01,2026-10-01,100.00,70.00,2026-09-20,,\n",
        "c1,F2,2026-09-01,2026-10-01,50.00,0,2026-10-11,,\n",
    ]
    (path,) = written(tmp_path, open_items=head + "".join(rows))
    assert _import(connection, path) == {"credit_notes": 1, "invoices": 2, "allocated": 1}
    rows_of = connection.execute(
        select(INVOICES.c.number, INVOICES.c.open, INVOICES.c.stage, INVOICES.c.settled_on).order_by(INVOICES.c.number)
    ).all()
    assert rows_of == [
        ("C1", 0, "settled", date(2026, 9, 5)),
        ("F1", D("40.00"), "open", None),
        ("F2", 0, "settled", date(2026, 10, 11)),
    ]
    behaviour = connection.execute(select(DEBTORS.c.posted, DEBTORS.c.settled, DEBTORS.c.settled_late, DEBTORS.c.days_late)).one()
    assert behaviour == (2, 1, 1, 10)


def test_json_of_every_kind(connection: Connection, tmp_path: Path) -> None:
    address = {"street": "Dorpsstraat 1", "postcode": "1234 AB", "city": "Ons Dorp"}
    made = {
        "payments": [{"key": "b1", "booked": "2026-10-05", "amount": "25.00", "debtor": "c1"}],
        "invoices": [
            {
                "debtor": "c1",
                "number": "F1",
                "issued": "2026-09-01",
                "due": "2026-10-01",
                "amount": 20.50,
                "contract": {"interest": "10.5", "warned": True},
            },
            {"debtor": "c1", "number": "F2", "issued": "2026-09-01", "due": "2026-09-20", "amount": "20.50", "currency": None},
        ],
        "debtors": [
            {"key": "c1", "name": "Jansen", "kind": "b2b", "country": "NL", "address": address, "parent": "c0"},
            {"key": "c0", "name": "Groep", "kind": "b2b", "country": "NL"},
        ],
        "contacts": [{"debtor": "c1", "role": "cfo", "name": "Mw. Bos", "email": "cfo@jansen.example"}],
    }
    path = tmp_path / "all.json"
    path.write_text(json.dumps(made, indent=1), "utf-8")
    assert _import(connection, path, oldest=True) == {"debtors": 2, "contacts": 1, "invoices": 2, "payments": 1, "allocated": 2}
    rows = connection.execute(select(INVOICES.c.number, INVOICES.c.open, INVOICES.c.contract).order_by(INVOICES.c.number)).all()
    assert rows == [("F1", D("16.00"), {"interest": "10.5", "warned": True}), ("F2", 0, None)]
    assert connection.execute(select(CONTACTS.c.address).where(CONTACTS.c.role == "general")).scalar_one() == {**address, "country": "NL"}
    child, parent = (
        connection.execute(select(DEBTORS.c.parent_id).where(DEBTORS.c.key == "c1")).scalar_one(),
        select(DEBTORS.c.id).where(DEBTORS.c.key == "c0"),
    )
    assert child == connection.execute(parent).scalar_one()
    assert _import(connection, path) == {"same": 6}


def test_what_changed_is_changed_and_a_new_address_is_tried_again(connection: Connection, tmp_path: Path) -> None:
    (path,) = written(tmp_path, debtors=ledger_files.DEBTORS)
    _import(connection, path)
    connection.execute(CONTACTS.update().values(email_bounced_on=date(2026, 10, 1), phone_failed_on=date(2026, 10, 1)))
    (path,) = written(tmp_path, debtors=ledger_files.DEBTORS.replace("finance@", "ap@").replace("De Vries,b2c", "De Vries,b2b"))
    assert _import(connection, path) == {"changed": 1, "same": 1}
    row = connection.execute(select(CONTACTS.c.email, CONTACTS.c.email_bounced_on, CONTACTS.c.phone_failed_on)).one()
    assert row == ("ap@jansen.example", None, date(2026, 10, 1))


def test_a_score_that_falls_is_an_early_signal(connection: Connection, tmp_path: Path) -> None:
    for score, day in ((80, "2026-10-01"), (90, "2026-10-15"), (40, "2026-11-01")):
        (path,) = written(tmp_path, debtors=f"key,name,kind,country,score,scored_on\nc1,Jansen,b2b,NL,{score},{day}\n")
        _import(connection, path)
    assert connection.execute(select(DEBTORS.c.score, DEBTORS.c.scored_on)).one() == (40, date(2026, 11, 1))
    assert connection.execute(select(EVENTS.c.type)).scalars().all() == ["debtor.downgraded"]


def test_no_name_means_two_columns() -> None:
    for kind in KINDS:
        names = [plain(name) for column in columns(kind) for name in {plain(name) for name in (column.name, *column.aliases)}]
        assert len(names) == len(set(names)), kind


@pytest.mark.slow
def test_a_hundred_thousand_rows(connection: Connection, tmp_path: Path) -> None:
    books.debtor(connection, 1)
    (path,) = written(
        tmp_path,
        invoices="debtor,number,issued,due,amount\n" + "".join(f"c1,F{index},2026-09-01,2026-10-01,12.10\n" for index in range(100_000)),
    )
    began = monotonic()
    assert _import(connection, path) == {"invoices": 100_000}
    assert monotonic() - began < 30  # generous, where other programs run beside it; the evidence says 10


@pytest.mark.slow
def test_on_postgresql(postgres: str, tmp_path: Path) -> None:
    with books.books(postgres) as connection:
        books.creditor(connection)
        books.debtor(connection, 1, "first")
        assert _import(connection, *_good(tmp_path)) == {"debtors": 2, "invoices": 2, "payments": 2, "allocated": 1}
        assert _import(connection, *_good(tmp_path)) == {"same": 6}
        books.invoice(connection, books.debtor(connection, 1, "last"), "F9")
        assert check_ledger(connection) == []
        (path,) = written(tmp_path, debtors="key,name,kind,country\nc1,X,b2b,XX\n")
        with pytest.raises(ImportRefused):
            _import(connection, path)
        assert connection.execute(select(func.count()).select_from(PAYMENTS)).scalar_one() == 2
