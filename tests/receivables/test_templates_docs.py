"""The page about templates: its sessions print what they print, its program runs, and it names what there is."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest

from einvoice.receivables.documents.checking import CODES
from einvoice.receivables.documents.compose_papers import KINDS
from einvoice.receivables.documents.placeholders import EVERY
from einvoice.receivables.documents.words import words
from einvoice.receivables.policy.model import SEVERE
from tests.cli import documented

PAGE = (documented.DOCS / "templates.md").read_text("utf-8")
_STEPS = re.compile(r"<!-- file: (\S+) -->\n+```\w*\n(.*?)^```|<!-- session -->\n+```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_its_sessions_print_what_they_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page: a file there replaces what the session before wrote."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{folder}/none.db")
        for name, text, session in _STEPS.findall(PAGE):
            if name:
                for path in (Path(folder) / name).parent.iterdir():
                    path.unlink()
                (Path(folder) / name).write_text(text, "utf-8")
            for line in re.findall(r"^\$ (.*)$", session, re.MULTILINE):
                assert documented._run(line, folder) in session
    assert os.environ["EINVOICE_DATABASE_URL"]


def test_its_program_runs() -> None:
    program = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert program
    exec(compile(program.group(1), "templates.md", "exec"), {})  # noqa: S102 - it is our own page


def test_it_names_every_document_voice_placeholder_and_finding() -> None:
    named = set(re.findall(r"`\{?([\w-]+)\}?`", PAGE))
    voices = set(words("en").texts["voice"])
    notices = {name for name in words("en").texts["notice"] if "_without_" not in name}
    assert {*CODES, *KINDS, *SEVERE, *EVERY, *voices, *notices, "reminder"} <= named
