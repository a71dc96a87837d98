"""Where documents come from, the progress bar, and how results are printed and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.cli import printing, progress
from einvoice.cli.problems import lines, place, tell
from einvoice.cli.sources import results, sources
from einvoice.errors import EInvoiceError, Location, MalformedXML, PeppolError, Unreadable
from einvoice.report import Finding, Severity


def test_a_folder_holds_its_xml_in_order_and_those_below(folder: Path) -> None:
    assert [Path(source.name).name for source in sources([str(folder)])] == ["a.xml", "b.xml", "c.XML"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a[1].xml"
    path.touch()
    assert [source.name for source in sources([str(path)])] == [str(path)]


def test_any_error_of_one_document_is_its_result(folder: Path) -> None:
    def work(source: object) -> int:
        raise ZeroDivisionError

    assert [type(found) for _, found in results([str(folder)], work)] == [ZeroDivisionError] * 3


@pytest.mark.parametrize(("total", "watched", "drawn"), [(100, True, True), (100, False, False), (3, True, False)])
def test_a_bar_is_drawn_where_a_person_waits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], total: int, watched: bool, drawn: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: watched)
    monkeypatch.setattr(progress, "PAUSE", -1)
    assert [*progress.progress(range(total), total)] == [*range(total)]
    assert ("of 100" in capsys.readouterr().err) is drawn


def test_a_file_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.xml"
    printing.save(b"one", str(path), force=False)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EInvoiceError):
        printing.save(b"two", str(path), force=True)
    assert path.read_bytes() == b"one"


def test_errors_say_file_line_and_mend() -> None:
    fault = MalformedXML("cut short", location=Location(line=7), mend="send it again")
    assert [*lines(fault, "a.xml")] == ["a.xml:7: cut short; send it again"]
    findings = (Finding("draft-value", Severity.FATAL, "one", line=1), Finding("draft-value", Severity.FATAL, "two"))
    assert [*lines(Unreadable("two faults", findings), "a.json")] == ["a.json:1: one", "a.json: two"]
    assert place("-", 3) == "standard input:3"


def test_what_a_terminal_would_obey_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell(PeppolError("it said \x1b[2J and \x9b2J\u202e\nand no more"))
    assert capsys.readouterr().err == "einvoice: it said \ufffd[2J and \ufffd2J\ufffd\nand no more\n"
