"""The server of hooks: what it refuses, and the verb that runs it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from einvoice.cli import main
from einvoice.receivables.incoming.hearing import MOST_BODY
from einvoice.settings import current
from tests.providers.messaging import PROVIDERS
from tests.providers.paths import line


def test_what_is_no_call_of_a_provider_is_refused(tmp_path: Path) -> None:
    with line(PROVIDERS["twilio"], "sms", tmp_path) as found:
        base = found.base
        assert requests.get(f"{base}/health", timeout=5).text == "well"
        assert requests.post(f"{base}/hooks/nobody", timeout=5).status_code == 404
        assert requests.post(f"{base}/hooks/twilio", data={"MessageSid": "x"}, timeout=5).status_code == 403
        assert requests.put(f"{base}/hooks/twilio", timeout=5).status_code == 405
        assert requests.post(f"{base}/hooks/twilio", data=b"x" * (MOST_BODY + 1), timeout=5).status_code == 413
        assert requests.get(f"{base}/pay/{'a' * 32}", timeout=5).status_code == 404
        assert requests.get(base, timeout=5).status_code == 404
        found.made.engine.dispose()
        (tmp_path / "books.db").unlink()
        (tmp_path / "books.db").mkdir()
        assert requests.get(f"{base}/health", timeout=15).status_code == 503


def test_the_verb_needs_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("EINVOICE_CONFIG", str(_settings(tmp_path, "")))
    current.cache_clear()
    assert main(["serve", "--app", "hooks"]) == 2
    assert "[hooks] url" in capsys.readouterr().err
    current.cache_clear()


def test_the_verb_serves_until_it_is_ended(tmp_path: Path) -> None:
    settings = _settings(tmp_path, '[hooks]\nurl = "https://hooks.acme.example"\n')
    environment = {"EINVOICE_CONFIG": str(settings), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    subprocess.run([sys.executable, "-m", "einvoice.cli", "doctor", "--migrate"], env=environment, check=False, capture_output=True)
    command = [sys.executable, "-m", "einvoice.cli", "serve", "--app", "hooks", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert found is not None
            assert requests.get(f"http://127.0.0.1:{found[1]}/health", timeout=10).status_code == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


def _settings(folder: Path, more: str) -> Path:
    path = folder / "einvoice.toml"
    path.write_text(f'[database]\nurl = "sqlite:///{folder}/hooks.db"\n{more}', "utf-8")
    return path
