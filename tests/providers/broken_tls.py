"""A server whose TLS is good until it has read the whole request, and then breaks; and one that nobody trusts."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.certificates import certificate

HOST = "127.0.0.1"


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Path, list[bytes]]]:
    """Serves one request after another; the address, the certificate, what was read of each."""
    made, key = certificate(folder, HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    read: list[bytes] = []
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(0.2)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    plain, _ = server.accept()
                except TimeoutError:
                    continue
                with plain:
                    _broken(plain, context, read)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"https://{HOST}:{server.getsockname()[1]}", made, read
        finally:
            ended.set()
            thread.join()


def _broken(plain: socket.socket, context: ssl.SSLContext, read: list[bytes]) -> None:
    plain.settimeout(5)
    try:
        secure = context.wrap_socket(plain, server_side=True)
    except (ssl.SSLError, OSError):
        return
    read.append(secure.recv(65_536))
    raw = socket.socket(fileno=secure.detach())
    raw.sendall(b"this is no record of TLS")
    raw.close()
