"""The claim on the command line and from the ledger, line by line."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from einvoice.cli import main
from einvoice.cli.receivables import claim as verb
from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.law import load
from einvoice.receivables.law.booked import debt_of
from einvoice.receivables.law.claim import claim
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.store.tables import INVOICES
from einvoice.settings import current
from tests.cli.documented import DOCS, rendered
from tests.receivables.books import booking, books, creditor, debtor, invoice

GOLDEN = "--country NL --kind b2b --amount 10000 --due 2025-05-15 --until 2026-11-21"


def run(capsys: pytest.CaptureFixture[str], words: str) -> str:
    parser = ArgumentParser()
    verb.options(parser)
    assert verb.run(parser.parse_args(words.split())) == 0
    return capsys.readouterr().out


def values(capsys: pytest.CaptureFixture[str], words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, f"{words} --format json"))
    return found


def test_the_golden_claim_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = values(capsys, f"{GOLDEN} --creditor-deducts-vat no")
    assert [found[name] for name in ("principal", "interest", "costs", "vat", "total")] == [
        "10000.00",
        "1621.13",
        "875.00",
        "183.75",
        "12679.88",
    ]
    parts = [Decimal(line["amount"]) for line in found["lines"]]
    assert sum(parts[:-1]) == parts[-1] == Decimal("12679.88")
    assert [(line["days"], line["rate"]) for line in found["lines"] if line["what"] == "interest"] == [
        (46, "11.15"),
        (319, "10.15"),
        (46, "10.15"),
        (144, "10.40"),
    ]
    assert all(line["law"] and line["confidence"] for line in found["lines"][1:-1])
    assert found["rates"] == load().rates


def test_the_golden_claim_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, GOLDEN)
    assert "1,621.13" in text
    assert "12,496.13 EUR" in text


def test_payments_lower_the_principal(capsys: pytest.CaptureFixture[str]) -> None:
    found = values(
        capsys, "--country DE --kind b2b --amount 1000 --due 2026-01-31 --until 2026-06-30 --paid 2026-03-01=400 --paid 2027-01-01=1"
    )
    assert found["principal"] == "600.00"
    assert [(line["base"], line["days"]) for line in found["lines"] if line["what"] == "interest"] == [("1000.00", 29), ("600.00", 121)]


def test_what_the_law_wants_first_is_presumed_and_told_unless_strict(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--country BE --kind b2c --amount 215 --due 2026-01-31 --until 2026-06-30"
    presumed, strict = values(capsys, words), values(capsys, f"{words} --strict")
    assert (presumed["costs"], strict["costs"], strict["interest"]) == ("36.50", "0.00", "0.00")
    assert {note["code"] for note in presumed["notes"]} == {note["code"] for note in strict["notes"]} == {"notice-first", "not-agreed"}
    proved = values(capsys, f"{words} --strict --notice-received 2026-03-02 --contract-costs by_law --contract-interest 30")
    assert (proved["costs"], proved["interest"]) == ("36.50", "6.56")  # 106 days at 10.5 %
    assert "notes" not in proved or proved["notes"] == []


def test_an_unknown_country_claims_the_principal_only(capsys: pytest.CaptureFixture[str]) -> None:
    found = values(capsys, GOLDEN.replace("NL", "PL"))
    assert (found["total"], [note["code"] for note in found["notes"]]) == ("10000.00", ["unknown-country"])


@pytest.mark.parametrize(
    "words",
    [
        "--until 2026-11-21 --country NL",
        "--until 2026-06-30 --country NL --kind b2b --amount 10 --due 2026-01-31 --paid 2026-02-01=11",
    ],
)
def test_what_makes_no_claim_is_refused(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with pytest.raises(ReceivablesError):
        run(capsys, words)


@pytest.mark.parametrize("words", ["--amount 1,50", "--amount -3", "--due soon", "--paid 2026-01-01", "--until 31-12-2026"])
def test_a_bad_value_ends_with_2(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with pytest.raises(SystemExit) as end:
        run(capsys, f"{GOLDEN} {words}")
    assert end.value.code == 2


def test_the_ledger_gives_the_same_claim(tmp_path: Path) -> None:
    with books(tmp_path) as connection:
        acme = creditor(connection, deducts_vat=False)
        customer = debtor(connection, acme)
        made = invoice(connection, customer, amount="10000.00", issued=date(2025, 4, 15), due=date(2025, 5, 15))
        paid = PaymentIn("p1", Decimal("4000.00"), "EUR", date(2026, 1, 10), debtor=customer)
        ledger.post_payment(connection, acme, paid, booking(date(2026, 1, 10)), to=[(made, None)])
        country, debt = debt_of(connection, load(), acme, "F1", date(2026, 11, 21))
        found = claim(load(), country, debt)
        before = claim(load(), *debt_of(connection, load(), acme, "F1", date(2026, 1, 9)))
        with pytest.raises(ReceivablesError):
            debt_of(connection, load(), acme, "F2", date(2026, 11, 21))
    assert (found.principal, found.costs, found.vat) == (Decimal("6000.00"), Decimal("675.00"), Decimal("141.75"))
    assert before.principal == Decimal("10000.00")
    assert [line.base for line in found.lines if line.what == "interest"][:2] == [Decimal(10000), Decimal(10000)]
    assert Decimal("1100.00") < found.interest < Decimal("1621.13")


def test_the_ledger_s_notice_opens_the_costs(tmp_path: Path) -> None:
    with books(tmp_path) as connection:
        acme = creditor(connection)
        made = invoice(connection, debtor(connection, acme, kind="b2c"), amount="1000.00")
        found = []
        for notice in (None, "be-free-reminder", "nl-14-day-letter"):
            given = {"notice": notice, "notice_on": date(2026, 11, 10) if notice else None}
            connection.execute(INVOICES.update().where(INVOICES.c.id == made).values(given))
            found.append(claim(load(), *debt_of(connection, load(), acme, "F1", date(2026, 11, 25))).costs)
    assert found == [0, 0, Decimal("150.00")]


@pytest.mark.skipif(os.name == "nt", reason="the sessions are of a POSIX shell")
def test_the_page_says_what_the_command_prints() -> None:
    page = (DOCS / "law.md").read_text("utf-8")
    assert "$ einvoice receivables claim" in page
    assert rendered(page) == page


def test_the_page_names_every_country_and_notice() -> None:
    page = (DOCS / "law.md").read_text("utf-8")
    packs = load().packs.values()
    notices = {debtors.notice.id for pack in packs for debtors in pack.debtors.values() if debtors.notice}
    assert all(f"| {pack.country} |" in page for pack in packs)
    assert all(f"`{notice}`" in page for notice in notices)


def test_an_invoice_of_the_ledger_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with books(tmp_path) as connection:
        invoice(connection, debtor(connection, creditor(connection)), amount="1000.00", issued=date(2026, 1, 1), due=date(2026, 1, 31))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    current.cache_clear()
    try:
        assert main(["receivables", "claim", "--invoice", "F1", "--until", "2026-06-30", "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["total"], found["costs"]) == ("1191.71", "150.00")
        assert main(["receivables", "claim", "--invoice", "F9", "--until", "2026-06-30"]) == 2
        assert "F9" in capsys.readouterr().err
    finally:
        current.cache_clear()
