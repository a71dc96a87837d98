"""The page: its commands run, its settings load, its table is the code's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from einvoice.cli import main as einvoice
from einvoice.settings import current
from einvoice_plugins.connector import settings
from einvoice_plugins.connector.cli import main as connector

PAGE = (Path(__file__).parents[3] / "docs" / "connector.md").read_text("utf-8")


def test_the_table_of_settings_is_the_codes() -> None:
    assert settings.__doc__
    assert settings.__doc__[settings.__doc__.index("| Setting") :].strip() in PAGE
    named = set(re.findall(r"^\| (?:\[\w+(?:\.NAME)?\] )?([\w, ]+) \|", PAGE, re.MULTILINE))
    keys = {key for _, reads in settings._SECTIONS.values() for key in reads} | {*settings._VIEW, "folder"}
    assert keys <= {key for name in named for key in name.split(", ")}


def test_views_of_the_page_can_be_read(tmp_path: Path) -> None:
    text = next(block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "[views.open]" in block)
    (tmp_path / "connector.toml").write_text(text)
    assert [view.name for view in settings.load(tmp_path / "connector.toml").views] == ["open", "drafts"]


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "einvoice.toml").write_text("")
    monkeypatch.setenv("EINVOICE_CONFIG", str(tmp_path / "einvoice.toml"))
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    monkeypatch.chdir(tmp_path)
    current.cache_clear()
    codes = [_run(line, tmp_path, monkeypatch, capfd) for line in re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)]
    current.cache_clear()
    assert codes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]  # nothing was refused that could be retried
    assert len([*(tmp_path / "srv").rglob("OUT/*.verdict.json")]) == 1


def _run(line: str, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> int:
    command, _, into = line.partition(" > ")
    verb, *words = shlex.split(command.replace("/srv/", f"{home}/srv/"), comments=True)
    if verb == "pip" or "--watch" in words:
        return 0
    if verb == "cd":
        monkeypatch.chdir(words[0])
        return 0
    capfd.readouterr()
    code = (connector if verb == "einvoice-connector" else einvoice)(words)
    if into:
        Path(into).write_text(capfd.readouterr().out, "utf-8")
    return code
