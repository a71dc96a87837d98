"""The page for who writes a plugin: its program runs, and its table names every check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from einvoice_plugins.conformance.cases import cases
from einvoice_plugins.conformance.checks import CHECKS

PAGE = Path(__file__).parents[3] / "docs" / "plugins.md"


def test_its_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    programs = re.findall(r"<!-- program -->\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert programs
    for program in programs:
        exec(compile(program, str(PAGE), "exec"), {})  # noqa: S102
    assert "PEPPOL-EN16931-R010" in capsys.readouterr().out


def test_it_names_every_check_and_case() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{name}`" in text for name in CHECKS if not name.startswith("case"))
    row = next(line for line in text.splitlines() if line.startswith("| `case: …`"))
    assert f"({len(cases())})" in row
    assert all(name in row for name in cases())
