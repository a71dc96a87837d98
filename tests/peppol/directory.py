"""A Peppol directory for tests, over HTTP on this machine: `/search/1.0/json` with its pages, and the moments of its requests.

with directory.serving(entries) as server:
    server.url, server.asked, server.moments, server.status, server.body
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST = 1_000


class Directory:
    """The server: its matches, what it was asked, when (seconds), how it misbehaves."""

    def __init__(self, matches: Sequence[dict[str, Any]]) -> None:
        self.matches = list(matches)
        self.asked: list[dict[str, str]] = []
        self.moments: list[float] = []
        self.status = 200
        self.body: bytes | None = None
        self._server = _server(self)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str) -> tuple[int, bytes]:
        """The status and the body for a path."""
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.moments.append(time.monotonic())
        self.asked.append(query)
        if parts.path != "/search/1.0/json":
            return 404, b""
        if self.status != 200 or self.body is not None:
            return self.status, self.body or b""
        found = [one for one in self.matches if query["q"].lower() in json.dumps(one).lower()]
        page, size = int(query.get("resultPageIndex", 0)), int(query.get("resultPageCount", 20))
        first = page * size
        if first + size > MOST:
            return 400, b""
        shown = found[first : first + size]
        head = {"version": "1.0", "total-result-count": len(found), "used-result-count": len(shown), "result-page-index": page}
        return 200, json.dumps({**head, "query-terms": f"q={query['q']}", "matches": shown}).encode()


def match(participant: str, name: str, *, country: str = "BE", documents: Sequence[str] = ()) -> dict[str, Any]:
    """A match as the directory writes it."""
    scheme = "iso6523-actorid-upis"
    types = [dict(zip(("scheme", "value"), one.split("::", 1), strict=True)) for one in documents]
    entity = {"name": [{"name": name, "language": "en"}], "countryCode": country, "geoInfo": "Street 1, Town", "regDate": "2025-01-01"}
    return {"participantID": {"scheme": scheme, "value": participant}, "docTypes": types, "entities": [entity]}


def _server(directory: Directory) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = directory.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


@contextmanager
def serving(matches: Sequence[dict[str, Any]]) -> Iterator[Directory]:
    """The server, while the block runs."""
    found = Directory(matches)
    threading.Thread(target=found._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
    try:
        yield found
    finally:
        found._server.shutdown()
        found._server.server_close()
