"""The pages about payment links and direct debit: their commands run, and they name every state there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from sqlalchemy import Engine

from einvoice.cli import main
from einvoice.cli.receivables import common
from einvoice.database import connect
from einvoice.receivables.paying.checkouts import LIVE as LIVE_CHECKOUTS
from einvoice.receivables.paying.mandates import LIVE
from einvoice.settings import current
from tests.receivables import books
from tests.receivables.paying_worlds import NOW, database

DOCS = Path(__file__).parents[2] / "docs"
DEBITS = (DOCS / "direct-debit.md").read_text("utf-8")
LINKS = (DOCS / "payment-links.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a creditor, two debtors and an invoice, as the pages have them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    monkeypatch.setenv("EINVOICE_HOOKS_URL", "https://pay.example.com")
    monkeypatch.setattr(common, "clock", lambda: NOW)
    current.cache_clear()
    with database(tmp_path) as engine:
        _fill(engine)
    return tmp_path


def _fill(engine: Engine) -> None:
    with connect(engine) as connection:
        creditor = books.creditor(connection, iban="BE71096123456769", email="ar@acme.example")
        books.invoice(connection, books.debtor(connection, creditor, "1001"), "2026-0017", "121.00")
        books.debtor(connection, creditor, "1002", kind="b2c")


def _commands(page: str) -> list[list[str]]:
    found = re.findall(r"^\$ einvoice (receivables .*)$", page, re.MULTILINE)
    return [shlex.split(line) for line in found]


def test_the_commands_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (csv,) = re.findall(r"```csv\n(.*?)```", DEBITS, re.DOTALL)
    (here / "mandates.csv").write_text(csv, "utf-8")
    report = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt/></Document>'
    (here / "pain002.xml").write_text(report, "utf-8")
    ran = [words for words in (*_commands(DEBITS), *_commands(LINKS)) if words[1] != "run"]
    assert len(ran) == 9
    for words in ran:
        if words[1:3] == ["mode", "live"]:
            main(words)
            word = re.search(r"--confirm (\S+)", "".join(capsys.readouterr())) or [None, ""]
            words = [*words, "--confirm", str(word[1])]
        assert main(words) == 0, (words, capsys.readouterr())
    assert main(["receivables", "mandate", "import", "mandates.csv"]) == 0


def test_they_name_every_state() -> None:
    assert {*LIVE, "collected", "returned", "cancelled"} <= set(re.findall(r"`(\w+)`", DEBITS))
    states = {*LIVE_CHECKOUTS, "paid", "failed", "expired", "refunded", "charged_back"} - {"asked"}
    assert states <= set(re.findall(r"`(\w+)`", LINKS))
