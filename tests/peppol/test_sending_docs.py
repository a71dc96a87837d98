"""What docs/peppol-sending.md tells: its commands are understood, its program runs, its states are all there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import einvoice
from einvoice.cli import VERBS
from einvoice.cli.verbs import member, parser
from einvoice.database import reading
from einvoice.samples import sample
from einvoice.settings import current
from einvoice_peppol.sending import rows
from tests.outbox.world import migrated

PAGE = (Path(__file__).parents[2] / "docs" / "peppol-sending.md").read_text("utf-8")
COMMANDS = [line[2:].partition("#")[0].strip() for line in PAGE.splitlines() if line.startswith("$ einvoice ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_understood(command: str) -> None:
    verb, *words = shlex.split(command)[1:]
    assert verb in VERBS
    module = import_module(f"einvoice.cli.{verb}")
    if hasattr(module, "VERBS"):
        word, *words = words
        module = member(module, word)
    parser(verb, module).parse_intermixed_args(words)


def test_the_program_submits_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_PEPPOL_SPOOL", str(tmp_path / "spool"))
    current.cache_clear()
    names: dict[str, Any] = {}
    exec(PAGE.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102 - the page's own program
    post: Callable[..., int] = names["post"]
    document = einvoice.write(sample(), einvoice.Syntax.UBL)
    with migrated("sqlite", tmp_path) as engine:
        assert post(engine, document, 17) == post(engine, document, 17)
        with reading(engine) as connection:
            row = rows.by_id(connection, 1)
    assert (row.state, row.subject, row.verdict) == ("accepted", "invoice:17", "valid")
    current.cache_clear()


def test_every_state_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(rows.STATES)


def test_every_file_of_the_evidence_is_in_the_table() -> None:
    from einvoice_peppol.sending.proof import archive, files

    told = set(re.findall(r"`([\w-]+\.\w+)`", PAGE.partition("## The evidence")[2]))
    names = [files.DOCUMENT, files.WRAPPED, files.PAYLOAD, files.MESSAGE, files.ENVELOPE, files.SENDER, files.RECEIVER]
    assert {name for name, _ in names} | {archive.MANIFEST, archive.HOW, "receipt.xml", "receipt.mime"} <= told
