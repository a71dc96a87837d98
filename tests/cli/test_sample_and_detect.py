"""`einvoice sample` and `einvoice detect`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einvoice.calculation import recalculate
from einvoice.formats import structure
from einvoice.formats.detect import detect
from einvoice.formats.guard import parse
from einvoice.formats.reader import read
from einvoice.samples import sample
from tests.cli.conftest import Run


@pytest.mark.parametrize("syntax", ["ubl", "cii"])
@pytest.mark.parametrize("kind", ["", "--credit-note"])
@pytest.mark.parametrize("profile", [None, "en16931", "peppol", "xrechnung", "nlcius"])
def test_the_sample_is_structure_valid_and_complete(run: Run, tmp_path: Path, syntax: str, kind: str, profile: str | None) -> None:
    path = tmp_path / "out" / "sample.xml"
    named = f"--profile {profile}" if profile else ""
    assert run(*f"sample --syntax {syntax} {kind} {named} -o {path}".split()).code == 0
    assert structure.check(parse(path).root) == ()
    assert detect(path).profile == (profile or ("peppol" if syntax == "ubl" else "en16931"))
    own = sample(credit_note=bool(kind))
    assert read(path).model_copy(update={"process": None}) == own.model_copy(update={"process": None})
    assert read(path).unread == ()


@pytest.mark.parametrize(
    ("profile", "lines"), [("facturx-minimum", 0), ("facturx-basicwl", 0), ("facturx-basic", 4), ("facturx-en16931", 4)]
)
def test_the_sample_at_a_level_has_what_the_level_has(run: Run, tmp_path: Path, profile: str, lines: int) -> None:
    path = tmp_path / "sample.xml"
    assert run("sample", "--syntax", "cii", "--profile", profile, "-o", path).code == 0
    assert structure.check(parse(path).root) == ()
    assert len(read(path).lines) == lines


@pytest.mark.parametrize("credit_note", [False, True])
def test_the_sample_adds_up(credit_note: bool) -> None:
    assert recalculate(sample(credit_note=credit_note)).differences == ()


def test_a_file_that_is_there_is_replaced_only_with_force(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "sample.xml"
    path.write_text("mine", "utf-8")
    assert run("sample", "-o", path).code == 2
    assert path.read_text("utf-8") == "mine"
    assert run("sample", "-o", path, "--force").code == 0
    assert [item.name for item in tmp_path.iterdir()] == ["sample.xml"]


def test_detect_says_what_each_file_is(run: Run, folder: Path) -> None:
    ran = run("detect", folder, folder / "notes.txt", "--format", "jsonl")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 2
    assert [(row.get("syntax"), row.get("document"), row.get("profile")) for row in rows] == [
        ("ubl", "ubl-invoice", "peppol"),
        ("ubl", "ubl-invoice", "peppol"),
        ("cii", "cii", "peppol"),
        (None, None, None),
    ]
    assert rows[-1]["error"]


def test_detect_speaks_text_too(run: Run, folder: Path) -> None:
    ran = run("detect", folder / "a.xml")
    assert ran.code == 0
    assert "UBL invoice, Peppol BIS Billing 3.0" in ran.out
