"""What `check` prints for other programs: SARIF 2.1.0 and JUnit's XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from lxml import etree

from einvoice.report import Finding, Severity
from tests.cli.conftest import Run
from tests.cli.test_check import edited, found

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": TEXT,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}, "additionalProperties": False},
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {"type": "object", "required": ["uri"], "properties": {"uri": {"format": "uri-reference"}}},
                "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        },
        "logicalLocations": {"type": "array", "items": {"type": "object", "required": ["fullyQualifiedName"]}},
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message", "ruleId", "level", "locations"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION, "minItems": 1},
        "properties": {"type": "object"},
    },
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "semanticVersion": {"type": "string"}, "rules": {"type": "array", "items": RULE}},
    "additionalProperties": False,
}
INVOCATION = {"type": "object", "required": ["executionSuccessful"], "properties": {"exitCode": {"type": "integer"}}}
RUN = {
    "type": "object",
    "required": ["tool", "results"],
    "properties": {
        "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}, "additionalProperties": False},
        "invocations": {"type": "array", "items": INVOCATION},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "additionalProperties": False,
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
    "additionalProperties": False,
}
"""What SARIF 2.1.0 (OASIS) asks of the objects that we write."""


def sarif(text: str) -> dict[str, Any]:
    log = json.loads(text)
    jsonschema.validate(log, SARIF, cls=jsonschema.Draft202012Validator)
    [run] = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run  # type: ignore[no-any-return]


def summary(run: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    """File, rule, level and line of each result."""
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    return [
        (Path(place["artifactLocation"]["uri"]).name, result["ruleId"], result["level"], place["region"]["startLine"])
        for result, place in zip(run["results"], places, strict=True)
    ]


def test_sarif_has_a_result_for_each_finding_and_each_document_without_a_verdict(run: Run, folder: Path) -> None:
    ran = run("check", folder, folder / "nowhere.xml", "--format", "sarif")
    made = sarif(ran.out)
    assert summary(made) == [
        ("b.xml", "structure-value", "error", 4),
        ("c.XML", "not-judged", "error", 1),
        ("nowhere.xml", "not-read", "error", 1),
    ]
    assert made["invocations"] == [{"executionSuccessful": False, "exitCode": 2}]
    assert ran.code == 2


def test_sarif_of_a_valid_document_is_an_empty_list(run: Run, folder: Path) -> None:
    ran = run("check", folder / "a.xml", "--format", "sarif")
    made = sarif(ran.out)
    assert (ran.code, made["results"], made["invocations"]) == (0, [], [{"executionSuccessful": True, "exitCode": 0}])


def test_sarif_knows_levels_places_and_terms(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(
        monkeypatch,
        Finding("W-1", Severity.WARNING, "small", "BT-146", "/Invoice/cac:InvoiceLine[2]", 7, "1"),
        Finding("I-1", Severity.INFORMATION, "long"),
    )
    made = sarif(run("check", folder / "a.xml", "--format", "sarif").out)
    first, second = made["results"]
    assert [first["level"], second["level"]] == ["warning", "note"]
    assert first["properties"] == {"layer": "en16931", "term": "BT-146", "value": "1"}
    assert first["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "/Invoice/cac:InvoiceLine[2]"}]
    assert "[BT-146, invoice line 2]; found '1'" in first["message"]["text"]


def test_sarif_names_files_as_references(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    data = (folder / "b.xml").read_bytes()
    Path("inner", "ä b#.xml").write_bytes(data)
    made = sarif(run("check", "inner/ä b#.xml", folder / "b.xml", "-", "--format", "sarif", stdin=data).out)
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in made["results"]]
    assert uris == ["inner/%C3%A4%20b%23.xml", (folder / "b.xml").as_uri(), "stdin"]


def test_junit_has_a_test_for_each_document(run: Run, folder: Path) -> None:
    ran = run("check", folder, folder / "nowhere.xml", "--format", "junit")
    root = etree.fromstring(ran.out.encode())
    [suite] = root
    for each in (root, suite):
        assert [each.get(name) for name in ("tests", "failures", "errors")] == ["4", "1", "2"]
        assert float(each.get("time", "-1")) >= 0
    cases = [(Path(case.get("name", "")).name, *[child.tag for child in case]) for case in suite.iter("testcase")]
    assert cases == [("a.xml",), ("b.xml", "failure"), ("c.XML", "error"), ("nowhere.xml", "error")]
    failure, judged, read = (suite[number][0] for number in (1, 2, 3))
    assert failure.get("message") == "invalid: structure-value"
    assert failure.text.startswith(f"{folder / 'b.xml'}:4: structure-value: ")
    assert (judged.get("type"), read.get("type")) == ("not-judged", "not-read")
    assert ran.code == 2


@pytest.mark.parametrize(("fail_on", "children"), [("fatal", ["system-out"]), ("warning", ["failure"])])
def test_junit_fails_on_warnings_only_where_asked(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, fail_on: str, children: list[str]
) -> None:
    found(monkeypatch, Finding("W-1", Severity.WARNING, "small \x0b"))
    ran = run("check", folder / "a.xml", "--format", "junit", "--fail-on", fail_on)
    [case] = etree.fromstring(ran.out.encode()).iter("testcase")
    assert [child.tag for child in case] == children
    assert "warning: W-1: small" in case[0].text


def test_a_file_name_that_xml_cannot_hold_is_told_all_the_same(run: Run, folder: Path) -> None:
    path = edited(folder, b"<", b"<").rename(folder / "a\x01.xml")
    [case] = etree.fromstring(run("check", path, "--format", "junit").out.encode()).iter("testcase")
    assert case.get("name", "").endswith("a\ufffd.xml")
