"""`einvoice show`: every value of an invoice is on its page, in four languages, and nothing on it commands a terminal."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from einvoice import paths
from einvoice.cli.layout import Column, beside, pairs, table
from einvoice.cli.page import page
from einvoice.formats.reader import read
from einvoice.model import Invoice, Note
from einvoice.rendering.values import clean
from einvoice.samples import sample
from tests.cli.conftest import Run
from tests.corpora import cases

ELSEWHERE = {"BT-125", "BT-130", "BT-150"}  # an attachment is shown by its size, a unit by its sign


def squeezed(value: str) -> str:
    return re.sub(r"\s+", "", value)


def text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def absent(invoice: Invoice) -> list[tuple[str, str]]:
    """The values that the page does not have, wherever its lines break."""
    columns = ["".join(line.text[start:end] for line in page(invoice)) for start, end in ((0, 200), (0, 50), (50, 100))]
    printed = [squeezed(column) for column in columns]
    made = [(paths.text(path), squeezed(text(value))) for path, term, value in paths.values(invoice) if is_shown(term, value)]
    return [(path, value) for path, value in made if not any(value in column for column in printed)]


def is_shown(term: str | None, value: object) -> bool:
    """Whether the value stands on the page as it is; a price for 1 is a price."""
    return term not in ELSEWHERE and (term, value) != ("BT-149", 1)


@pytest.mark.parametrize("credit_note", [False, True])
def test_every_value_of_the_sample_is_on_its_page(credit_note: bool) -> None:
    assert absent(sample(credit_note=credit_note)) == []


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_no_line_is_wider_than_the_page(language: str) -> None:
    for width in (72, 100):
        assert max(len(line.text) for line in page(sample(), language, width)) <= width


@pytest.mark.parametrize(("language", "term"), [("en", "Payment due date"), ("nl", "Vervaldatum"), ("de", "Käufer"), ("fr", "Facture")])
def test_terms_are_named_in_the_language(run: Run, language: str, term: str) -> None:
    assert term in run("show", "--sample", "--language", language).out


def test_control_characters_and_changes_of_direction_are_not_printed() -> None:
    assert clean("a\x9b31mb\u202ec") == "a\ufffd31mb\ufffdc"
    shown = "".join(line.text for line in page(Invoice(number="1\u202e2", notes=(Note(text="\x9b2J"),))))
    assert not re.search("[\x80-\x9f\u202e]", shown)


def test_what_is_unread_stands_at_the_end(run: Run, folder: Path) -> None:
    path = folder / "a.xml"
    path.write_bytes(path.read_bytes().replace(b"<cbc:IssueDate>", b"<cbc:CopyIndicator>true</cbc:CopyIndicator><cbc:IssueDate>", 1))
    assert re.search(r"CopyIndicator\s+true", run("show", path).out.split("────")[-1])
    assert "CopyIndicator" in run("show", path, "--format", "json").err
    (row,) = map(json.loads, run("show", path, "--format", "jsonl").out.splitlines())
    assert [item["value"] for item in row["unread"]] == ["true"]


def test_json_is_the_model_and_reads_back(run: Run) -> None:
    assert Invoice.model_validate_json(run("show", "--sample", "--format", "json").out) == sample()


def test_one_that_cannot_be_read_does_not_stop_the_others(run: Run, folder: Path) -> None:
    ran = run("show", folder / "notes.txt", folder / "a.xml", "--format", "jsonl")
    assert ran.code == 2
    assert [("error" in json.loads(line)) for line in ran.out.splitlines()] == [True, False]


def test_nothing_to_show_is_an_error(run: Run) -> None:
    assert run("show").code == 2


def test_every_value_of_published_invoices_is_on_its_page(corpora: Path) -> None:
    folders = [corpora / name for name in ("xr-testsuite", "peppol-examples", "zugferd", "nlcius", "cen-examples")]
    chosen = [case.path for folder in folders for case in cases(folder) if case.valid][::6]
    assert chosen
    lost = [(path.name, fault) for path in chosen for fault in absent(read(path)) if not is_prose(fault[1])]
    assert lost == []


def is_prose(value: str) -> bool:
    """A long text next to another column cannot be put together again from the lines of the page."""
    return len(value) > 24


def test_a_table_wraps_its_flexible_column() -> None:
    rows = table([Column("a"), Column("b", number=True)], [["word " * 20, "1"]], 40, flexible=0)
    assert all(len(line) <= 40 for row in rows for line in row)
    assert rows[1][0].endswith("1")


def test_pairs_align_and_long_values_stand_below() -> None:
    assert pairs([("a", "1"), ("long label", "2")], 40) == ["a           1", "long label  2"]
    assert pairs([("label", "x" * 50)], 60)[0] == "label  " + "x" * 50
    assert pairs([("label", "x" * 55)], 60) == ["label", "    " + "x" * 55]


def test_blocks_stand_beside_each_other() -> None:
    assert beside([["a", "b"], ["c"]], 8) == ["a   c", "b"]
