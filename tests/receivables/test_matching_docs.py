"""The page about money that comes in: its program and its commands run, and it names what the matcher reads."""

from __future__ import annotations

import io
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path

import pytest

from einvoice.cli import main
from einvoice.database import connect
from einvoice.settings import current
from tests.receivables import bank_files, books
from tests.receivables.test_matching_import import RF, owed, sent

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ einvoice (.+)$", PAGE, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the page has it: `einvoice.db`, `statement.xml`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    current.cache_clear()
    with books.database(tmp_path) as engine, connect(engine) as connection:
        owed(connection)
    (tmp_path / "einvoice.db").write_bytes((tmp_path / "books.db").read_bytes())
    (tmp_path / "statement.xml").write_bytes(bank_files.camt([sent(1, "121.00", ref=RF)], 1, Decimal(0)))
    return tmp_path


def test_its_program_runs(folder: Path) -> None:
    program = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert program
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(program.group(1), "matching.md", "exec"), {})  # noqa: S102 - it is our own page
    assert "matched" in out.getvalue()
    assert folder.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_understood(command: str, folder: Path) -> None:
    """Those that name a line of somebody else's list are refused by name (2), not for their form."""
    err = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(err):
        code = main(shlex.split(command))
    refused = re.search(r"worklist (take|assign|refund|ignore|undo)", command)
    assert code == (2 if refused else 0), err.getvalue()
    assert not refused or re.search(r"there is no (line|debtor|invoice)", err.getvalue())
    assert folder.exists()


def test_it_names_every_scheme_and_verb() -> None:
    assert {"OGM", "RF", "betalingskenmerk", "FI", "KID", "OCR", "QRR"} <= set(re.findall(r"\w+", PAGE))
    assert {"take", "assign", "refund", "ignore", "undo"} <= set(re.findall(r"\w+", PAGE))
