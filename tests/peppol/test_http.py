"""The one HTTP client: whatever the other side does, a call ends in time, in an answer or in TransportError."""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from einvoice.errors import TransportError
from einvoice_peppol import http as carriers
from einvoice_peppol.http import Client
from einvoice_peppol.sending.preparing import LEASE


@contextmanager
def dripping(head: bytes, pause: float = 0.05) -> Iterator[str]:
    """A server that says a head, then one byte after another without an end."""

    def talk(caller: socket.socket) -> None:
        with closing(caller), suppress(OSError):
            caller.recv(4_096)
            caller.sendall(head)
            while True:
                caller.sendall(b"x")
                time.sleep(pause)

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server of one connection that answers its requests one after another, and what it heard."""
    heard: list[bytes] = []

    def listen() -> None:
        with suppress(OSError), closing(server.accept()[0]) as caller:
            for answer in answers:
                heard.append(caller.recv(65_536))
                caller.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", heard


@pytest.fixture
def http() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nA: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
    ids=["status", "headers", "to the end", "by length", "in chunks"],
)
def test_a_server_that_drips_is_left_in_time(http: Client, head: bytes) -> None:
    began = time.monotonic()
    with dripping(head) as url, pytest.raises(TransportError) as caught:
        http.call("GET", url, timeout=0.2)
    assert caught.value.sent
    assert time.monotonic() - began < 2


def test_no_call_outlives_a_lease(http: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LEASE.total_seconds() - 60 > carriers._LONGEST
    monkeypatch.setattr(carriers, "_LONGEST", 0.3)
    began = time.monotonic()
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url, pytest.raises(TransportError) as caught:
        http.call("POST", url, body=io.BytesIO(b"abc"), timeout=3_600)
    assert caught.value.sent
    assert time.monotonic() - began < 2


def test_a_client_that_left_a_server_asks_the_next(http: Client) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url, pytest.raises(TransportError):
        http.call("GET", url, timeout=0.1)
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as (
        url,
        heard,
    ):
        assert http.call("GET", url).body == b"ab"
        assert http.call("GET", url).status == 404
        assert len(heard) == 2


def test_a_slow_answer_within_the_limit_is_read(http: Client) -> None:
    slow = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    with answering(slow) as (url, _):
        assert http.call("POST", url, body=io.BytesIO(b"abc"), timeout=0.5).body == b"a"


@pytest.mark.parametrize("url", ["http://peer.example/", "ftp://127.0.0.1/", "https://", "https://[", "file:///etc/passwd", ""])
def test_nothing_is_sent_to_other_addresses(http: Client, url: str) -> None:
    with pytest.raises(TransportError) as caught:
        http.call("GET", url)
    assert not caught.value.sent


def test_redirects_are_not_followed_and_too_much_is_not_read(http: Client) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with answering(moved, b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + b"a" * 11) as (url, _):
        assert http.call("GET", url).status == 302
        with pytest.raises(TransportError) as caught:
            http.call("GET", url, most=10)
        assert caught.value.sent


def test_who_does_not_listen_got_nothing(http: Client) -> None:
    with pytest.raises(TransportError) as caught:
        http.call("GET", "http://127.0.0.1:1/", timeout=1)
    assert not caught.value.sent


@pytest.fixture(scope="module")
def localhost(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, its own issuer, and its key."""
    key, name = rsa.generate_private_key(65_537, 2_048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 5, now - timedelta(days=1), now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM) + private)
    return file


@contextmanager
def breaking(certificate: Path, answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that shakes hands, reads a request, and answers with bytes that are no TLS; and what it heard."""
    heard: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def listen() -> None:
        with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as caller:
            heard.append(caller.recv(65_536))
            with socket.socket(fileno=os.dup(caller.fileno())) as below:
                below.sendall(answer)
                below.shutdown(socket.SHUT_RDWR)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield f"https://localhost:{server.getsockname()[1]}/", heard


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x17\x03\x03\x00\x30" + b"x" * 48], ids=["no TLS", "altered"])
def test_what_was_sent_may_have_arrived_where_tls_breaks_in_the_answer(http: Client, localhost: Path, answer: bytes) -> None:
    http._session.verify = str(localhost)
    with breaking(localhost, answer) as (url, heard), pytest.raises(TransportError) as caught:
        http.call("POST", url, body=b"abc", timeout=5)
    assert caught.value.sent
    assert len(heard) == 1


def test_nothing_arrived_where_nobody_shook_hands(http: Client, localhost: Path) -> None:
    with breaking(localhost, b"") as (url, heard), pytest.raises(TransportError) as caught:
        http.call("POST", url, body=b"abc", timeout=5)  # the certificate is nobody's whom it trusts
    assert not caught.value.sent
    assert heard in ([], [b""])


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "*.example", "[v1.a]"])
def test_names_that_no_host_can_have_are_named_so(http: Client, host: str) -> None:
    with pytest.raises(TransportError) as caught:
        http.call("GET", f"https://{host}/", timeout=1)
    assert not caught.value.sent
