"""What the tests of the command line share: a run within the process, and documents to run it on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from einvoice.cli import main
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.samples import sample


class Ran(NamedTuple):
    """The exit code, standard output and standard error of a run."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line: `run("check", "a.xml", stdin=b"…")`."""

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capfd.readouterr())

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sound UBL invoice, a sound CII credit note within, one whose structure is wrong, and one that is no XML."""
    sound = write(sample(), Syntax.UBL)
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.xml").write_bytes(sound)
    (tmp_path / "b.xml").write_bytes(sound.replace(b"<cbc:IssueDate>2026-11-30", b"\n\n<cbc:IssueDate>30.11.2026"))
    (tmp_path / "inner" / "c.XML").write_bytes(write(sample(credit_note=True), Syntax.CII))
    (tmp_path / "notes.txt").write_text("no invoice", "utf-8")
    return tmp_path
