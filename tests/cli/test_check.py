"""`einvoice check`: verdicts, exit codes, the line of JSON that other programs read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from einvoice.cli import check
from einvoice.cli.verbs import parser
from einvoice.formats.guard import Parsed, parse
from einvoice.report import Finding, Layer, Report, Severity
from einvoice_validators import scope
from einvoice_validators.batch import Checked, How, Task
from tests.cli.conftest import Run
from tests.validators.test_severities import CASES as KOSIT_CASES

UBL = {"syntax": "ubl-invoice", "profile": "peppol"}
LAYERS = ("structure", "en16931", "peppol")
SPECIFICATION = b"urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
ENVELOPE = (
    b'<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">'
    b"<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>%b</StandardBusinessDocument>"
)


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def edited(folder: Path, old: bytes, new: bytes) -> Path:
    """The sound invoice with something else in it."""
    path = folder / "edited.xml"
    path.write_bytes((folder / "a.xml").read_bytes().replace(old, new))
    return path


def wrapped(invoice: bytes) -> bytes:
    return ENVELOPE % re.sub(rb"^<\?xml[^>]*>\s*", b"", invoice)


def fatal(rule: str) -> Finding:
    return Finding(rule, Severity.FATAL, rule)


def found(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    """Has these found in every document."""

    def validate(parsed: Parsed, profile: object, **asked: object) -> Report:
        return Report(parsed.source, str(parsed.document), "peppol", (Layer.judged("en16931", "1", findings),))

    monkeypatch.setattr("einvoice_validators.batch_worker.validate_parsed", validate)


def test_a_sound_document_is_valid_and_0(run: Run, folder: Path) -> None:
    ran = run("check", folder / "a.xml", "--format", "jsonl")
    assert (ran.code, ran.err) == (0, "")
    (row,) = rows(ran.out)
    assert row["verdict"] == "valid"
    assert {name: row[name] for name in UBL} == UBL
    assert {name: layer["verdict"] for name, layer in row["layers"].items()} == dict.fromkeys(LAYERS, "valid")  # type: ignore[attr-defined]


def test_a_wrong_total_is_invalid_and_1_with_the_rule_the_term_and_the_value(run: Run, folder: Path) -> None:
    path = edited(folder, b">1030.00<", b">1031.00<")
    ran = run("check", path)
    assert ran.code == 1
    [line] = [line for line in ran.out.splitlines() if "BR-CO-15" in line]
    assert line.startswith(f"{path}:")
    assert "BT-112" in line
    assert line.endswith("found '1031.00'")


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
    assert [row["verdict"] for row in rows(ran.out)] == ["valid", "invalid", "not judged"]
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


@pytest.mark.parametrize("severities", ["official", "kosit"])
@pytest.mark.parametrize("name", KOSIT_CASES)
def test_findings_weigh_as_asked(run: Run, tmp_path: Path, name: str, severities: str) -> None:
    document, rule, official, kosit = KOSIT_CASES[name]
    (tmp_path / "a.xml").write_bytes(document)
    severity = official if severities == "official" else kosit
    ran = run("check", tmp_path / "a.xml", "--severities", severities, "--format", "jsonl")
    assert ran.code == (1 if severity == "fatal" else 0)
    assert rows(ran.out)[0]["layers"]["en16931"][severity][rule] == 1  # type: ignore[index]


def test_the_severities_to_choose_from_are_those_there_are() -> None:
    for severities in scope.SEVERITIES:
        assert parser("check", check).parse_args(["a.xml", "--severities", severities]).severities == severities


def test_what_decides_nothing_is_shown_as_such(run: Run, folder: Path) -> None:
    old = edited(folder, SPECIFICATION, b"urn:www.simplerinvoicing.org:si-ubl:invoice:1.2")
    old.write_bytes(old.read_bytes().replace(b">1030.00<", b">1031.00<"))
    ran = run("check", old)
    assert ran.code == 2
    assert f"{old}: not judged (ubl-invoice, si-ubl)" in ran.out
    assert "  not judged: si-ubl: " in ran.out
    assert "  for information: en16931: invalid" in ran.out
    broken = [line for line in ran.out.splitlines() if "BR-CO-15" in line]
    assert [line.startswith(f"{old}:2: for information: BR-CO-15: ") for line in broken] == [True]
    (row,) = rows(run("check", old, "--format", "jsonl").out)
    assert {name: layer.get("required", True) for name, layer in row["layers"].items()} == {  # type: ignore[attr-defined]
        "structure": True,
        "en16931": False,
        "si-ubl": True,
    }
    results = json.loads(run("check", old, "--format", "sarif").out)["runs"][0]["results"]
    assert {result["ruleId"]: result["level"] for result in results} == {"BR-CO-15": "note", "BR-CO-16": "note", "not-judged": "error"}


def test_an_unknown_specification_is_named_not_judged_and_2(run: Run, folder: Path) -> None:
    ran = run("check", edited(folder, b"poacc:billing:3.0", b"poacc:billing:9.9"), "--format", "jsonl")
    (row,) = rows(ran.out)
    assert (ran.code, row["verdict"], row["profile"]) == (2, "not judged", None)
    assert list(row["layers"]) == ["structure", "en16931", "specification"]  # type: ignore[call-overload]


@pytest.mark.parametrize("shape", ["text", "jsonl", "json", "sarif", "junit"])
def test_an_envelope_is_opened_not_waved_through(run: Run, folder: Path, shape: str) -> None:
    sound, wrong = folder / "sbdh.xml", folder / "sbdh-wrong.xml"
    sound.write_bytes(wrapped((folder / "a.xml").read_bytes()))
    wrong.write_bytes(sound.read_bytes().replace(b">1030.00<", b">1031.00<"))
    assert run("check", sound, "--format", shape).code == 0
    assert run("check", wrong, "--format", shape).code == 1
    wrong.write_bytes(wrapped(b"<Something/>"))
    assert run("check", wrong, "--format", shape).code == 2


def test_a_document_over_the_size_is_refused(run: Run, folder: Path) -> None:
    (row,) = rows(run("check", folder / "a.xml", "--max-size", "1kB", "--format", "jsonl").out)
    assert row["error"]["type"] == "UnsafeXML"  # type: ignore[index]


@pytest.mark.parametrize(("fail_on", "code"), [("fatal", 0), ("warning", 1)])
def test_warnings_count_only_where_asked(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, fail_on: str, code: int) -> None:
    found(monkeypatch, Finding("BR-1", Severity.WARNING, "padded"))
    assert run("check", folder / "a.xml", "--fail-on", fail_on).code == code


def test_what_a_finding_says_besides_its_text(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "/Invoice/cac:InvoiceLine[3]/cac:Price"
    findings = (
        Finding("W-1", Severity.WARNING, "The price (BT-146) is small.", "BT-146", line, 7, "1"),
        Finding("F-1", Severity.FATAL, "The price is small.", "BT-14", line, 8, " 1\n2 "),
        Finding("F-2", Severity.FATAL, 'The note is "x y".', None, None, None, "x y"),
        Finding("I-1", Severity.INFORMATION, "The note is long.", "BT-22", "/Invoice/cbc:Note", 9, "z" * 300),
    )
    found(monkeypatch, *findings)
    ran = run("check", folder / "a.xml")
    name = folder / "a.xml"
    assert ran.out.splitlines()[1:5] == [
        f"{name}:8: F-1: The price is small [BT-14, invoice line 3]; found '1 2'",
        f'{name}: F-2: The note is "x y"',
        f"{name}:7: warning: W-1: The price (BT-146) is small [invoice line 3]; found '1'",
        f"{name}:9: information: I-1: The note is long [BT-22]; found '{'z' * 80}…'",
    ]


def test_a_summary_of_many_counts_verdicts_rules_and_time(run: Run, folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.xml").write_bytes((folder / "b.xml").read_bytes())
    lines = run("check", folder, folder / "nowhere.xml").out.splitlines()
    end = lines[[line.startswith("24 documents") for line in lines].index(True) :]
    assert end[0] == "24 documents: 1 valid, 21 invalid, 1 not judged, 1 not read"
    assert end[1].startswith("rules: structure (UBL 2.1), ")
    assert [*map(str.strip, end[2:4])] == ["most frequent:", "21 × structure-value"]
    assert end[-1].endswith(" documents a second")


@pytest.mark.parametrize("jobs", ["2", "auto"])
@pytest.mark.parametrize("shape", ["text", "jsonl"])
def test_several_processes_say_the_same_as_one(run: Run, folder: Path, shape: str, jobs: str) -> None:
    arguments = ("check", folder, folder / "nowhere.xml", "-", "--format", shape)
    data = (folder / "b.xml").read_bytes()
    assert run(*arguments, "--jobs", jobs, stdin=data) == run(*arguments, stdin=data)


@pytest.mark.parametrize(
    "command", ["--jobs 0", "--jobs many", "--jobs 2 --dask tcp://127.0.0.1:1", "--official --both", "--severities mine", "--format pdf"]
)
def test_a_wrong_option_is_2(run: Run, folder: Path, command: str) -> None:
    ran = run("check", folder / "a.xml", *command.split())
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize(("official", "code"), [([], 0), (["BR-CO-15"], 2)])
def test_each_difference_between_our_rules_and_the_official_ones_is_named_and_2(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, official: list[str], code: int
) -> None:
    other = Report("a", "ubl-invoice", "peppol", (Layer.judged("en16931", "1", tuple(map(fatal, official))),))
    differences = tuple(f"en16931: {rule} in the official rules only" for rule in official)

    def check(task: Task, how: How) -> Checked:
        assert how.both
        return Checked(task.name, Report("a", "ubl-invoice", "peppol", (Layer.judged("en16931", "1", ()),)), None, other, differences)

    monkeypatch.setattr("einvoice_validators.batch_worker.check_one", check)
    ran = run("check", folder / "a.xml", "--both")
    assert ran.code == code
    assert all(difference in ran.out for difference in differences)
    (row,) = rows(run("check", folder / "a.xml", "--both", "--format", "jsonl").out)
    assert row["differences"] == [*differences]
    assert row["official"]["en16931"]["fatal"] == dict.fromkeys(official, 1)  # type: ignore[index]


def test_the_report_of_an_invoice_is_that_of_its_bytes(folder: Path) -> None:
    from einvoice.formats.reader import read
    from einvoice_validators.validate import validate, validate_parsed

    path = folder / "a.xml"
    assert validate(read(path)).layers == validate(path).layers == validate_parsed(parse(path)).layers
    assert validate(read(path), "facturx-extended").syntax == "cii"
