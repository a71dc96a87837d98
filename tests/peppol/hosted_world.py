"""A company without an access point of its own, with a hosted one beside it: its server, the settings, what it sends, fetches, hears."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests
import uvicorn
from sqlalchemy import select

from einvoice.database import reading
from einvoice.settings import Settings
from einvoice.settings import peppol as sections
from einvoice_peppol.inbox import hosted as inbox
from einvoice_peppol.providers import installed
from einvoice_peppol.providers.port import Call
from einvoice_peppol.sending import PeppolOwner, hosted, running
from einvoice_peppol.server import hooks
from einvoice_peppol.tables import INBOX
from tests.peppol import networks, sending_world
from tests.peppol.sending_world import World
from tests.providers.peppol import belgian, cases
from tests.providers.peppol import einvoicebe as einvoicebes
from tests.providers.peppol import peppyrus as peppyruses


class Hosted(NamedTuple):
    """Everything there is, and what `peppol run` does, in parts."""

    name: str
    world: World
    service: Any
    settings: Settings

    def submit(self, number: str = "1", **more: Any) -> int:
        """Submits an invoice that goes by the provider."""
        return self.world.submit(number, via=self.name, **more)

    def run(self) -> running.Round:
        """Sends what is due."""
        return running.run(self.world.engine, self.world.means, self.settings)

    def follow(self) -> hosted.Followed:
        """Asks what became of it."""
        providers = installed.installed(self.settings)
        return hosted.follow(self.world.engine, providers, self.world.here.clock, running.owners(PeppolOwner()))

    def fetch(self) -> inbox.Fetched:
        """Fetches what came."""
        return inbox.fetch(self.world.engine, installed.installed(self.settings), self.world.means.bodies, self.world.here.clock)

    def came(self) -> list[Any]:
        """The rows of the inbox."""
        with reading(self.world.engine) as connection:
            return list(connection.execute(select(INBOX).order_by(INBOX.c.id)))

    def comes(self, data: bytes) -> str:
        """A document comes for us; the provider's id."""
        return belgian.comes(belgian.CASES[self.name], self.service, data)

    def decides(self, ref: str, word: str) -> None:
        """What becomes of a document at the provider: `delivered` or `failed`."""
        names = {"delivered": ("delivers", "arrive"), "failed": ("fails", "fail")}[word]
        next(getattr(self.service, name) for name in names if hasattr(self.service, name))(ref)

    def hook(self, ref: str, word: str) -> Call:
        """The webhook that tells that a document `came`, was `delivered` or `failed`."""
        if self.name == "peppyrus":
            found: Call = self.service.hook(ref)
            return found
        kinds = {"came": "document.received", "delivered": "document.sent", "failed": "document.sent.failed"}
        return einvoicebes.hook(ref, kinds[word])


@contextmanager
def standing(folder: Path, here: networks.Here, name: str, *, live: bool = True, kind: str = "sqlite") -> Iterator[Hosted]:
    """The company, with the provider's server at work."""
    case = belgian.CASES[name]
    service = case.service()
    with service.served() as base, sending_world.standing(folder, here, live=live, kind=kind) as world:
        service.base = base
        settings = _settings(world.settings, name, base, folder)
        bodies = world.means.bodies
        means = world.means._replace(identity=None, hosted=lambda: hosted.senders(settings, bodies))
        yield Hosted(name, world._replace(means=means, settings=settings), service, settings)


def _settings(settings: Settings, name: str, base: str, folder: Path) -> Settings:
    stated = settings.peppol._replace(timeout=20)
    if name == "peppyrus":
        mine = sections.Peppyrus(cases.kept(folder, peppyruses.KEY), f"{base}/v1", cases.kept(folder, peppyruses.HOOK))
        return settings._replace(peppol=stated, peppyrus=mine)
    own = sections.EInvoiceBe(cases.kept(folder, einvoicebes.KEY), base, cases.kept(folder, einvoicebes.HOOK))
    return settings._replace(peppol=stated, einvoicebe=own)


@contextmanager
def hearing(of: Hosted) -> Iterator[str]:
    """Our server of webhooks; its address."""
    made = hooks.app(of.world.engine, of.settings, of.world.means.bodies, of.world.here.clock)
    server = uvicorn.Server(uvicorn.Config(made, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def call(base: str, name: str, hook: Call) -> int:
    """Carries a webhook over HTTP; the status of our answer."""
    query = hook.url.partition("?")[2]
    url = f"{base}/peppol/hooks/{name}" + (f"?{query}" if query else "")
    return requests.post(url, data=hook.body, headers=dict(hook.headers), timeout=30).status_code
