"""`einvoice receivables policy`: show, --init, check, simulate, and what each ends with."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from einvoice import settings
from einvoice.database import connect
from einvoice.receivables.policy import default
from einvoice.receivables.policy.checking import CODES
from einvoice.receivables.policy.vocabulary import VARIABLES
from tests.cli.conftest import Run
from tests.cli.conftest import run as _run
from tests.cli.documented import DOCS, rendered
from tests.receivables import books
from tests.receivables.policy_broken import SOUND

run = _run  # the fixture of the command line's tests


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings and no database but those of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    settings.current.cache_clear()


@pytest.fixture
def customers(tmp_path: Path) -> None:
    """Two Dutch customers with invoices due on Tuesday 2026-11-03; for the dollars of one there is no rate."""
    with books.database(tmp_path) as engine, connect(engine) as connection:
        creditor = books.creditor(connection)
        dates = {"issued": date(2026, 10, 3), "due": date(2026, 11, 3)}
        large = books.debtor(connection, creditor, "large", size="large")
        books.invoice(connection, large, "L1", "900.00", **dates)
        books.invoice(connection, large, "L2", "100.00", **dates)
        books.invoice(connection, books.debtor(connection, creditor, "dollars", size="large"), "D1", "900.00", currency="USD", **dates)


def test_show_is_ours_without_a_name(run: Run) -> None:
    shown = run("receivables", "policy", "show")
    assert shown.code == 0
    assert default().hash in shown.out
    made = json.loads(run("receivables", "policy", "show", "--format", "json").out)
    assert made["hash"] == default().hash
    assert len(made["flows"]) == 10


def test_show_writes_a_page(run: Run, tmp_path: Path) -> None:
    assert run("receivables", "policy", "show", "--format", "html", "--language", "nl", "-o", "p.html").code == 0
    assert '<html lang="nl">' in (tmp_path / "p.html").read_text("utf-8")
    assert run("receivables", "policy", "show", "--format", "html", "-o", "p.html").code == 2
    assert run("receivables", "policy", "show", "--format", "html", "-o", "p.html", "--force").code == 0


def test_init_never_writes_over_a_file(run: Run, tmp_path: Path) -> None:
    assert run("receivables", "policy", "show", "--init", "mine.yaml").code == 0
    assert (tmp_path / "mine.yaml").read_text("utf-8") == default().text
    (tmp_path / "mine.yaml").write_text("mine", "utf-8")
    again = run("receivables", "policy", "show", "--init", "mine.yaml")
    assert again.code == 2
    assert "mine.yaml" in again.err
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "mine"
    assert run("receivables", "policy", "show", "--init", "none/mine.yaml").code == 2


def test_the_settings_name_the_policy(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text(SOUND, "utf-8")
    monkeypatch.setenv("EINVOICE_RECEIVABLES_POLICY", "mine.yaml")
    settings.current.cache_clear()
    assert json.loads(run("receivables", "policy", "show", "--format", "json").out)["name"] == "sound"


def test_check_names_place_and_mend(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SOUND, "utf-8")
    assert run("receivables", "policy", "check", "mine.yaml").code == 0
    path.write_text(SOUND.replace("offset: 7", "ofset: 7"), "utf-8")
    wrong = run("receivables", "policy", "check", "mine.yaml")
    assert wrong.code == 1
    assert wrong.out.startswith("mine.yaml:21: ")
    path.write_text(SOUND.replace("debtor.open > 500", "party.kind == 'b2c'"), "utf-8")
    found = json.loads(run("receivables", "policy", "check", "mine.yaml", "--format", "json").out)
    assert [(each["code"], each["file"], each["line"], each["path"]) for each in found] == [
        ("contradiction", "mine.yaml", 16, "segments[0].when")
    ]
    assert all(each["mend"] for each in found)


def test_a_policy_with_faults_is_not_shown_and_an_absent_one_neither(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("version: 1\n", "utf-8")
    shown = run("receivables", "policy", "show", "mine.yaml")
    assert (shown.code, shown.out) == (2, "")
    assert "mine.yaml:1: " in shown.err
    absent = run("receivables", "policy", "check", "none.yaml")
    assert absent.code == 2
    assert "none.yaml" in absent.err


@pytest.mark.usefixtures("customers")
def test_simulate_tells_what_would_go_out_and_what_is_held(run: Run) -> None:
    made = run("receivables", "policy", "simulate", "--as-of", "2026-11-03")
    assert made.code == 0
    for part in ("large", "L1, L2", "1,000.00 EUR", "b2b_large", "party.size = large", "dollars held", "D1", "USD"):
        assert part in made.out
    (day,) = json.loads(run("receivables", "policy", "simulate", "--as-of", "2026-11-03", "--format", "json").out)["days"]
    assert [(each["debtor_key"], each["step"], each["flow"]) for each in day["actions"]] == [("large", "r1", "b2b_large")]
    assert [(each["debtor_key"], [note["code"] for note in each["notes"]]) for each in day["held"]] == [("dollars", ["no-rate"])]


@pytest.mark.usefixtures("customers")
def test_simulate_goes_on_day_after_day(run: Run) -> None:
    made = json.loads(run("receivables", "policy", "simulate", "--as-of", "2026-10-30", "--days", "50", "--format", "json").out)
    steps = [(day["day"], each["step"]) for day in made["days"] for each in day["actions"]]
    assert steps == [("2026-11-02", "pre"), ("2026-11-03", "r1"), ("2026-11-13", "r2"), ("2026-11-23", "r3"), ("2026-12-03", "r4")]


@pytest.mark.usefixtures("customers")
def test_simulate_writes_nothing(run: Run, tmp_path: Path) -> None:
    before = (tmp_path / "books.db").read_bytes()
    run("receivables", "policy", "simulate", "--as-of", "2026-11-03", "--days", "5")
    assert (tmp_path / "books.db").read_bytes() == before


def test_simulate_without_a_database_says_its_mend(run: Run) -> None:
    made = run("receivables", "policy", "simulate", "--as-of", "2026-11-03")
    assert made.code == 2
    assert made.err


@pytest.mark.parametrize("wrong", [("--as-of", "2026-13-01"), ("--days", "0"), ("--days", "many")])
def test_a_wrong_option_is_told(run: Run, wrong: tuple[str, str]) -> None:
    assert run("receivables", "policy", "simulate", *wrong).code == 2


def test_the_page_of_the_documentation_is_what_the_commands_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EINVOICE_DATABASE_URL")
    page = (DOCS / "policy.md").read_text("utf-8")
    assert rendered(page) == page
    assert all(f"| `{name}` |" in page for name in VARIABLES)
    assert {f"`{code}`" for code in CODES} <= set(re.findall(r"`[a-z-]+`", page))
