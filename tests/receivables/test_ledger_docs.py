"""The guide to the ledger: its program runs, its tables are those of the data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from einvoice.receivables.ledger.importing.columns import KINDS, columns
from einvoice.receivables.ledger.retention import _countries

GUIDE = Path(__file__).parents[2] / "docs" / "ledger.md"


def test_the_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    exec(compile(program, str(GUIDE), "exec"), {})  # noqa: S102 - the program of our own page


def test_every_column_is_in_the_guide() -> None:
    parts = re.split(r"^\*\*(\w+)\*\*$", GUIDE.read_text("utf-8"), flags=re.MULTILINE)
    pages = dict(zip(parts[1::2], parts[2::2], strict=True))
    for kind in KINDS:
        said = re.findall(r"^\| `(\w+)`( \(required\))? \| .* \| (.*) \|$", pages[kind].partition("\n## ")[0], re.MULTILINE)
        assert said == [(one.name, " (required)" if one.required else "", ", ".join(one.aliases)) for one in columns(kind)], kind


def test_retention_is_in_the_guide() -> None:
    text = GUIDE.read_text("utf-8")
    for country, one in _countries().items():
        assert f"| {country} | {one.years} | {one.source} | {one.confidence} |" in text
