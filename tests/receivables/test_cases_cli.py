"""The verbs about cases: what is done by them is in the database, what is wrong is refused and changes nothing."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from einvoice.cli import main
from einvoice.database import connect
from einvoice.settings import current
from tests.receivables import books

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with its database, a creditor, a debtor and two invoices."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    current.cache_clear()
    with books.database(tmp_path) as engine:
        _fill(engine)
    return tmp_path


def _fill(engine: Engine) -> None:
    with connect(engine) as connection:
        creditor = books.creditor(connection)
        debtor = books.debtor(connection, creditor)
        books.invoice(connection, debtor, "F1", "121.00")
        books.invoice(connection, debtor, "F2", "2000.00")


def cli(*words: str) -> tuple[int, str]:
    """Exit code and output of a verb."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["receivables", *words])
    return code, out.getvalue() + err.getvalue()


def listed(*words: str) -> list[dict[str, Any]]:
    """What a verb lists."""
    code, text = cli(*words, "--format", "json")
    assert code == 0, text
    found: list[dict[str, Any]] = json.loads(text)
    return found


def _ann() -> None:
    assert cli("people", "add", "ann", "--name", "Ann Peeters")[0] == 0


def test_people_come_and_go() -> None:
    _ann()
    assert cli("people", "add", "bob", "--name", "Bob", "--deputy", "ann", "--takes", "other,already_paid")[0] == 0
    rows = listed("people", "set", "ann", "--away", "2026-12-21..2027-01-04")
    assert [(row["key"], row["away_from"], row["deputy"], row["categories"]) for row in rows] == [
        ("ann", "2026-12-21", None, None),
        ("bob", None, "ann", ["other", "already_paid"]),
    ]
    assert [row["active"] for row in listed("people", "leave", "ann")] == [False, True]
    for wrong in (
        ("add", "bob", "--name", "B"),
        ("set", "eve"),
        ("set", "bob", "--away", "soon"),
        ("set", "bob", "--takes", "x"),
        ("add",),
    ):
        assert cli("people", *wrong)[0] == 2


def test_a_dispute_from_its_opening_to_the_credit_note() -> None:
    assert cli("dispute", "open", "F2", "--category", "other")[0] == 2  # nobody could own it
    _ann()
    opened = listed("dispute", "open", "F2", "--category", "price_not_as_agreed", "--amount", "200", "--key", "mail-1")
    assert [(row["number"], row["amount"], row["owner"], row["state"]) for row in opened] == [("F2", "200.00", "ann", "open")]
    assert len(listed("dispute", "open", "F2", "--category", "other", "--key", "mail-1")) == 1
    assert listed("dispute", "assign", "1", "--to", "ann")[0]["state"] == "assigned"
    assert listed("dispute", "wait", "1", "--for", "customer")[0]["state"] == "waiting_customer"
    assert cli("dispute", "credit", "1", "--number", "C1")[0] == 2  # not accepted yet
    assert listed("dispute", "accept", "1")[0]["state"] == "accepted"
    assert cli("dispute", "credit", "1")[0] == 2
    assert listed("dispute", "credit", "1", "--number", "C1") == []
    for verb in ("reject", "withdraw", "resume"):
        assert cli("dispute", verb, "1")[0] == 2
        assert cli("dispute", verb)[0] == 2
        assert cli("dispute", verb, "99")[0] == 2


@pytest.mark.parametrize("verb", ["reject", "withdraw", "resume"])
def test_a_dispute_ends_or_goes_on_beside(verb: str) -> None:
    _ann()
    listed("dispute", "open", "F1", "--category", "other")
    assert len(listed("dispute", verb, "1")) == (verb == "resume")


def test_a_promise_is_for_all_that_is_open_unless_told() -> None:
    day = str(TODAY + timedelta(5))
    assert [row["amount"] for row in listed("promise", "make", "F1", "--on", day)] == ["121.00"]
    assert len(listed("promise", "make", "F2", "--amount", "50", "--on", day)) == 2
    assert "121.00" in cli("promise", "list")[1]
    for wrong in (("F1", "--on", day), ("F9", "--on", day), ("F2",), ("F2", "--on", "friday"), ("--on", day)):
        assert cli("promise", "make", *wrong)[0] == 2


def test_instalments_from_a_quote_to_active() -> None:
    _ann()
    quoted = listed("instalments", "quote", "F2")
    assert len(quoted) == 6
    assert listed("instalments", "propose", "F2", "--by", "debtor") == quoted
    assert [row["state"] for row in listed("instalments", "list")] == ["proposed"]
    assert [row["kind"] for row in listed("task", "list")] == ["approve_plan"]
    assert "active" in cli("instalments", "approve", "1")[1]
    assert "cancelled" in cli("instalments", "cancel", "1")[1]
    terms = ("--term", f"{TODAY + timedelta(9)}=100.00", "--term", f"{TODAY + timedelta(39)}=21.00")
    assert cli("instalments", "propose", "F1", "--by", "debtor", *terms)[0] == 2  # a term below the least
    terms = ("--term", f"{TODAY + timedelta(9)}=90.00", "--term", f"{TODAY + timedelta(39)}=31.00")
    assert "approved" in cli("instalments", "propose", "F1", *terms)[1]
    assert "active" in cli("instalments", "activate", "2")[1]
    for wrong in (("show", "9"), ("show",), ("quote", "F9"), ("propose", "F1"), ("propose", "F2", "--term", "soon")):
        assert cli("instalments", *wrong)[0] == 2


def test_tasks_are_listed_and_done() -> None:
    _ann()
    cli("instalments", "propose", "F2", "--by", "debtor")
    assert len(listed("task", "list", "--owner", "ann")) == 1
    assert cli("task", "done", "1")[0] == 2
    assert cli("task", "done", "7", "--result", "x")[0] == 2
    assert listed("task", "done", "1", "--result", "looked at") == []
    assert cli("task", "done", "1", "--result", "again")[0] == 2


def test_what_is_written_off_can_be_taken_back() -> None:
    assert cli("writeoff", "F1", "--reason", "small", "--by", "ann")[0] == 2
    _ann()
    assert [row["stage"] for row in listed("writeoff", "F1", "--reason", "small", "--by", "ann")] == ["written_off"]
    assert cli("writeoff", "F1", "--reason", "small", "--by", "ann")[0] == 2
    assert [row["open"] for row in listed("writeoff", "F1", "--undo", "--reason", "it paid", "--by", "ann")] == ["121.00"]
    assert [row["open"] for row in listed("writeoff", "F1", "--amount", "1", "--reason", "small", "--by", "ann")] == ["120.00"]
