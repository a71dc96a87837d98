"""The verbs for identifiers and reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

import einvoice
from einvoice.cli import main
from einvoice.database import migrate, open_database
from einvoice.samples import sample
from einvoice.settings import current
from einvoice_peppol.pki import testing, testing_files


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with settings and a migrated database."""
    url = f"sqlite:///{tmp_path}/einvoice.db"
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    (tmp_path / "einvoice.toml").write_text(f'[database]\nurl = "{url}"\n\n[peppol]\ncountry = "BE"\n', "utf-8")
    monkeypatch.setenv("EINVOICE_CONFIG", str(tmp_path / "einvoice.toml"))
    monkeypatch.chdir(tmp_path)
    current.cache_clear()
    yield tmp_path
    current.cache_clear()


def test_identifiers(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "invoice.xml").write_bytes(einvoice.write(sample()))
    assert main(["peppol", "identifiers", "0208:0428759497", "urn:peppol:bis:billing", "invoice.xml", "--format", "json"]) == 0
    participant, process, invoice = json.loads(capsys.readouterr().out)
    assert participant["participant"] == "iso6523-actorid-upis::0208:0428759497"
    assert process["process"] == "cenbii-procid-ubl::urn:peppol:bis:billing"
    assert (invoice["sender"], invoice["receiver"], invoice["country"]) == ("0208:0999999031", "0208:0999912325", "BE")
    assert main(["peppol", "identifiers", invoice["document type"], "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["called"] == "Peppol BIS Billing UBL Invoice V3"


@pytest.mark.parametrize(
    ("argument", "code"), [("0208:0428759498", 1), ("urn:x", 1), ("nothing", 2), ("0208:x.xml", 1), ("a::b##c::1", 1), ("broken.xml", 2)]
)
def test_identifiers_that_are_wrong(here: Path, argument: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "broken.xml").write_bytes(b"<a")
    assert main(["peppol", "identifiers", argument]) == code
    assert "error" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_named_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peppol", "identifiers", "not-there.xml", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)[0]["error"].startswith("not-there.xml: the file cannot be read")


def test_lists(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peppol", "identifiers", "--list", "transports"]) == 0
    assert capsys.readouterr().out.split() == ["peppol-transport-as4-v2_0", "AS4"]
    assert main(["peppol", "identifiers", "--list", "transports", "--all", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 5


@pytest.mark.parametrize("kind", ["tsr", "eusr"])
def test_reports(here: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peppol", "report", kind, "--month", "2020-02", "--reporter", "PBE000123", "-o", "report.xml"]) == 0
    assert "2020-02-29" in (here / "report.xml").read_text("utf-8")
    assert main(["peppol", "report", "--check", "report.xml", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"file": "report.xml", "report": kind, "verdict": "valid", "findings": []}]
    root = etree.parse(here / "report.xml")
    root.find(".//{*}ReporterID").text = "nobody"
    root.write(here / "wrong.xml")
    (here / "other.xml").write_bytes(b"<a/>")
    assert main(["peppol", "report", "--check", "wrong.xml"]) == 1
    assert main(["peppol", "report", "--check", "wrong.xml", "other.xml"]) == 2


def test_a_report_is_made_after_the_certificate_has_ended(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = testing.network().access_point("PBE000123", "BE", "expired")
    for name, file in zip(("CERTIFICATE", "KEY"), testing_files.write(here, "own", own), strict=True):
        monkeypatch.setenv(f"EINVOICE_PEPPOL_{name}", str(file))
    current.cache_clear()
    assert main(["peppol", "report", "tsr", "--month", "2020-02", "-o", "report.xml"]) == 0
    assert "PBE000123" in (here / "report.xml").read_text("utf-8")


def test_reports_that_are_refused(here: Path) -> None:
    assert main(["peppol", "report", "tsr", "--month", "2020-02", "--reporter", "nobody", "-o", "report.xml"]) == 1
    assert main(["peppol", "report", "tsr", "--month", "2999-02", "--reporter", "PBE000123"]) == 2
    assert main(["peppol", "report", "tsr", "--month", "February", "--reporter", "PBE000123"]) == 2
    assert main(["peppol", "report", "tsr", "--month", "2020-02"]) == 2  # no certificate, no seat
    assert main(["peppol", "report", "tsr"]) == 2
    assert main(["peppol", "report", "--check", "absent.xml"]) == 2
    assert not (here / "report.xml").exists()
