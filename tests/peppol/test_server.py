"""The server: receipts only for what is committed, errors with their codes, bounds on size, time and number, health and metrics."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine

from einvoice.cli import serve
from einvoice.errors import DatabaseError, NotChecked
from einvoice_peppol.as4 import receipts, signals
from einvoice_peppol.as4.receiving import Limits
from einvoice_peppol.http import Answer
from einvoice_peppol.server import application, body
from tests.outbox.world import migrated
from tests.peppol.as4_messages import NOW
from tests.peppol.inbox_world import OWN, Keeper, Message, identity, means, message, network, received, rows, serving


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with migrated("sqlite", tmp_path, live=False) as found:
        yield found


@contextmanager
def server(engine: Engine, folder: Path, **more: Any) -> Iterator[str]:
    how = {name: more.pop(name) for name in ("pace", "at_once", "clock") if name in more}
    with serving(engine, means(folder, **more), **how) as base:
        yield base


def post(base: str, sent: Message, data: Any = None) -> requests.Response:
    return requests.post(f"{base}/as4", data=sent.body if data is None else data, headers={"content-type": sent.type}, timeout=30)


def answer(response: requests.Response) -> Answer:
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content)


def code(response: requests.Response) -> str:
    signal = signals.read(response.headers["content-type"], response.content)
    assert isinstance(signal, signals.ErrorSignal)
    return signal.errors[0].code


def test_the_receipt_proves_what_was_sent_and_stands_in_the_inbox(engine: Engine, tmp_path: Path) -> None:
    sent = message()
    references = received(sent, means(tmp_path / "judge")).references
    with server(engine, tmp_path) as base:
        response = post(base, sent)
    proof = receipts.verify(answer(response), sent.id, references, network().trust(), identity(OWN).certificate, NOW)
    assert proof.seat == OWN
    assert [row.receipt for row in rows(engine)] == [response.content]


def test_a_repeated_message_gets_the_same_receipt(engine: Engine, tmp_path: Path) -> None:
    sent = message()
    with server(engine, tmp_path) as base:
        first, second = post(base, sent), post(base, sent)
    with server(engine, tmp_path) as base:
        third = post(base, sent)
    assert first.content == second.content == third.content
    assert first.status_code == third.status_code == 200
    assert len(rows(engine)) == 1


def test_chunks_are_taken(engine: Engine, tmp_path: Path) -> None:
    sent = message()
    with server(engine, tmp_path) as base:
        assert post(base, sent, (sent.body[at : at + 700] for at in range(0, len(sent.body), 700))).status_code == 200
    assert len(rows(engine)) == 1


@pytest.mark.parametrize("at_once", [1, 64])
def test_identical_messages_at_the_same_time_are_kept_once(engine: Engine, tmp_path: Path, at_once: int) -> None:
    sent, answers = message(), []
    with server(engine, tmp_path, at_once=at_once) as base:
        threads = [threading.Thread(target=lambda: answers.append(post(base, sent))) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert {one.content for one in answers} == {rows(engine)[0].receipt}
    assert len(rows(engine)) == 1


def test_identical_messages_to_two_servers_of_one_postgresql_are_kept_once(tmp_path: Path) -> None:
    answers: list[requests.Response] = []
    with migrated("postgresql", tmp_path, live=False) as engine, server(engine, tmp_path) as one, server(engine, tmp_path) as two:
        for number in range(5):
            sent = message(number)
            threads = [threading.Thread(target=lambda to=to, sent=sent: answers.append(post(to, sent))) for to in (one, two) * 3]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
        found = {row.receipt for row in rows(engine)}
    assert len(answers) == 30
    assert len(found) == 5
    assert {each.content for each in answers} == found


def test_what_is_refused_says_why_and_is_not_kept(engine: Engine, tmp_path: Path) -> None:
    with server(engine, tmp_path) as base:
        assert post(base, message(1)).status_code == 200
        assert code(post(base, message(1, instance="instance-2"))) == "EBMS:0003"
        assert code(post(base, message(2, instance="instance-1"))) == "EBMS:0003"
        assert code(post(base, message(3, receiver="0208:0999999922"))) == "EBMS:0004"
        assert b"PEPPOL:NOT_SERVICED" in post(base, message(3, receiver="0208:0999999922")).content
        old = message(4, moment=NOW - timedelta(days=8))
        assert code(post(base, old)) == "EBMS:0003"
        assert code(post(base, message(5), b"nonsense")).startswith("EBMS:")
        metrics = requests.get(f"{base}/metrics", timeout=5).text
    assert len(rows(engine)) == 1
    assert 'einvoice_peppol_refused_total{code="EBMS:0003"} 3' in metrics
    assert 'einvoice_peppol_refused_total{code="EBMS:0004"} 2' in metrics


def test_nothing_that_is_not_committed_is_acknowledged(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise DatabaseError("the disk is full")

    with server(engine, tmp_path) as base:
        with monkeypatch.context() as during:
            during.setattr("einvoice_peppol.server.committing.keep_arrival", fails)
            response = post(base, message())
            assert response.status_code == 503
            assert "retry-after" in response.headers
            assert b"Receipt" not in response.content
        assert rows(engine) == []
        assert post(base, message()).status_code == 200


def test_who_cannot_be_checked_now_is_not_refused_for_good(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: Any) -> str:
        raise NotChecked("no responder answers")

    with server(engine, tmp_path) as base:
        with monkeypatch.context() as during:
            during.setattr("einvoice_peppol.as4.verification.trusted", silent)
            response = post(base, message())
            assert response.status_code == 503
            assert "retry-after" in response.headers
        assert rows(engine) == []
        assert post(base, message()).status_code == 200
    assert len(rows(engine)) == 1


def test_what_no_check_foresaw_is_refused_and_one_message_stops_no_other(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("nobody thought of this")

    with server(engine, tmp_path) as base:
        with monkeypatch.context() as during:
            during.setattr("einvoice_peppol.server.desk.receive", fails)
            response = post(base, message())
            assert code(response) == "EBMS:0004"
            assert b"nobody thought" not in response.content
        assert post(base, message()).status_code == 200


def test_a_body_is_bounded_in_size(engine: Engine, tmp_path: Path) -> None:
    with server(engine, tmp_path, limits=Limits(size=50_000)) as base:
        assert post(base, message(), b"x" * 50_001).status_code == 413
        chunked = post(base, message(), iter([b"x" * 30_000, b"x" * 30_000]))
        assert (chunked.status_code, code(chunked)) == (413, "EBMS:0004")
        assert post(base, message()).status_code == 200


def test_a_body_is_bounded_in_time(engine: Engine, tmp_path: Path) -> None:
    with server(engine, tmp_path, pace=body.Pace(idle=0.3, rate=1_000_000)) as base:
        host, port = re.findall(r"//(.+):(\d+)", base)[0]
        with socket.create_connection((host, int(port)), timeout=10) as slow:
            slow.sendall(b"POST /as4 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nx")
            assert slow.recv(100).startswith(b"HTTP/1.1 408")
        with socket.create_connection((host, int(port)), timeout=10) as drip:
            drip.sendall(b"POST /as4 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n")
            began = time.monotonic()
            drip.settimeout(0.1)
            said = b""
            while not said and time.monotonic() - began < 5:
                try:
                    drip.sendall(b"x")
                    said = drip.recv(100)
                except TimeoutError:
                    continue
            assert said.startswith(b"HTTP/1.1 408")
            assert time.monotonic() - began < 2
        with socket.create_connection((host, int(port)), timeout=10) as gone:
            gone.sendall(b"POST /as4 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nx")
        assert post(base, message()).status_code == 200


def test_headers_are_bounded_in_time(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_PATIENCE", 0.3)
    with serving(engine, means(tmp_path), http=serve._protocol()) as base:
        host, port = re.findall(r"//(.+):(\d+)", base)[0]
        began = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=10) as slow, suppress(OSError):  # the server ends the connection
            while time.monotonic() - began < 5:
                slow.sendall(b"X")
                time.sleep(0.02)
        assert 0.3 <= time.monotonic() - began < 2
        assert post(base, message()).status_code == 200


def test_too_many_at_once_wait_and_then_are_sent_away(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_WAIT", 0.2)
    with server(engine, tmp_path, at_once=1, pace=body.Pace(idle=1.5)) as base:
        host, port = re.findall(r"//(.+):(\d+)", base)[0]
        with socket.create_connection((host, int(port)), timeout=10) as holder:
            holder.sendall(b"POST /as4 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nx")
            time.sleep(0.1)
            assert post(base, message()).status_code == 503
            assert holder.recv(100).startswith(b"HTTP/1.1 408")
        assert post(base, message()).status_code == 200


def test_what_came_is_handed_over(engine: Engine, tmp_path: Path) -> None:
    keeper = Keeper()
    with server(engine, tmp_path, handlers=[keeper]) as base:
        for number in range(3):
            assert post(base, message(number)).status_code == 200
        until = time.monotonic() + 5
        while len(keeper.taken) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    assert sorted(one.message_id for one in keeper.taken) == [f"message-{number}@sender.test" for number in range(3)]
    assert {row.state for row in rows(engine)} == {"handed"}


def test_what_waits_is_handed_over_by_the_next_server(engine: Engine, tmp_path: Path) -> None:
    keeper = Keeper()
    with server(engine, tmp_path) as base:
        post(base, message())
    with server(engine, tmp_path, handlers=[keeper]):
        until = time.monotonic() + 5
        while not keeper.taken and time.monotonic() < until:
            time.sleep(0.01)
    assert len(keeper.taken) == 1


def test_a_server_that_ends_answers_what_is_under_way(engine: Engine, tmp_path: Path) -> None:
    sent, answers, begun = message(), [], threading.Event()

    def slowly() -> Iterator[bytes]:
        for at in range(0, len(sent.body), 1_000):
            yield sent.body[at : at + 1_000]
            begun.set()
            time.sleep(0.05)

    with server(engine, tmp_path) as base:
        caller = threading.Thread(target=lambda: answers.append(post(base, sent, slowly())))
        caller.start()
        begun.wait(5)
    caller.join()
    assert [one.status_code for one in answers] == [200]
    assert [row.receipt for row in rows(engine)] == [answers[0].content]


def test_health_names_what_is_wrong(engine: Engine, tmp_path: Path) -> None:
    with server(engine, tmp_path) as base:
        assert requests.get(f"{base}/health", timeout=5).json() == {
            "status": "well",
            "database": "well",
            "certificate": "well",
            "spool": "well",
        }
    with server(engine, tmp_path, clock=lambda: NOW + timedelta(days=1_000)) as base:
        response = requests.get(f"{base}/health", timeout=5)
        assert response.status_code == 503
        assert "no longer valid" in response.json()["certificate"]
    (tmp_path / "spool").rmdir()
    (tmp_path / "spool").write_text("in the way")
    (tmp_path / "outbox.db").rename(tmp_path / "away.db")
    engine.dispose()
    (tmp_path / "outbox.db").mkdir()
    with server(engine, tmp_path) as base:
        response = requests.get(f"{base}/health", timeout=15)
        assert response.status_code == 503
        found = json.loads(response.content)
        assert found["status"] == "unwell"
        assert found["database"] != "well"
        assert found["spool"] != "well"


def test_metrics_are_counted(engine: Engine, tmp_path: Path) -> None:
    with server(engine, tmp_path) as base:
        for _ in range(2):
            post(base, message())
        post(base, message(), b"")
        text = requests.get(f"{base}/metrics", timeout=5)
    assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = dict(line.rsplit(" ", 1) for line in text.text.splitlines() if not line.startswith("#"))
    assert found["einvoice_peppol_received_total"] == "1"
    assert found['einvoice_peppol_repeated_total{what="message"}'] == "1"
    assert found['einvoice_peppol_inbox_messages{state="received"}'] == "1"
    assert found['einvoice_peppol_inbox_messages{state="failed"}'] == "0"
    assert found['einvoice_peppol_answer_seconds_bucket{le="+Inf"}'] == found["einvoice_peppol_answer_seconds_count"] == "3"
    assert 700 < float(found["einvoice_peppol_certificate_days"]) < 730


def test_what_a_killed_server_left_half_written_is_removed(engine: Engine, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    for name, age in (("part-old", 2 * 86_400), ("part-new", 0), ("a" * 64, 2 * 86_400)):
        (spool / name).write_bytes(b"x")
        os.utime(spool / name, (time.time() - age, time.time() - age))
    with server(engine, tmp_path):
        assert sorted(file.name for file in spool.iterdir()) == ["a" * 64, "part-new"]


def test_a_person_who_looks_is_told_what_this_is(engine: Engine, tmp_path: Path) -> None:
    with server(engine, tmp_path) as base:
        response = requests.get(f"{base}/as4", timeout=5)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert OWN in response.text
        assert requests.get(base, timeout=5).status_code == 404


def test_a_large_message_is_received_through_files(engine: Engine, tmp_path: Path) -> None:
    large = message(1, payload=f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>{'x' * 3_000_000}</Invoice>")
    with server(engine, tmp_path) as base:
        assert post(base, large).status_code == 200
    (row,) = rows(engine)
    assert row.file is not None
    assert row.size > 3_000_000
