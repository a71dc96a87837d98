"""The judge judges: it lets pass what complies, and nothing else; where it is broken or absent it says so."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pytest
import typst

from tests import verapdf
from tests.verapdf import Failure, answers, judge

PAGE = b"#set document(date: datetime(year: 2026, month: 11, day: 28))\nhello"


def archived() -> bytes:
    return typst.compile(PAGE, format="pdf", pdf_standards=["a-3b"])


def test_it_tells_what_complies_from_what_does_not(tmp_path: Path) -> None:
    whole = archived()
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        del pdf.Root.Metadata
        pdf.save(tmp_path / "bare.pdf")
    (tmp_path / "archived.pdf").write_bytes(whole)
    (tmp_path / "plain.pdf").write_bytes(typst.compile(PAGE, format="pdf"))
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.pdf").write_bytes(b"")
    found = {path.name: failures for path, failures in judge(sorted(tmp_path.iterdir())).items()}
    assert {name for name, failures in found.items() if not failures} == {"archived.pdf"}
    assert [failure[:2] for failure in found["bare.pdf"]] == [("6.6.2.1", 1)]
    assert ("6.6.4", 1) in {failure[:2] for failure in found["plain.pdf"]}
    assert [failure.clause for failure in found["cut.pdf"] + found["empty.pdf"]] == ["unread"] * 2


def test_names_of_files_are_no_matter_and_the_flavour_is(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("Prüfung  €.pdf", "two\nlines.pdf")]
    for path in paths:
        path.write_bytes(archived())
    assert judge(paths) == {path: [] for path in paths}
    assert {failure.clause for failure in judge(paths[:1], "2b")[paths[0]]} == {"6.6.4"}


def test_a_judge_that_ends_without_a_verdict_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(archived())
    with pytest.raises(verapdf.Broken, match="9z"):
        judge([tmp_path / "a.pdf"], "9z")
    with pytest.raises(FileNotFoundError):
        judge([tmp_path / "b.pdf"])


def line(number: int, *, compliant: bool, failures: object = ()) -> str:
    return json.dumps({"file": number, "compliant": compliant, "failures": failures})


def test_answers_are_in_the_order_of_asking() -> None:
    said = "\n".join((line(1, compliant=True), line(0, compliant=False, failures=[["6.1.3", 2, "no", "root"]])))
    assert answers(said, 2) == [[Failure("6.1.3", 2, "no", "root")], []]
    assert answers('{"file": 0, "unread": "why"}', 1) == [[Failure("unread", 0, "why")]]


@pytest.mark.parametrize(
    "said",
    [
        "",
        line(0, compliant=True) + "\n" + line(0, compliant=True),
        line(0, compliant=True) + "\n" + line(2, compliant=True),
        line(0, compliant=True) + "\n" + line(1, compliant=False),
        line(0, compliant=True) + "\n" + line(1, compliant=True, failures=[["6.1.3", 2, "no", "root"]]),
        line(0, compliant=True) + "\n" + line(1, compliant=True)[:-1],
        line(0, compliant=True) + '\n{"file": 1}',
        line(0, compliant=True) + "\nnull",
    ],
)
def test_an_answer_that_is_none_is_never_compliance(said: str) -> None:
    with pytest.raises(verapdf.Broken):
        answers(said, 2)


def test_where_it_cannot_be_had_tests_are_skipped_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pdf").write_bytes(b"")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(verapdf.Absent, match="java"):
        verapdf.verdicts([tmp_path / "a.pdf"])
    with pytest.raises(pytest.skip.Exception, match="java"):
        judge([tmp_path / "a.pdf"])


def test_what_maven_cannot_bring_is_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, does in (("java", "exit 1"), ("javac", "exit 1"), ("mvn", f"echo no such jar; echo . >>{tmp_path}/calls; exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(verapdf.HOME, str(tmp_path / "kept"))
    for _ in range(2):
        with pytest.raises(verapdf.Absent, match="no such jar"):
            verapdf.installed()
    assert (tmp_path / "calls").read_text() == ".\n"
    assert list((tmp_path / "kept").iterdir()) == []
