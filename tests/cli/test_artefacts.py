"""`einvoice artefacts`: installing from a folder, refusing, listing, and what each ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.errors import ChecksumMismatch
from einvoice_schemas import artefacts as known
from tests import artefacts
from tests.cli.conftest import Run

SHEET = b'<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>'


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    with artefacts.store(tmp_path / "store") as path:
        yield path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with two artefacts."""
    path = tmp_path / "rules" / "1.3.16"
    path.mkdir(parents=True)
    for syntax in ("UBL", "CII"):
        (path / f"EN16931-{syntax}-validation.xslt").write_bytes(SHEET)
    return path.parent


def test_install_takes_from_a_folder_and_prints_what_it_installed(run: Run, source: Path) -> None:
    ran = run("artefacts", "install", "--from", source)
    assert ran.code == 0
    assert [line.split()[:2] for line in ran.out.splitlines()] == [["en16931-ubl", "1.3.16"], ["en16931-cii", "1.3.16"]]


def test_install_prints_json(run: Run, source: Path) -> None:
    ran = run("artefacts", "install", "en16931-cii", "--from", source, "--format", "json")
    (row,) = json.loads(ran.out)
    assert (row["name"], row["version"], row["source"]) == ("en16931-cii", "1.3.16", str(source))
    assert Path(row["path"]).is_file()


def test_list_names_every_artefact_and_what_would_bring_it(run: Run, home: Path) -> None:
    ran = run("artefacts", "list")
    first, *rows = ran.out.splitlines()
    assert ran.code == 0
    assert str(home) in first
    assert [row.split()[0] for row in rows] == list(known.artefacts())
    assert "einvoice artefacts install peppol" in ran.out


def test_list_prints_json_with_version_source_checksum_and_age(run: Run, source: Path) -> None:
    run("artefacts", "install", "--from", source)
    (row,) = json.loads(run("artefacts", "list", "en16931-cii", "--format", "json").out)
    assert (row["version"], row["source"], row["age"]) == ("1.3.16", str(source), 0)
    assert len(row["checksum"]) == 64
    assert "1.3.17" in row["releases"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("list", "peppol"), 2),
        (("list", "peppo"), 2),
        (("install", "peppo"), 2),
        (("install", "--from", "/nowhere"), 2),
        (("install", "en16931@0.0"), 2),
        (("remove",), 2),
        ((), 2),
    ],
)
def test_what_is_not_to_be_had_is_2_and_a_message(run: Run, home: Path, arguments: tuple[str, ...], code: int) -> None:
    ran = run("artefacts", *arguments)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert ran.err or ran.out
    assert not (home / "index.json").exists()


def test_a_checksum_that_does_not_match_is_2_and_installs_nothing(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(url: str, into: Path, most: int) -> None:
        into.write_bytes(SHEET)

    monkeypatch.setattr("einvoice_validators.artefacts.fetch.download", other)
    ran = run("artefacts", "install", "nlcius-gaccount")
    assert ran.code == 2
    assert "SHA-256" in ran.err
    assert not (home / "index.json").exists()
    assert issubclass(ChecksumMismatch, Exception)
