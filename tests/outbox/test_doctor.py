"""The doctor: each thing that can be wrong is found on its own line with its mend, and nothing is sent or changed by looking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from einvoice import settings
from einvoice.cli import examination, main
from einvoice.cli.examination import Check, examine
from einvoice.database import connect, migrate, open_database
from einvoice.outbox import Outcome, Resend, State, add, mode, report
from einvoice.outbox.tables import OUTBOX
from tests import smtp
from tests.outbox.world import START, effect

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SECRET = "whsec_" + "c2VjcmV0" * 6


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the developer's own files nor his variables count."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("GIVEN", SECRET)
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


def _found(text: str, tmp_path: Path) -> dict[str, list[Check]]:
    (tmp_path / "einvoice.toml").write_text(text, "utf-8")
    found: dict[str, list[Check]] = {}
    for check in examine(settings.load({"HOME": str(tmp_path)}), NOW):
        found.setdefault(check.name, []).append(check)
    return found


def _worst(checks: list[Check]) -> str:
    return max((check.level for check in checks), key=examination.LEVELS.index)


def _database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/data/einvoice.db"
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    return f'[database]\nurl = "{url}"\n'


def test_a_fresh_installation_is_well(tmp_path: Path) -> None:
    found = _found("", tmp_path)
    assert {name: _worst(checks) for name, checks in found.items() if name not in ("law", "artefacts")} == dict.fromkeys(
        ("settings", "package", "extras", "database", "smtp", "letters", "policy", "channels", "bounces", "templates", "peppol"), "ok"
    )
    assert not (tmp_path / "home").exists()  # looking creates nothing


def test_everything_well(tmp_path: Path) -> None:
    (tmp_path / "print").mkdir()
    with smtp.serving(tmp_path / "log") as box:
        text = f"""{_database(tmp_path)}
[smtp]
host = "{box.host}"
port = {box.port}
security = "none"
sender = "us@test"
[receivables]
print_folder = "{tmp_path}/print"
[webhooks.shop]
url = "https://shop.example.com/"
secret = "env:GIVEN"
"""
        found = _found(text, tmp_path)
        assert box.accepted() == []
    assert [check for name, checks in found.items() for check in checks if check.level != "ok" and name != "law"] == []
    assert "dry_run" in found["mode"][0].text
    assert SECRET not in repr(found)
    assert not any((tmp_path / "print").iterdir())


@pytest.mark.parametrize(
    ("text", "name", "level", "mend"),
    [
        ("[database]\nurl = 'sqlite:////nowhere/at/all.db'\n", "database", "warn", "doctor --migrate"),
        ("[database]\nurl = 'postgresql://us@127.0.0.1:1/x'\n", "database", "fail", "url is right"),
        ("[database]\nurl = 'env:ABSENT'\n", "secrets", "fail", "ABSENT"),
        ("[smtp]\npassword = 'file:/nowhere/secret'\n", "secrets", "fail", "/nowhere/secret"),
        ("[smtp]\nhost = '127.0.0.1'\nport = 1\nsender = 'us@test'\n", "smtp", "fail", "[smtp] host"),
        ("[smtp]\nhost = '127.0.0.1'\nport = 1\n", "smtp", "fail", "sender"),
        ("[receivables]\nprint_folder = '/nowhere/print'\n", "letters", "fail", "mkdir"),
        ("[receivables]\ntemplates = '/nowhere/templates'\n", "templates", "fail", "[receivables] templates"),
        ("[receivables]\npolicy = '/nowhere/policy.yaml'\n", "policy", "fail", "[receivables] policy"),
        ("[receivables]\npolicy = 'einvoice.toml'\n", "policy", "fail", ""),
        ("[bounces]\nmaildir = '/nowhere/mail'\n", "bounces", "fail", "/nowhere/mail"),
        ("[bounces]\nhost = '127.0.0.1'\nport = 1\nuser = 'u'\npassword = 'env:GIVEN'\n", "bounces", "fail", "[bounces]"),
        ("[bounces]\nhost = '127.0.0.1'\n", "bounces", "fail", "user and password"),
        ("[smtp]\nhost = '127.0.0.1'\nport = 1\n", "bounces", "ok", "[bounces] maildir"),
        ("[webhooks.a]\nurl = 'https://a.example/'\nsecret = 'env:ABSENT'\n", "webhooks", "fail", "ABSENT"),
        ("[webhooks.a]\nurl = 'https://a.example/'\nsecret = 'env:HOME'\n", "webhooks", "fail", "--new-secret"),
    ],
)
def test_each_thing_that_is_wrong(tmp_path: Path, text: str, name: str, level: str, mend: str) -> None:
    found = _found(text, tmp_path)
    assert _worst(found[name]) == level
    assert any(mend in check.text + check.mend for check in found[name])


def test_settings_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "einvoice.toml").write_text("[smtp]\npassword = 'hunter2'\n", "utf-8")
    assert main(["doctor"]) == 2
    out = capsys.readouterr().out
    assert "fail  settings" in out
    assert "hunter2" not in out


def test_an_old_database_a_newer_one_and_the_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/data/einvoice.db"
    engine = open_database(url)
    with connect(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE something (x INTEGER)")
    text = f'[database]\nurl = "{url}"\n'
    assert _worst(_found(text, tmp_path)["database"]) == "fail"
    assert main(["doctor", "--migrate", "--format", "json"]) in (0, 1)
    assert {check["name"]: check["level"] for check in json.loads(capsys.readouterr().out)}["database"] == "ok"
    with connect(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert any("newer release" in check.text for check in _found(text, tmp_path)["database"])


def test_the_mode_and_what_a_person_must_decide(tmp_path: Path) -> None:
    text = _database(tmp_path)
    engine = open_database(f"sqlite:///{tmp_path}/data/einvoice.db")
    with connect(engine) as connection:
        mode.set_live(connection, {}, mode.confirmation({}), START, "test")
        row = add(connection, effect("a"), START)
        add(connection, effect("b", Resend.SAME_BYTES, "webhook:gone"), START)
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == row).values(state=State.SENDING))
        report(connection, row, Outcome(State.UNKNOWN), START, {})
    engine.dispose()
    found = _found(text + '[sending]\nmode = "redirect"\n', tmp_path)
    assert _worst(found["mode"]) == "fail"
    found = _found(text + '[sending]\nmode = "redirect"\nredirect = "me@test"\n', tmp_path)
    assert "redirect me@test" in found["mode"][0].text
    assert [check.level for check in found["outbox"]] == ["warn", "warn"]


def test_somebody_else_s_package_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "site" / "einvoice-0.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: einvoice\nVersion: 0.9\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    found = _found("", tmp_path)["package"]
    assert _worst(found) == "fail"
    assert "pip uninstall" in found[0].mend


def test_without_the_extras_it_says_what_brings_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "find_spec", lambda name: None)
    found = _found("", tmp_path)
    assert {_worst(found[name]) for name in ("extras", "database", "policy", "law")} == {"ok"}
    assert all("pip install" in check.mend for name in ("extras", "database", "policy", "law") for check in found[name])
    found = _found("[sending]\nworkers = 3\n", tmp_path)
    assert _worst(found["extras"]) == "fail"


def test_rates_that_are_out_of_date(tmp_path: Path) -> None:
    late = [check for check in examine(settings.Settings(), datetime(2031, 1, 1, tzinfo=UTC)) if check.name == "law"]
    assert {check.level for check in late} == {"warn"}
    assert len(late) > 5
    assert all(check.mend for check in late)


def test_text_json_and_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert code == (1 if any(line.startswith("warn") for line in lines) else 0)
    assert all(line.split()[0] in examination.LEVELS for line in lines)
    main(["doctor", "--format", "json"])
    assert len(json.loads(capsys.readouterr().out)) == len(lines)
    assert main(["doctor", "--new-secret"]) == 0
    assert capsys.readouterr().out.startswith("whsec_")


def test_channels_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    text = _database(tmp_path) + '[channels]\nsms = "twilio"\nletter = "folder"\nfolder = "/nowhere/out"\n'
    found = _found(text, tmp_path)
    assert {check.level for check in found["channels"]} == {"fail", "ok"}


def test_templates_that_lack_a_sentence_are_named(tmp_path: Path) -> None:
    (tmp_path / "templates" / "words").mkdir(parents=True)
    (tmp_path / "templates" / "words" / "en.toml").write_text("greeting = 3\n", "utf-8")
    found = _found(_database(tmp_path) + f'[receivables]\ntemplates = "{tmp_path}/templates"\n', tmp_path)
    assert _worst(found["templates"]) == "fail"
