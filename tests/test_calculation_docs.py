"""The page on calculation shows what its programs print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "calculate.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
OUTPUTS = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("program", "output"), list(zip(PROGRAMS, OUTPUTS, strict=True)))
def test_the_page_shows_what_its_programs_print(program: str, output: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(PROGRAMS[0].splitlines()[0] + "\n" + program, {})  # noqa: S102 - our own page
    assert capsys.readouterr().out == output
