"""What the tests of inbox and server share: an access point of our own, another that sends to it, messages, a server that runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from einvoice.database import reading
from einvoice_peppol.as4.receiving import Received, receive
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.inbox import KINDS, Incoming
from einvoice_peppol.inbox.servicing import Servicing
from einvoice_peppol.pki import testing
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.server.desk import Means
from einvoice_peppol.tables import INBOX
from tests.peppol import as4_messages
from tests.peppol.as4_messages import NOW, RECEIVER, Recipe

OWN, OTHER, THIRD = "PNL000001", "PBE000123", "PDE000456"
RECEIPT = b"<receipt/>"


class Message(NamedTuple):
    """A message as it is sent."""

    id: str
    instance: str
    type: str
    body: bytes


@cache
def network() -> testing.TestNetwork:
    """The PKI of these tests."""
    return testing.network(now=NOW)


@cache
def identity(seat: str) -> Identity:
    """An access point."""
    return network().access_point(seat, seat[1:3])


def message(
    number: int = 1,
    *,
    instance: str | None = None,
    payload: str | None = None,
    sender: str = OTHER,
    moment: datetime = NOW,
    by: Identity | None = None,
    to: Identity | None = None,
    **says: str,
) -> Message:
    """A message from another access point, made by other means than ours; `says` is what its SBDH and header say (`receiver`).

    `by` and `to` are identities of another PKI.
    """
    instance = instance or f"instance-{number}"
    text = payload or f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'><ID>{number}</ID></Invoice>"
    document = as4_messages.sbdh(text, **says).replace(b"instance-1<", f"{instance}<".encode())

    def addressed(root: Any) -> None:
        if "receiver" in says:
            as4_messages.find(root, "eb:Property[@name='finalRecipient']").text = says["receiver"]

    recipe = Recipe(
        by or identity(sender),
        (to or identity(OWN)).certificate,
        document,
        message_id=f"message-{number}@sender.test",
        moment=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        before=addressed,
    )
    made = as4_messages.made(recipe)
    return Message(recipe.message_id, instance, made.content_type, made.body())


def means(folder: Path, **more: Any) -> Means:
    """What our server works with; `more` replaces some of it."""
    bodies = more.pop("bodies", None) or Bodies(folder / "spool")
    return Means(identity(OWN), network().trust(), bodies, Servicing([RECEIVER], OWN), **more)


def received(sent: Message, by: Means, now: datetime = NOW) -> Received:
    """A message as AS4 judges it."""
    return receive(sent.type, BytesIO(sent.body), by.own, by.trust, by.bodies, now, serviced=by.serviced)


class Keeper:
    """A handler that keeps what it is given in memory, and does as told."""

    def __init__(self, kinds: frozenset[str] = KINDS) -> None:
        self.kinds = kinds
        self.taken: list[Incoming] = []
        self.faults: list[Exception] = []

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(incoming)


def rows(engine: Engine) -> list[Any]:
    """The rows of the inbox."""
    with reading(engine) as connection:
        return list(connection.execute(select(INBOX).order_by(INBOX.c.id)))


@contextmanager
def serving(engine: Engine, by: Means, **more: Any) -> Iterator[str]:
    """Our server in this process, while it is needed; its address."""
    import uvicorn

    from einvoice_peppol.server import app

    http = more.pop("http", "auto")
    made = app(engine, by, more.pop("clock", lambda: NOW), **more)
    config = uvicorn.Config(made, host="127.0.0.1", port=0, log_level="error", http=http)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
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
