"""`einvoice check`: verdicts, exit codes, the line of JSON that other programs read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.report import Finding, Layer, Severity
from tests.cli.conftest import Run

UBL = {"syntax": "ubl-invoice", "profile": "peppol"}


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_sound_structure_is_not_judged_and_2(run: Run, folder: Path) -> None:
    ran = run("check", folder / "a.xml", "--format", "jsonl")
    assert ran.code == 2
    (row,) = rows(ran.out)
    assert row["verdict"] == "not judged"
    assert {name: row[name] for name in UBL} == UBL
    assert list(row["layers"]) == ["structure", "en16931", "peppol"]  # type: ignore[call-overload]


def test_the_line_of_json_has_the_agreed_members(run: Run, folder: Path) -> None:
    (row,) = rows(run("check", folder / "b.xml", "--format", "jsonl").out)
    assert list(row) == ["file", "syntax", "profile", "verdict", "layers"]
    assert row["file"] == str(folder / "b.xml")
    assert row["layers"] == {
        "structure": {"version": "UBL 2.1", "verdict": "invalid", "fatal": {"structure-value": 1}, "warning": {}, "information": {}}
    }


def test_a_wrong_structure_is_invalid_and_1_with_its_line(run: Run, folder: Path) -> None:
    ran = run("check", folder / "b.xml")
    assert ran.code == 1
    assert f"{folder / 'b.xml'}:4: structure-value: " in ran.out


def test_json_has_the_findings(run: Run, folder: Path) -> None:
    (row,) = json.loads(run("check", folder / "b.xml", "--format", "json").out)
    (finding,) = row["findings"]
    assert (finding["rule"], finding["severity"], finding["line"], finding["value"]) == ("structure-value", "fatal", 4, "30.11.2026")


def test_a_folder_is_searched_for_xml_only_and_the_order_is_kept(run: Run, folder: Path) -> None:
    ran = run("check", folder, "--format", "jsonl")
    assert [Path(str(row["file"])).name for row in rows(ran.out)] == ["a.xml", "b.xml", "c.XML"]
    assert ran.code == 2


def test_a_quoted_glob_is_expanded(run: Run, folder: Path) -> None:
    assert len(rows(run("check", folder / "**" / "*.[xX]*", "--format", "jsonl").out)) == 3


@pytest.mark.parametrize("name", ["nothing.xml", "nothing*.xml", "empty/", "notes.txt"])
def test_what_cannot_be_read_is_2_an_error_and_does_not_stop_the_others(run: Run, folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    ran = run("check", f"{folder}/{name}", folder / "b.xml", "--format", "jsonl")
    first, second = rows(ran.out)
    assert ran.code == 2
    assert first["error"]["type"] in ("Unreadable", "UnknownFormat")  # type: ignore[index]
    assert (first["verdict"], first["layers"]) == ("not judged", {})
    assert second["verdict"] == "invalid"
    assert ran.err.count("\n") == 1


def test_standard_input_is_a_document(run: Run, folder: Path) -> None:
    ran = run("check", "-", "--format", "jsonl", stdin=(folder / "b.xml").read_bytes())
    assert ran.code == 1
    assert rows(ran.out)[0]["file"] == "-"


def test_a_profile_can_be_forced(run: Run, folder: Path) -> None:
    (row,) = rows(run("check", folder / "a.xml", "--profile", "xrechnung", "--format", "jsonl").out)
    assert (row["profile"], list(row["layers"])) == ("xrechnung", ["structure", "en16931", "xrechnung"])  # type: ignore[call-overload]


def test_an_unknown_specification_is_named(run: Run, folder: Path) -> None:
    path = folder / "a.xml"
    path.write_bytes(path.read_bytes().replace(b"poacc:billing:3.0", b"poacc:billing:9.9"))
    (row,) = rows(run("check", path, "--format", "jsonl").out)
    assert (row["profile"], list(row["layers"])) == (None, ["structure", "en16931", "specification"])  # type: ignore[call-overload]


def test_a_document_over_the_size_is_refused(run: Run, folder: Path) -> None:
    (row,) = rows(run("check", folder / "a.xml", "--max-size", "1kB", "--format", "jsonl").out)
    assert row["error"]["type"] == "UnsafeXML"  # type: ignore[index]


@pytest.mark.parametrize(("fail_on", "code"), [("fatal", 0), ("warning", 1)])
def test_warnings_count_only_where_asked(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, fail_on: str, code: int) -> None:
    layer = Layer.judged("structure", "0", (Finding("structure-padding", Severity.WARNING, "padded"),))
    monkeypatch.setattr(structure, "layer", lambda root: layer)
    monkeypatch.setattr("einvoice_validators.validate._rules", lambda profile, detected: [])
    assert run("check", folder / "a.xml", "--fail-on", fail_on).code == code


def test_the_report_of_an_invoice_is_that_of_its_bytes(folder: Path) -> None:
    from einvoice.formats.reader import read
    from einvoice_validators.validate import validate, validate_parsed

    path = folder / "a.xml"
    assert validate(read(path)).layers == validate(path).layers == validate_parsed(parse(path)).layers
    assert validate(read(path), "facturx-extended").syntax == "cii"
