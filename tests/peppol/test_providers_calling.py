"""Calls to hosted access points: each on a connection of its own, and what every status means."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from einvoice.errors import PeppolError, Rejected, TransportError
from einvoice.outbox import State
from einvoice_peppol.http import Client
from einvoice_peppol.providers.calling import Api, Reply, let_in, segment, taken


@contextmanager
def forgetful() -> Iterator[str]:
    """A server that promises to keep connections, and closes each when something comes on it a second time."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            threading.Thread(target=answer, args=(connection,)).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"id": "1"}')
            connection.recv(65_536)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        thread.join()
        listening.close()


def test_no_connection_is_used_twice() -> None:
    with forgetful() as base:
        client = Client()
        api = Api("it", client, base, dict)
        found = [api.hand_over("POST", "x", lambda reply: taken(reply, "it", reply.object().get("id")), sent={}) for _ in range(5)]
        client.close()
    assert [outcome.state for outcome in found] == [State.SENT] * 5


@pytest.mark.parametrize(
    ("status", "state", "asked"),
    [
        *((status, State.PLANNED, TransportError) for status in (401, 402, 403, 405, 407, 408, 425, 429)),
        (404, State.PLANNED, Rejected),
        *((status, State.FAILED, Rejected) for status in (400, 406, 410, 413, 415, 422, 451, 499)),
        (409, State.UNKNOWN, Rejected),
        *((status, State.UNKNOWN, TransportError) for status in (100, 199, 300, 302, 304, 399, 500, 502, 503, 504, 599)),
    ],
)
def test_what_a_status_means(status: int, state: State, asked: type[PeppolError]) -> None:
    api = Api("it", Client(), "http://127.0.0.1:9", dict)
    reply = Reply(status, {"retry-after": "120"}, b'{"detail": "no"}')
    outcome = api.refused(reply)
    assert (outcome.state, outcome.retry_after) == (state, 120.0 if status in (408, 425, 429) else None)
    with pytest.raises(asked) as raised:
        api.succeeded(reply)
    assert not isinstance(raised.value, Rejected) or raised.value.code == str(status)


@pytest.mark.parametrize(
    ("stated", "seconds"), [("7", 7.0), ("999999999", 86_400.0), ("-1", None), ("soon", None), ("", None), ("٣", None)]
)
def test_how_long_to_wait(stated: str, seconds: float | None) -> None:
    assert Reply(429, {"retry-after": stated}, b"").wait == seconds


@pytest.mark.parametrize("ref", [None, "", True, [], {}, 1.5, "x" * 151])
def test_what_is_no_id_proves_nothing(ref: object) -> None:
    assert taken(Reply(200, {}, b""), "it", ref).state is State.UNKNOWN


def test_ids_and_keys_stay_what_they_are_in_addresses_and_headers() -> None:
    assert segment("a/../b?c#d é") == "a%2F..%2Fb%3Fc%23d%20%C3%A9"
    for ref in ("", ".", ".."):
        with pytest.raises(Rejected):
            segment(ref)
    with pytest.raises(PeppolError) as raised:
        let_in("it", "one\r\nx-other: two")
    assert "two" not in str(raised.value)


def test_what_cannot_be_had_to_let_us_in_leaves_the_document_here() -> None:
    def headers() -> dict[str, str]:
        raise TransportError("no token", sent=True)

    outcome = Api("it", Client(), "http://127.0.0.1:9", headers).hand_over("POST", "x", lambda reply: taken(reply, "it", "1"), sent={})
    assert outcome.state is State.PLANNED


def test_words_of_others_are_one_line_of_bounded_length() -> None:
    words = Api("it", Client(), "http://127.0.0.1:9", dict).words(Reply(400, {}, b"\x1b[31m\n\xff" + b"y" * 10_000))
    assert words.isprintable()
    assert len(words) < 600
