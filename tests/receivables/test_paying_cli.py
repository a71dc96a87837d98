"""The verbs mandate, debit and paylink: what is done by them is in the database, files are whole, nothing leaves before mode live."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select, update

from einvoice.cli import main
from einvoice.cli.receivables import common
from einvoice.database import connect
from einvoice.outbox import mode
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.store.tables import COLLECTIONS, INVOICES, MANDATES
from einvoice.settings import current
from tests.receivables import books
from tests.receivables.paying_worlds import database

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ADD = ("mandate", "add", "M1", "--debtor", "c1", "--account", "NL91 ABNA 0417 1643 00", "--signed", "2026-09-01", "--source", "paper")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with its database, a creditor, a debtor and an invoice; the clock stands still."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    monkeypatch.setenv("EINVOICE_RECEIVABLES_PRINT_FOLDER", str(tmp_path / "letters"))
    monkeypatch.setenv("EINVOICE_HOOKS_URL", "https://pay.example")
    monkeypatch.setenv("EINVOICE_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("EINVOICE_SMTP_SENDER", "ar@acme.example")
    monkeypatch.setattr(common, "clock", lambda: NOW)
    current.cache_clear()
    with database(tmp_path) as engine, connect(engine) as connection:
        creditor = books.creditor(connection, iban="BE71096123456769", email="ar@acme.example")
        books.invoice(connection, books.debtor(connection, creditor, language="fr"), "F1", "121.00")
    return tmp_path


def cli(*words: str) -> tuple[int, str]:
    """Exit code and output of a verb."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["receivables", *words])
    return code, out.getvalue() + err.getvalue()


def _rows(here: Path, table: Any) -> list[Any]:
    from einvoice.database import open_database

    engine = open_database(f"sqlite:///{here / 'books.db'}")
    try:
        with connect(engine) as connection:
            return list(connection.execute(select(table).order_by(table.c.id)))
    finally:
        engine.dispose()


def _change(here: Path, *statements: Any, live: bool = False) -> None:
    from einvoice.database import open_database

    engine = open_database(f"sqlite:///{here / 'books.db'}")
    try:
        with connect(engine) as connection:
            for statement in statements:
                connection.execute(statement)
            if live:
                mode.set_live(connection, {}, mode.confirmation({}), NOW, "tests")
    finally:
        engine.dispose()


def test_a_mandate_is_kept_listed_and_cancelled(here: Path) -> None:
    code, text = cli(*ADD, "--format", "json")
    assert code == 0, text
    (listed,) = json.loads(text)
    assert (listed["iban"], listed["holder"], listed["scheme"], listed["debtor"]) == ("NL91ABNA0417164300", "Customer c1", "CORE", "c1")
    assert cli(*ADD)[0] == 0
    assert cli("mandate", "cancel", "M1")[0] == 0
    assert [row.state for row in _rows(here, MANDATES)] == ["cancelled"]


@pytest.mark.parametrize(
    "words", [("mandate", "add"), ("mandate", "add", "M1"), ("mandate", "cancel", "none"), ("mandate", "import", "no.csv")]
)
def test_what_is_lacking_is_an_error(here: Path, words: tuple[str, ...]) -> None:
    assert cli(*words)[0] == 2
    assert _rows(here, MANDATES) == []


def test_mandates_from_a_file_are_all_or_none(here: Path) -> None:
    head = "debtor;reference;iban;signed;scheme;recurrent\n"
    good = "c1;M1;NL91ABNA0417164300;2026-09-01;core;yes\nc1;M2;DE89370400440532013000;2026-09-02;;no\n"
    (here / "good.csv").write_text(head + good, "utf-8")
    (here / "bad.csv").write_text(head + good + "c9;M3;DE89370400440532013001;2026-09-02;;\n", "utf-8")
    assert cli("mandate", "import", "bad.csv")[0] == 2
    assert _rows(here, MANDATES) == []
    for _ in range(2):
        assert cli("mandate", "import", "good.csv")[0] == 0
    assert [(row.reference, row.scheme, row.recurrent) for row in _rows(here, MANDATES)] == [("M1", "CORE", True), ("M2", "CORE", False)]


@pytest.mark.parametrize(
    "text",
    ["", "debtor,reference\nc1,M1\n", "debtor,reference,iban,signed,x\n", "debtor,reference,iban,signed\nc1,M1\n", "\xff\xfe", 'a,"b\n'],
)
def test_what_is_no_file_of_mandates_is_refused(here: Path, text: str) -> None:
    (here / "m.csv").write_bytes(text.encode("latin-1"))
    assert cli("mandate", "import", "m.csv")[0] == 2


def _ready(here: Path) -> None:
    assert cli("creditor", "set", "acme", "--sepa-id", "NL08 ZZZ 502057730000", "--city", "Gent")[0] == 0
    assert cli(*ADD)[0] == 0


def test_before_mode_live_it_only_shows(here: Path) -> None:
    _ready(here)
    code, text = cli("debit", "plan", "--format", "json")
    assert code == 0, text
    assert json.loads(text) == {
        "collections": [{"due": "2026-11-17", "amount": "121.00", "sequence": "RCUR", "debtor": "c1", "invoices": 1}],
        "left": {},
    }
    assert cli("debit", "announce")[0] == 2
    assert cli("debit", "export")[0] == 2
    assert (_rows(here, COLLECTIONS), _rows(here, OUTBOX)) == ([], [])


def test_from_announcement_to_file_and_report(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ready(here)
    _change(here, live=True)
    assert cli("debit", "announce")[0] == 0
    assert cli("debit", "announce")[0] == 0
    assert [(row.owner, row.channel) for row in _rows(here, OUTBOX)] == [("debits", "email")]
    _change(here, update(COLLECTIONS).values(state="announced", announced_on=NOW.date()))
    monkeypatch.setattr(common, "clock", lambda: NOW + timedelta(days=10))
    code, text = cli("debit", "export", "--out", "bank")
    assert code == 0, text
    (path,) = (here / "bank").iterdir()
    data = path.read_bytes()
    path.unlink()
    assert cli("debit", "export", "--out", "bank")[0] == 0
    assert path.read_bytes() == data
    assert cli("debit", "export", "--out", "again", "--file", path.stem)[0] == 0
    assert (here / "again" / path.name).read_bytes() == data
    path.write_bytes(b"other")
    assert cli("debit", "export", "--out", "bank")[0] == 2
    (row,) = _rows(here, COLLECTIONS)
    assert cli("debit", "cancel", str(row.id))[0] == 2  # it is at the bank
    root = etree.fromstring(data)
    ref = root.findtext(".//{*}EndToEndId")
    report = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlPmtInfAndSts><TxInfAndSts>'
        f"<OrgnlEndToEndId>{ref}</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
    (here / "pain002.xml").write_text(report, "utf-8")
    assert cli("debit", "report", "pain002.xml") == (0, "1 collections were refused\n")
    assert [row.state for row in _rows(here, COLLECTIONS)] == ["cancelled"]


def test_a_planned_collection_is_cancelled_by_a_person(here: Path) -> None:
    _ready(here)
    _change(here, live=True)
    cli("debit", "announce")
    (row,) = _rows(here, COLLECTIONS)
    assert cli("debit", "cancel", str(row.id))[0] == 0
    assert [(row.state, row.reason) for row in _rows(here, COLLECTIONS)] == [("cancelled", "PERSON")]
    assert cli("debit", "cancel")[0] == 2
    assert cli("debit", "cancel", "99")[0] == 2


def test_a_link_to_pay(here: Path) -> None:
    code, text = cli("paylink", "F1", "--format", "json")
    assert code == 0, text
    made = json.loads(text)
    assert made["url"].startswith("https://pay.example/pay/")
    assert (made["amount"], made["currency"]) == ("121.00", "EUR")
    assert json.loads(cli("paylink", "F1", "--format", "json")[1]) == made
    assert json.loads(cli("paylink", "F1", "--language", "nl", "--format", "json")[1])["url"] != made["url"]
    assert cli("paylink", "none")[0] == 2


def test_without_an_address_there_is_no_link(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EINVOICE_HOOKS_URL")
    current.cache_clear()
    assert cli("paylink", "F1")[0] == 2


@pytest.mark.parametrize("text", ["BE71", "NL08ZZZ502057730001"])
def test_a_wrong_creditor_identifier_is_refused(here: Path, text: str) -> None:
    assert cli("creditor", "set", "acme", "--sepa-id", text)[0] == 2


def test_invoices_of_two_currencies_have_no_common_link(here: Path) -> None:
    _change(here, update(INVOICES).values(currency="EUR"))
    from einvoice.database import open_database

    engine = open_database(f"sqlite:///{here / 'books.db'}")
    with connect(engine) as connection:
        books.invoice(connection, 1, "F2", "10.00", currency="USD")
    engine.dispose()
    assert cli("paylink", "F1", "F2")[0] == 2
