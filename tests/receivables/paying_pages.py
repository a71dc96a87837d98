"""The page behind a link, served by a real server: what a browser asks and is answered."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from einvoice.serving import pay
from einvoice.settings import Settings
from einvoice.settings.providers import Hooks
from tests.receivables.paying_worlds import BASE, NOW, Shop


class Got(NamedTuple):
    """An answer: its status, headers in small letters, text."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def buttons(self) -> list[str]:
        """The providers that are offered."""
        return re.findall(r'name="provider" value="([a-z]+)"', self.text)


class Browser(NamedTuple):
    """Asks a server for pages."""

    address: str

    def get(self, path: str) -> Got:
        """A page."""
        return self._ask("GET", path)

    def press(self, path: str, provider: str, **headers: str) -> Got:
        """A button of the page."""
        shown = {"Content-Type": "application/x-www-form-urlencoded", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self._ask("POST", path, f"provider={provider}".encode(), shown)

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Got:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()


@contextmanager
def served(shop: Shop, settings: Settings | None = None) -> Iterator[Browser]:
    """The page of a shop, until the end."""
    settings = settings or Settings(hooks=Hooks(url=BASE))
    app = Starlette(routes=pay.routes(shop.engine, settings, lambda: NOW, shop.providers))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Browser(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
