"""The tables of rows: that they are whole, and that their script derives them again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import einvoice_schemas.rules
from einvoice.report import Severity
from einvoice_schemas.rules import derive, rows
from einvoice_validators.paths import paths

FOLDER = Path(einvoice_schemas.rules.__file__).parent
ABSENT = "the Schematron of CEN is absent: EINVOICE_CEN_SCHEMATRON, a folder with the preprocessed .sch files of release 1.3.16"
NAMES = tuple(derive.FILES)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_what_it_looks_at(name: str) -> None:
    found = rows(name)
    assert len({row.id for row in found}) == len(found) > 500
    for row in found:
        assert Severity(row.severity) in (Severity.FATAL, Severity.WARNING)
        assert row.context
        assert row.absent
        assert row.most >= 0
        assert all(path and "[" not in path and "(" not in path for path in row.absent)
        assert all(each.steps for each in paths(row.context))


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_count_have_one_path(name: str) -> None:
    """The engine counts each path of a row by itself."""
    assert all(len(row.absent) == 1 and "@" not in row.absent[0] for row in rows(name) if row.most)


def test_an_unknown_table_raises() -> None:
    with pytest.raises(FileNotFoundError):
        rows("en16931-edifact")


def test_the_script_derives_the_tables_again() -> None:
    """Needs the official Schematron."""
    given = os.environ.get("EINVOICE_CEN_SCHEMATRON")
    if not given:
        pytest.skip(ABSENT)
    for name, text, rest in derive.tables(Path(given)):
        assert text == (FOLDER / f"{name}.json").read_text("utf-8")
        assert not {each.id for each in rest} & {row.id for row in rows(name)}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("not(cbc:ID)", (("cbc:ID",), 0)),
        ("( not (cac:A/cbc:B) )", (("cac:A/cbc:B",), 0)),
        ("not(cbc:A) and not(cbc:B/@c)", (("cbc:A", "cbc:B/@c"), 0)),
        ("not((cac:A|cac:B)/cbc:C)", (("cac:A/cbc:C", "cac:B/cbc:C"), 0)),
        ("not(cbc:A | cbc:B)", (("cbc:A", "cbc:B"), 0)),
        ("not(//@format)", (("//@format",), 0)),
        ("(count(cbc:A) <=2)", (("cbc:A",), 2)),
        ("count(cbc:A) = 0", (("cbc:A",), 0)),
        ("count(cbc:A) = 1", None),
        ("not(cbc:A) or cbc:A = 'b'", None),
        ("not(cac:A[cbc:B])", None),
        ("not(cbc:A and cbc:B)", None),
        ("not(../cbc:A)", None),
        ("exists(cbc:A)", None),
    ],
)
def test_a_test_of_paths_alone_is_a_row(test: str, expected: object) -> None:
    assert derive.limit(test) == expected


@pytest.mark.parametrize(
    ("official", "expected"),
    [
        ("/ubl:Invoice | /cn:CreditNote", "/*"),
        ("//cac:A | cac:B/cac:C", "cac:A | cac:B/cac:C"),
        ("/rsm:A/ram:B", "/rsm:A/ram:B"),
        ("//ram:*[ends-with(name(), 'ID')]", "ram:*ID"),
        ("//*[ends-with(name(), 'Amount')]", "*Amount"),
        ("cac:A[cbc:B = 'c']", None),
        ("//*[ends-with(name(), 'Amount') and not(self::cbc:A)]", None),
    ],
)
def test_a_context_that_says_where_alone_has_rows(official: str, expected: str | None) -> None:
    assert derive.row_context(official) == expected


def test_what_a_conditional_context_may_hide_is_no_row(tmp_path: Path) -> None:
    schematron = tmp_path / "x.sch"
    schematron.write_text(
        """<schema xmlns="http://purl.oclc.org/dsdl/schematron"><!-- Schematron version 9.8 -->
        <pattern><rule context="cac:A[cbc:B]"><assert id="X-1" test="not(cbc:C)"/></rule>
        <rule context="cac:A"><assert id="X-2" test="not(cbc:C)"/></rule>
        <rule context="cac:D"><assert id="X-3" flag="warning" test="not(cbc:C)"/>
        <assert id="X-4" test="not(//cbc:E)"/></rule></pattern></schema>"""
    )
    version, found, rest = derive.derive(schematron)
    assert version == "9.8"
    assert [(row.id, row.severity, row.context) for row in found] == [("X-3", "warning", "cac:D")]
    assert {each.id for each in rest} == {"X-1", "X-2", "X-4"}


def test_anything_else_than_an_artefact_of_cen_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sch").write_text("<schema/>")
    with pytest.raises(ValueError, match="no Schematron of CEN"):
        derive.derive(tmp_path / "x.sch")
    with pytest.raises(ValueError, match="there is no"):
        list(derive.tables(tmp_path))
