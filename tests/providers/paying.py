"""What the local servers of payment providers share: HTTP in a thread, trouble on demand, a memory of what was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"


class Call(NamedTuple):
    """A request as it came: small names of headers, the query and the body as it was sent."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """An answer: `None` as status breaks the connection off, `wait` seconds first."""

    status: int | None
    body: Any = None
    headers: Mapping[str, str] = {}
    wait: float = 0


class Service:
    """A provider's server: `answers` says what; `trouble` is a list of replies that come first, `cuts` how often the answer is lost.

    An answer that is lost was given all the same: what was asked for is made.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.trouble: list[Reply] = []
        self.cuts = 0
        self.lock = threading.RLock()

    def answers(self, call: Call) -> Reply:
        """What a call leads to."""
        raise NotImplementedError

    def reply(self, call: Call) -> Reply:
        """The next trouble, else what the call leads to, which may be lost on its way."""
        with self.lock:
            self.calls.append(call)
            if self.trouble:
                return self.trouble.pop(0)
            made = self.answers(call)
            if self.cuts and call.method == "POST":
                self.cuts -= 1
                return Reply(None)
            return made

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serves until the end; the address."""
        server = ThreadingHTTPServer((HOST, 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            url = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = service.reply(Call(self.command, url.path, parse_qs(url.query), headers, self.rfile.read(length)))
            time.sleep(reply.wait)
            if reply.status is None:
                self.close_connection = True
                return
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # the caller had no patience
                self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
