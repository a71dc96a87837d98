"""What docs/peppol-providers.md tells: its commands are understood, its settings are read."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from einvoice.cli import VERBS
from einvoice.cli.verbs import member, parser
from einvoice.settings import load
from einvoice_peppol.providers.installed import SECTIONS, is_named

PAGE = (Path(__file__).parents[2] / "docs" / "peppol-providers.md").read_text("utf-8")
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


def test_its_settings_are_read_with_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    text = re.sub(r"^# (api|webhook_secret)", r"\1", found[1], flags=re.MULTILINE)
    (tmp_path / "einvoice.toml").write_text(text, "utf-8")
    settings = load({"EINVOICE_CONFIG": str(tmp_path / "einvoice.toml")})
    assert (settings.peppol.via, is_named("peppyrus", settings), settings.peppyrus.webhook_secret is not None) == ("peppyrus", True, True)
    assert set(re.findall(r"[\w.-]+", text.partition("# or ")[2].splitlines()[0])) == set(SECTIONS) - {"peppyrus"}
