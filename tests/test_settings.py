"""Settings: the file, the variables, which wins, and what a mistake says."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice import settings
from einvoice.errors import SettingsError, UnsafeXML
from einvoice.formats.guard import parse


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the developer's own file nor his variables count."""
    monkeypatch.chdir(tmp_path)


def _load(**environ: str) -> settings.Settings:
    return settings.load({"HOME": "/nowhere", **environ})


def _file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_the_defaults_hold() -> None:
    assert _load() == settings.Settings()
    assert _load().documents.max_size == 100_000_000
    assert _load().file is None


def test_the_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    _file(tmp_path / "einvoice.toml", '[documents]\nmax_size = "5 MB"\n')
    assert _load().documents.max_size == 5_000_000
    assert _load(EINVOICE_DOCUMENTS_MAX_SIZE="7000").documents.max_size == 7_000


def test_the_named_file_comes_first_then_here_then_the_user_s(tmp_path: Path) -> None:
    users = _file(tmp_path / "config" / "einvoice" / "einvoice.toml", "[documents]\nmax_size = 1\n")
    places = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "APPDATA": str(tmp_path / "config")}
    assert _load(**places).file == users
    _file(tmp_path / "einvoice.toml", "[documents]\nmax_size = 2\n")
    assert _load(**places).documents.max_size == 2
    named = _file(tmp_path / "other.toml", "[documents]\nmax_size = 3\n")
    assert _load(**places, EINVOICE_CONFIG=str(named)).documents.max_size == 3


@pytest.mark.parametrize(("text", "size"), [(1, 1), ("12", 12), ("100 MB", 10**8), ("1.gb", None), ("3KiB", 3_072), (" 2 gb ", 2 * 10**9)])
def test_sizes(text: object, size: int | None) -> None:
    if size is None:
        with pytest.raises(ValueError, match="size"):
            settings.size(text)
    else:
        assert settings.size(text) == size


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "", "ten", "10 MBit", "٣", None, []])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(ValueError, match="size"):
        settings.size(value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[document]\nmax_size = 1\n", "documents"),
        ("[documents]\nmaxsize = 1\n", "max_size"),
        ("[documents]\nmax_size = 'huge'\n", "100 MB"),
        ("[zebra]\nx = 1\n", "documents"),
        ("[file]\nx = 1\n", "documents"),
        ("max_size = 1\n", "section"),
        ("[documents\n", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_names_the_file_and_the_mend(tmp_path: Path, text: str, hint: str) -> None:
    _file(tmp_path / "einvoice.toml", text)
    with pytest.raises(SettingsError, match=hint) as caught:
        _load()
    assert "einvoice.toml" in str(caught.value)


def test_a_mistake_in_a_variable_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="EINVOICE_DOCUMENTS_MAX_SIZE"):
        _load(EINVOICE_DOCUMENTS_MAXSIZE="1")
    with pytest.raises(SettingsError, match="EINVOICE_DOCUMENTS_MAX_SIZE"):
        _load(EINVOICE_DOCUMENTS_MAX_SIZE="all")
    assert _load(EINVOICE_SCALE="0.1") == settings.Settings()


def test_a_file_that_is_named_but_absent_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        _load(EINVOICE_CONFIG=str(tmp_path / "absent.toml"))


def test_the_limit_governs_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_DOCUMENTS_MAX_SIZE", "1 kB")
    settings.current.cache_clear()
    try:
        with pytest.raises(UnsafeXML, match="max_size"):
            parse(b"<a>" + b" " * 1_000)
    finally:
        settings.current.cache_clear()
