"""The verbs statement, export, dossier and handover as they are called, and the page about them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import update

from einvoice.cli import main
from einvoice.cli.receivables import VERBS
from einvoice.database import connect, open_database
from einvoice.formats.structure import others
from einvoice.receivables.store.tables import CONTACTS, DEBTORS
from einvoice.settings import current
from tests.receivables import books
from tests.receivables.handover_world import ADDRESS, manifest, unzipped
from tests.receivables.letters import written
from tests.receivables.run_world import migrated

PAGE = (Path(__file__).parents[2] / "docs" / "handover.md").read_text("utf-8")
Called = Callable[..., str]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Called:
    """Runs a verb in a folder with books of a creditor and a debtor, and gives what it prints."""
    (tmp_path / "einvoice.db").write_bytes(migrated())
    engine = open_database(f"sqlite:///{tmp_path}/einvoice.db")
    with connect(engine) as connection:
        address: dict[str, Any] = {"iban": "BE71096123456769", "email": "ar@acme.example", "address": ADDRESS, "legal_id": "12345678"}
        debtor = books.debtor(connection, books.creditor(connection, **address), "1001")
        connection.execute(update(CONTACTS).values(address=ADDRESS))
        books.invoice(connection, debtor, "F1", "121.00")
        due = date(2026, 10, 31) + timedelta(days=7)
        books.invoice(connection, debtor, "2026-0017", "80.00", due=due)
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path}/einvoice.db")
    current.cache_clear()

    def called(*words: str, code: int = 0) -> str:
        assert main(["receivables", *words]) == code
        ran = capsys.readouterr()
        return ran.out if code == 0 else ran.err

    return called


def test_a_statement_in_every_format(call: Called, tmp_path: Path) -> None:
    text = call("statement", "1001", "--until", "2026-12-31")
    assert "F1" in text
    assert "201.00" in text
    told: Any = json.loads(call("statement", "1001", "--until", "2026-12-31", "--format", "json"))
    assert [(one["currency"], one["closing"]) for one in told["accounts"]] == [("EUR", "201.00")]
    root = etree.fromstring(call("statement", "1001", "--format", "xml", "--until", "2026-12-31").encode())
    assert others.check(root) == ()
    call("statement", "1001", "--format", "pdf", "-o", "s.pdf")
    assert "F1" in written((tmp_path / "s.pdf").read_bytes())


def test_what_cannot_be_stated_is_2(call: Called) -> None:
    assert "1002" in call("statement", "1002", code=2)
    assert "USD" in call("statement", "1001", "--currency", "USD", code=2)
    assert call("statement", "1001", "-o", "nowhere/s.txt", code=2)
    assert call("statement", "1001", "--since", "2027-01-01", "--until", "2026-01-01", code=2)


def test_exports(call: Called, tmp_path: Path) -> None:
    root = etree.fromstring(call("export", "reminder", "1001", "--invoice", "F1").encode())
    assert others.check(root) == ()
    assert root.findtext(".//{*}PayableAmount") == "121.00"
    assert call("export", "einvoice", "1001", code=2)
    engine = open_database(f"sqlite:///{tmp_path}/einvoice.db")
    with connect(engine) as connection:
        connection.execute(update(DEBTORS).values(country="NO", legal_id="987654325"))
    engine.dispose()
    assert "REM" not in call("export", "einvoice", "1001")


def test_a_dossier_to_look_at_is_not_kept(call: Called, tmp_path: Path) -> None:
    told = json.loads(call("dossier", "1001", "--invoice", "F1", "-o", "d.zip", "--language", "fr", "--format", "json"))
    found = manifest(unzipped((tmp_path / "d.zip").read_bytes()))
    assert (found["language"], [one["number"] for one in found["invoices"]]) == ("fr", ["F1"])
    assert len(told["missing"]) == 1
    assert "missing" in call("dossier", "1001")
    assert len(list(tmp_path.glob("dossier-1001-*.zip"))) == 1
    assert json.loads(call("handover", "list", "--format", "json")) == []
    assert call("handover", "file", "7", code=2)


def test_the_commands_of_the_page_run(call: Called) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.strip().splitlines():
        words = shlex.split(line)
        assert words[:2] == ["einvoice", "receivables"]
        call(*words[2:])


def test_the_program_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(program, "handover.md", "exec"), {})  # noqa: S102 - it is our own page
    assert "121.00 dossier-1001-2026-11-30.zip" in capsys.readouterr().out


def test_the_page_names_every_verb_and_chapter() -> None:
    from einvoice.receivables.handover.words import CHAPTERS

    for word in ("statement", "export", "dossier", "handover"):
        assert word in VERBS
        assert f"`einvoice receivables {word}`" in PAGE
    assert all(chapter in PAGE for chapter in CHAPTERS)
