"""The verbs match and worklist."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.cli import main
from einvoice.database import connect, open_database
from einvoice.receivables.store.tables import BANK_LINES, INVOICES
from einvoice.settings import current
from tests.receivables import bank_files, books
from tests.receivables.test_matching_import import RF, owed, sent


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with its database, a debtor who owes two invoices, and a statement."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    current.cache_clear()
    with books.database(tmp_path) as engine, connect(engine) as connection:
        owed(connection)
    lines = [sent(1, "121.00", ref=RF), sent(2, "60.50", "for you", payer="Uncle"), sent(3, "5.00", payer="Nobody", day=3)]
    (tmp_path / "bank.xml").write_bytes(bank_files.camt(lines, 1, Decimal(0)))
    return tmp_path


def cli(*words: str) -> tuple[int, str]:
    """Exit code and output of a verb."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["receivables", *words])
    return code, out.getvalue() + err.getvalue()


def opens(folder: Path) -> list[Decimal]:
    """What is open of the invoices."""
    engine = open_database(f"sqlite:///{folder / 'books.db'}")
    with connect(engine) as connection:
        found = list(connection.scalars(select(INVOICES.c.open).order_by(INVOICES.c.id)))
    engine.dispose()
    return found


def test_a_file_is_tried_imported_and_known_again(folder: Path) -> None:
    code, text = cli("match", "bank.xml", "--dry-run", "--format", "json")
    assert (code, json.loads(text)["files"][0]["counts"]["matched"], opens(folder)) == (0, 1, [Decimal("121.00"), Decimal("60.50")])
    assert cli("match", "bank.xml")[0] == 0
    assert opens(folder) == [Decimal("0.00"), Decimal("60.50")]
    code, text = cli("match", "bank.xml", "--format", "json")
    assert (code, json.loads(text)["files"][0]["new"]) == (0, False)


def test_a_file_that_is_cut_is_refused_and_the_others_are_kept(folder: Path) -> None:
    (folder / "cut.xml").write_bytes((folder / "bank.xml").read_bytes()[:700])
    code, text = cli("match", "cut.xml", "bank.xml")
    assert (code, "cut.xml" in text) == (1, True)
    assert opens(folder)[0] == 0


def test_a_person_settles_what_waits(folder: Path) -> None:
    cli("match", "bank.xml")
    code, text = cli("worklist", "list", "--format", "json")
    rows = json.loads(text)
    assert (code, [row["amount"] for row in rows]) == (0, ["60.50", "5.00"])
    assert cli("worklist", "assign", str(rows[0]["id"]), "2026-00018=60.50")[0] == 0
    assert cli("worklist", "ignore", str(rows[1]["id"]))[0] == 0
    assert opens(folder) == [Decimal("0.00"), Decimal("0.00")]
    assert json.loads(cli("worklist", "--format", "json")[1]) == []
    assert cli("worklist", "undo", str(rows[0]["id"]))[0] == 0
    assert opens(folder) == [Decimal("0.00"), Decimal("60.50")]
    take = json.loads(cli("worklist", "--format", "json")[1])[0]["proposals"][0]["take"]
    assert cli("worklist", "take", take)[0] == 0
    engine = open_database(f"sqlite:///{folder / 'books.db'}")
    with connect(engine) as connection:
        assert sorted(connection.scalars(select(BANK_LINES.c.state))) == ["done", "ignored", "matched"]
        assert set(connection.scalars(select(BANK_LINES.c.booked))) == {date(2026, 11, 2), date(2026, 11, 3)}
    engine.dispose()


@pytest.mark.parametrize(
    "words",
    [
        ("match", "absent.xml"),
        ("worklist", "take", "1"),
        ("worklist", "assign", "x", "2026-00018"),
        ("worklist", "assign", "2", "2026-00018=much"),
        ("worklist", "assign", "2", "none-such"),
        ("worklist", "undo", "99"),
    ],
)
def test_what_is_wrong_is_refused(words: tuple[str, ...], folder: Path) -> None:
    cli("match", "bank.xml")
    before = opens(folder)
    code, text = cli(*words)
    assert code == 2
    assert text
    assert opens(folder) == before
