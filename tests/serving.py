"""A server on this machine for tests: bytes by path, and paths that break off, hang, refuse or lead elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """A server on this machine: bytes by path, and paths that break off, hang, refuse or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.slow: set[str] = set()
        self.redirects: dict[str, str] = {}
        self.asked: list[str] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    """Answers as the server says."""

    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(self.path)
        if self.path in server.redirects:
            self.send_response(302)
            self.send_header("Location", server.redirects[self.path])
            self.end_headers()
            return
        data = server.files.get(self.path)
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        if self.path in server.slow:
            self.wfile.write((data or b"")[:10])
            self.wfile.flush()
            server.closing.wait(20)
            return
        self.wfile.write((data or b"")[: 10 if self.path in server.cut else None])

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """The server, while it runs."""
    made = Server()
    made.daemon_threads = False  # closing the server waits for them: no thread outlives its test
    loop = threading.Thread(target=made.serve_forever)
    loop.start()
    try:
        yield made
    finally:
        made.closing.set()
        made.shutdown()
        made.server_close()
        loop.join()
