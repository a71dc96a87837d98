"""The verbs of the inbox and `serve --app peppol`, as a user calls them."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from sqlalchemy import Engine, update

from einvoice.cli import inbox, main
from einvoice.cli.verbs import member, parser
from einvoice.database import connect
from einvoice.settings import current
from einvoice_peppol.as4 import signals
from einvoice_peppol.inbox import arrival, keep_arrival
from einvoice_peppol.pki import anchors, testing, testing_files
from einvoice_peppol.tables import INBOX
from tests.outbox.world import migrated
from tests.peppol.as4_messages import NOW
from tests.peppol.inbox_world import OTHER, OWN, Message, means, message, received, rows

Said = pytest.CaptureFixture[str]


class Desk(NamedTuple):
    """A database with three messages, the settings that lead to it, and its folder."""

    engine: Engine
    folder: Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with migrated("sqlite", tmp_path, live=False) as engine:
        ours = means(tmp_path)
        for number in (1, 2, 3):
            with connect(engine) as connection:
                keep_arrival(connection, arrival(received(message(number), ours)), b"<receipt/>", NOW)
        with connect(engine) as connection:
            connection.execute(update(INBOX).where(INBOX.c.id == 2).values(state="failed", reason="Unreadable: no\x1b[2J", attempts=3))
        monkeypatch.setenv("EINVOICE_DATABASE_URL", str(engine.url))
        monkeypatch.setenv("EINVOICE_CONFIG", str(settings(tmp_path, f'spool = "{tmp_path}/spool"\n')))
        current.cache_clear()
        yield Desk(engine, tmp_path)
    current.cache_clear()


def settings(folder: Path, more: str) -> Path:
    path = folder / "einvoice.toml"
    path.write_text(f"[peppol]\n{more}", "utf-8")
    return path


def told(capsys: Said, *arguments: str, code: int = 0) -> Any:
    assert main(["inbox", *arguments, "--format", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_list_says_what_came_and_what_became_of_it(desk: Desk, capsys: Said) -> None:
    found = told(capsys, "list")
    assert found["counts"] == {"received": 2, "leased": 0, "handed": 0, "failed": 1, "repeated": 0}
    assert [one["id"] for one in found["messages"]] == [3, 2, 1]
    assert [one["id"] for one in told(capsys, "list", "--state", "failed")["messages"]] == [2]
    assert told(capsys, "list", "--kind", "mls")["messages"] == []
    assert len(told(capsys, "list", "--from", "9930:de123456789", "--most", "2")["messages"]) == 2
    assert main(["inbox", "list"]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "instance-3" in printed


@pytest.mark.parametrize("verb", inbox.VERBS)
def test_every_verb_has_help_with_examples_that_its_parser_understands(verb: str, capsys: Said) -> None:
    assert main(["inbox", verb, "--help"]) == 0
    printed = capsys.readouterr().out
    module = member(inbox, verb)
    assert module.EXAMPLES.strip() in printed
    for example in module.EXAMPLES.splitlines():
        words = shlex.split(example.partition(" | ")[0])
        assert words[:3] == ["einvoice", "inbox", verb]
        parser(f"inbox {verb}", module).parse_intermixed_args(words[3:])


@pytest.mark.parametrize("which", ["1", "message-1@sender.test", "instance-1"])
def test_a_message_is_shown_by_any_of_its_names(desk: Desk, capsys: Said, which: str) -> None:
    found = told(capsys, "show", which)
    assert (found["id"], found["access_point"], found["state"]) == (1, OTHER, "received")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", found["proof"]["envelope"])
    assert OTHER in found["certificate"]["subject"]
    assert main(["inbox", "show", which]) == 0


def test_a_message_that_is_not_there_is_named(desk: Desk, capsys: Said) -> None:
    assert main(["inbox", "show", "nobody"]) == 2
    assert "'nobody'" in capsys.readouterr().err


def test_each_part_of_a_message_is_exported(desk: Desk, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    row = rows(desk.engine)[0]
    wanted = {"wrapped": row.document, "soap": row.envelope, "receipt": b"<receipt/>", "certificate": row.certificate.encode()}
    for part, data in wanted.items():
        assert main(["inbox", "export", "1", "--part", part]) == 0
        assert capfdbinary.readouterr().out == data
    file = desk.folder / "out.xml"
    assert main(["inbox", "export", "1", "-o", str(file)]) == 0
    assert b"<ID>1</ID>" in file.read_bytes()
    assert b"StandardBusinessDocument" not in file.read_bytes()
    assert main(["inbox", "export", "2", "-o", str(file)]) == 2
    assert main(["inbox", "export", "2", "-o", str(file), "--force"]) == 0
    assert b"<ID>2</ID>" in file.read_bytes()
    assert not list(desk.folder.glob(".*part"))


def test_what_failed_is_tried_again(desk: Desk, capsys: Said) -> None:
    assert main(["inbox", "retry"]) == 2
    assert main(["inbox", "retry", "2"]) == 0
    assert [(row.state, row.attempts) for row in rows(desk.engine)] == [("received", 0)] * 3
    with connect(desk.engine) as connection:
        connection.execute(update(INBOX).where(INBOX.c.id == 1).values(state="handed"))
        connection.execute(update(INBOX).where(INBOX.c.id == 3).values(state="failed"))
    capsys.readouterr()
    assert main(["inbox", "retry", "1"]) == 2
    assert main(["inbox", "retry", "--failed"]) == 0
    assert [row.state for row in rows(desk.engine)] == ["handed", "received", "received"]


def test_what_waits_is_handed_over_to_a_folder_with_its_verdict(desk: Desk, capsys: Said) -> None:
    assert told(capsys, "handover") == {"handed": 0, "retried": 0, "failed": 0}
    assert told(capsys, "handover", "--to", str(desk.folder / "in")) == {"handed": 2, "retried": 0, "failed": 0}
    assert len(list((desk.folder / "in").iterdir())) == 2
    assert [(row.state, row.verdict) for row in rows(desk.engine)] == [("handed", "invalid"), ("failed", None), ("handed", "invalid")]


class Point(NamedTuple):
    """An access point that runs, and a message to it."""

    base: str
    message: Message
    process: subprocess.Popen[str]


@contextmanager
def access_point(folder: Path, more: str = "") -> Iterator[Point]:
    now = datetime.now(UTC)
    pki = testing.network(now=now)
    own, other = pki.access_point(OWN), pki.access_point(OTHER, "BE")
    certificate, key = testing_files.write(folder, "own", own)
    roles = ((pki.root, anchors.ROOT), (pki.ap_ca, anchors.ACCESS_POINTS), (pki.smp_ca, anchors.SMPS))
    anchors.install(folder / "trust", "test", [anchors.Anchor(one.certificate, role) for one, role in roles])
    written = settings(
        folder,
        f'certificate = "{certificate}"\nkey = "{key}"\ntrust = "{folder}/trust"\nrevocation = "where_reachable"\n'
        f'participants = ["0208:0123456749"]\ninbox = "{folder}/in"\n{more}[database]\nurl = "sqlite:///{folder}/peppol.db"\n',
    )
    environment = {"EINVOICE_CONFIG": str(written), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    subprocess.run([sys.executable, "-m", "einvoice.cli", "doctor", "--migrate"], env=environment, check=False, capture_output=True)
    command = [sys.executable, "-m", "einvoice.cli", "serve", "--app", "peppol", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            assert found is not None, process.stderr and process.stderr.read()
            assert OWN in said
            yield Point(f"http://127.0.0.1:{found[1]}", message(1, moment=now, by=other, to=own), process)
        finally:
            process.kill()


def test_an_access_point_serves_until_it_is_ended(tmp_path: Path) -> None:
    with access_point(tmp_path) as point:
        assert requests.get(f"{point.base}/health", timeout=10).json()["status"] == "well"
        answer = requests.post(f"{point.base}/as4", point.message.body, headers={"content-type": point.message.type}, timeout=20)
        assert isinstance(signals.read(answer.headers["content-type"], answer.content), signals.Receipt), answer.text
        until = time.monotonic() + 10
        while not list((tmp_path / "in").glob("*.xml")) and time.monotonic() < until:
            time.sleep(0.02)
        assert len(list((tmp_path / "in").glob("*.xml"))) == 1
        point.process.send_signal(signal.SIGTERM)
        assert point.process.wait(20) in (0, -signal.SIGTERM)


def test_an_access_point_needs_somebody_to_receive_for(desk: Desk, capsys: Said) -> None:
    assert main(["serve", "--app", "peppol"]) == 2
    assert "[peppol] participants" in capsys.readouterr().err
