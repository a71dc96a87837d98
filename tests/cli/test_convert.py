"""`einvoice convert`: files, folders, losses and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einvoice.formats.detect import detect
from tests.cli.conftest import Run


@pytest.fixture
def lossy(folder: Path) -> Path:
    """A document with a value that no term holds."""
    path = folder / "a.xml"
    path.write_bytes(path.read_bytes().replace(b"<cbc:IssueDate>", b"<cbc:CopyIndicator>true</cbc:CopyIndicator><cbc:IssueDate>", 1))
    return path


def test_to_standard_output(run: Run, folder: Path) -> None:
    ran = run("convert", folder / "a.xml", "--to", "cii", "--profile", "nlcius")
    assert (ran.code, ran.err) == (0, "")
    found = detect(ran.out.encode())
    assert (found.syntax, found.profile) == ("cii", "nlcius")


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 1)])
def test_losses_are_told_and_count_only_where_strict(run: Run, lossy: Path, strict: tuple[str, ...], code: int) -> None:
    ran = run("convert", lossy, "--to", "cii", *strict)
    assert ran.code == code
    assert "/Invoice/cbc:CopyIndicator" in ran.err


def test_jsonl_lists_them_for_programs(run: Run, lossy: Path, tmp_path: Path) -> None:
    output = tmp_path / "b-cii.xml"
    (row,) = map(json.loads, run("convert", lossy, "--to", "cii", "-o", output, "--format", "jsonl").out.splitlines())
    assert row["output"] == str(output)
    assert [(loss["term"], loss["value"]) for loss in row["losses"]] == [(None, "true")]


def test_a_folder_goes_to_a_folder(run: Run, folder: Path) -> None:
    out = folder / "out"
    assert run("convert", folder, "--to", "ubl").code == 2
    assert run("convert", folder, "--to", "ubl", "-o", f"{out}/").code == 0
    assert sorted(path.name for path in out.iterdir()) == ["a.xml", "b.xml", "c.XML"]
    assert {detect(path).syntax for path in out.iterdir()} == {"ubl"}


def test_what_cannot_be_read_does_not_stop_the_others(run: Run, folder: Path) -> None:
    out = folder / "out"
    assert run("convert", folder / "notes.txt", folder / "a.xml", "--to", "ubl", "-o", f"{out}/").code == 2
    assert [path.name for path in out.iterdir()] == ["a.xml"]


def test_two_of_one_name_do_not_replace_each_other(run: Run, folder: Path) -> None:
    (folder / "inner" / "a.xml").write_bytes((folder / "a.xml").read_bytes())
    assert run("convert", folder / "a.xml", folder / "inner" / "a.xml", "--to", "ubl", "-o", f"{folder}/out/", "--force").code == 2
