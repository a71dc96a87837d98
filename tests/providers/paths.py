"""The whole path of a message: a day's run, the provider's server, its call to our server over HTTP, and what is known afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select, update

from einvoice.database import connect, open_database
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.incoming.port import Request
from einvoice.receivables.ledger import parties
from einvoice.receivables.store.tables import CONTACTS
from einvoice.settings import Sending
from tests.providers.messaging import Provider, served
from tests.receivables.news import rules as rules_of
from tests.receivables.run_world import World, migrated

PHONE = "+31 6 5550 0001"


class Line:
    """A world that sends by one channel of one provider, and the server that the provider calls."""

    def __init__(self, made: World, service: Any, provider: Provider, base: str) -> None:
        self.made = made
        self.service = service
        self.provider = provider
        self.base = base

    def calls(self, request: Request) -> requests.Response:
        """The provider calls: the address that it signed is the public one, behind which our server stands."""
        url = urlsplit(request.url)
        address = f"{self.base}{url.path}" + (f"?{url.query}" if url.query else "")
        return requests.request(request.method, address, data=request.body, headers=dict(request.headers), timeout=10)

    def tells(self, what: str, secret: str | None = None) -> requests.Response:
        """The provider tells what became of the last message."""
        return self.calls(self.provider.calls(self.effect().provider, what, self.made.clock(), secret))

    def effect(self) -> Any:
        """The last effect of the outbox."""
        return self.made.rows(select(OUTBOX).order_by(OUTBOX.c.id.desc()).limit(1))[0]


@contextmanager
def line(provider: Provider, channel: str, folder: Path) -> Iterator[Line]:
    """A debtor is reached by the channel only; everything is real but the provider, whose server behaves as its API says."""
    pytest.importorskip("uvicorn", reason="the extra server is not installed")
    from einvoice.serving.hooks import app

    rules = rules_of(f"    - {{id: r1, offset: 0, all_of: [{channel}]}}\n")
    (folder / "books.db").write_bytes(migrated())
    engine = open_database(f"sqlite:///{folder / 'books.db'}")
    try:
        with served(provider, folder) as (service, settings):
            made = World(engine, settings._replace(sending=Sending(workers=1)), rules)
            debtor = made.debtor("d1")
            with connect(engine) as connection:
                connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == debtor).values(phone=PHONE, language="nl"))
                parties.consent(connection, debtor, channel, True, made.clock(), "tests")
                parties.save_person(connection, made.creditor, "noor", name="Noor")
            with _listening(app(engine, made.settings, made.clock)) as base:
                yield Line(made, service, provider, base)
    finally:
        engine.dispose()


@contextmanager
def _listening(app: Any) -> Iterator[str]:
    """The application on a free port."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
