"""`einvoice write` and `einvoice calculate`: from a draft to a document, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einvoice.formats.detect import detect
from einvoice.formats.reader import read
from einvoice.samples import sample
from tests.cli.conftest import Run

LINE = {"quantity": 3, "unit_code": "C62", "item": {"name": "Bread"}, "price": {"net": "3.50"}, "vat": {"category_code": "S", "rate": 6}}
DRAFT = {
    "number": "7",
    "issue_date": "2026-11-30",
    "type_code": "380",
    "currency_code": "EUR",
    "payment_terms": "30 days",
    "lines": [LINE],
    "seller": {"name": "A", "address": {"country_code": "BE"}},
    "buyer": {"name": "B", "address": {"country_code": "BE"}},
}


def draft(**more: object) -> bytes:
    return json.dumps({**DRAFT, **more}, indent=1).encode()


def test_a_draft_becomes_an_invoice(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    assert run("write", "-", "-o", path, stdin=draft()).code == 0
    invoice = read(path)
    assert invoice.totals
    assert str(invoice.totals.amount_due) == "11.13"
    assert detect(path).profile == "en16931"


@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_syntax_and_profile_are_those_asked_for(run: Run, tmp_path: Path, syntax: str) -> None:
    path = tmp_path / "a.xml"
    assert run("write", "-", "--syntax", syntax, "--profile", "xrechnung", "-o", path, stdin=draft()).code == 0
    found = detect(path)
    assert (found.syntax, found.profile) == (syntax, "xrechnung")


def test_a_draft_keeps_its_own_specification(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    shown = run("show", "--sample", "--format", "json").out
    assert run("write", "-", "-o", path, stdin=shown.encode()).code == 0
    assert read(path) == sample()


def test_prices_may_include_vat(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    assert run("write", "-", "--prices", "gross", "-o", path, stdin=draft()).code == 0
    totals = read(path).totals
    assert totals
    assert str(totals.amount_due) == "10.50"


def test_a_contradiction_is_1_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    ran = run("write", "-", "-o", path, stdin=draft(totals={"amount_due": "12"}))
    assert ran.code == 1
    assert all(part in ran.err for part in ("standard input:", "BT-115", "12", "11.13", "0.87"))
    assert not path.exists()


def test_what_is_missing_is_1_with_its_term(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    ran = run("write", "-", "-o", path, stdin=draft(issue_date=None))
    assert ran.code == 1
    assert "BT-2" in ran.err
    assert path.exists()


def test_faults_are_2_each_on_a_line(run: Run) -> None:
    ran = run("write", "-", stdin=draft(numbr="8", issue_date="tomorrow"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("standard input:") == 2


def test_several_invoices_need_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(draft(number="1/2"))
    (tmp_path / "b.json").write_bytes(draft(number="../b"))
    both = [tmp_path / "a.json", tmp_path / "b.json"]
    assert run("write", *both).code == 2
    assert run("write", *both, "-o", f"{tmp_path}/out/").code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1_2.xml", "_b.xml"]
    assert run("write", *both, "-o", tmp_path / "out").code == 2


def test_two_of_one_name_do_not_replace_each_other(run: Run, tmp_path: Path) -> None:
    twice = json.dumps([DRAFT, DRAFT]).encode()
    assert run("write", "-", "-o", f"{tmp_path}/out/", "--force", stdin=twice).code == 2


def test_calculate_gives_the_steps(run: Run) -> None:
    ran = run("calculate", "-", "--format", "json", stdin=draft())
    (row,) = json.loads(ran.out)
    assert ran.code == 0
    assert [(step["term"], step["value"]) for step in row["steps"]][-1] == ("BT-115", "11.13")
    assert row["invoice"]["totals"]["amount_due"] == "11.13"


def test_calculate_verifies_a_document_and_names_every_difference(run: Run, folder: Path) -> None:
    assert run("calculate", folder / "a.xml").code == 0
    wrong = (folder / "a.xml").read_bytes().replace(b">1000.00</cbc:Payable", b">999.00</cbc:Payable").replace(b">408.00<", b">407.00<")
    ran = run("calculate", "-", "--format", "json", stdin=wrong)
    (row,) = json.loads(ran.out)
    assert ran.code == 1
    assert [fault["term"] for fault in row["contradictions"]] == ["BT-131", "BT-115"]


def test_calculate_says_what_it_lacks(run: Run) -> None:
    ran = run("calculate", "-", stdin=draft(currency_code=None))
    assert ran.code == 1
    assert "BT-5" in ran.out
