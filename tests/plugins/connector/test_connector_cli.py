"""The command line: init, run, status, retry, as an administrator calls them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.cli import main as einvoice
from einvoice.settings import current
from einvoice_plugins.connector.cli import main
from einvoice_plugins.connector.lock import locked
from tests.plugins.connector import world as worlds


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that was made by `init`, with a creditor; it is the current one."""
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    monkeypatch.setenv("EINVOICE_CONFIG", str(_empty(tmp_path)))
    monkeypatch.chdir(tmp_path)
    current.cache_clear()
    assert main(["init"]) == 0
    assert einvoice(["receivables", "creditor", "add", "acme", "--name", "Acme", "--country", "BE"]) == 0
    text = (tmp_path / "connector.toml").read_text("utf-8")
    (tmp_path / "connector.toml").write_text(text.replace("settle = 2 ", "settle = 0.05 ").replace("patience = 300", "patience = 0.1"))
    yield tmp_path
    current.cache_clear()


def _empty(folder: Path) -> Path:
    place = folder / "einvoice.toml"
    place.write_text("")
    return place


def test_init_makes_what_is_missing_and_leaves_the_rest(home: Path) -> None:
    before = (home / "connector.toml").read_text("utf-8")
    assert main(["init", str(home)]) == 0
    assert (home / "connector.toml").read_text("utf-8") == before
    assert all((home / folder).is_dir() for folder in ("IN/invoices", "IN/open-items", "OUT", "DONE/invoices", "REFUSED/open-items"))


def test_run_takes_what_is_there_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "IN/invoices/a.json").write_bytes(worlds.as_json("N-1"))
    (home / "IN/open-items/debtors.csv").write_text("key,name,kind,country\nc7,Seven,b2b,BE\n")
    capsys.readouterr()
    assert main(["run", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"accepted": 2}
    assert sorted(path.name for path in (home / "OUT").glob("N*")) == ["N-1.pdf", "N-1.verdict.json", "N-1.xml"]
    assert main(["run"]) == 0


def test_what_is_refused_is_told_and_may_be_retried(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "IN/invoices/bad.json").write_bytes(worlds.without_price("N-1"))
    assert main(["run"]) == 1
    capsys.readouterr()
    assert main(["status", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["file"] for one in found["sources"]["invoices"]["refused"]] == ["bad.json"]
    assert found["sources"]["invoices"]["refused"][0]["reason"]
    assert main(["status"]) == 1
    (home / "REFUSED/invoices/bad.json").write_bytes(worlds.as_json("N-1"))
    assert main(["retry", "bad.json"]) == 0
    assert main(["run"]) == 0
    capsys.readouterr()
    assert main(["status", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["invoices"] == 1
    assert main(["retry"]) == 0
    assert main(["retry", "none.json"]) == 2


def test_what_stands_in_the_way_is_told_with_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", "none.toml", "run"]) == 2
    with locked(home):
        assert main(["run"]) == 2
    (home / "connector.toml").write_text("[file]\n")
    assert main(["status"]) == 2
    assert main([]) == 2
    assert main(["run", "--watch", "0"]) == 2
    assert main(["--help"]) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_watching_takes_what_comes_until_it_is_ended(home: Path) -> None:
    command = [sys.executable, "-m", "einvoice_plugins.connector", "run", "--watch", "0.05", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as watching:
        assert watching.stdout is not None
        (home / "IN/invoices/a.json").write_bytes(worlds.as_json("N-1"))
        assert json.loads(watching.stdout.readline())["accepted"] == 1
        (home / "IN/invoices/b.json").write_bytes(worlds.as_json("N-2"))
        assert json.loads(watching.stdout.readline())["accepted"] == 1
        time.sleep(0.1)
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(10) == 0
    assert (home / "OUT/N-2.verdict.json").exists()
