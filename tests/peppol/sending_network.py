"""A network of our own in a process of its own: an SML, an SMP, and our own receiving server, whose log is the judge of who sends.

    with sending_network.apart(folder) as network:
        network.settings        # what a sender's settings are there; `network.config` is the same as a file
        network.handed()        # the documents that were handed over, in the order of coming
        network.requests()      # each request's message id and the hash of its bytes

`python -m tests.peppol.sending_network FOLDER SHARE` runs it until its standard input ends. `SHARE` of the requests are answered with a
fault: HTTP 503 before anything is read, or a connection that breaks off when the message was taken already.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from einvoice.settings import Sending, Settings
from einvoice.settings.peppol import Peppol
from einvoice.settings.sections import Database
from einvoice_peppol.identifiers import Participant
from einvoice_peppol.inbox import KINDS, Incoming

WHO = Participant("0208", "0123456749")
OURS, THEIRS = "PNL000777", "PBE000123"
_NUMBER = re.compile(rb"<cbc:ID>([^<]+)</cbc:ID>")
_MESSAGE = re.compile(rb"<eb:MessageId>([^<]+)</eb:MessageId>")


class Handed(NamedTuple):
    """A document that was handed over: its number, its ids, the hash of its envelope."""

    number: str
    message_id: str
    instance_id: str
    sha256: str


class Apart(NamedTuple):
    """The network as a sender meets it."""

    folder: Path
    settings: Settings
    url: str

    @property
    def config(self) -> Path:
        """The settings as a file."""
        return self.folder / "einvoice.toml"

    def handed(self) -> list[Handed]:
        """What was handed over, in order."""
        return [Handed(*line.split(" ")) for line in _lines(self.folder / "handed.log")]

    def requests(self) -> list[tuple[str, str]]:
        """The message id of each request, and the SHA-256 of its bytes."""
        return [(name, digest) for name, digest in (line.split(" ") for line in _lines(self.folder / "requests.log"))]

    def inbox(self) -> dict[str, tuple[str, bytes]]:
        """The state of each message that was kept, and the receipt that was given for it, by its message id."""
        from sqlalchemy import select

        from einvoice.database import open_database, reading
        from einvoice_peppol.tables import INBOX

        engine = open_database(f"sqlite:///{self.folder}/theirs/outbox.db")
        try:
            with reading(engine) as connection:
                rows = connection.execute(select(INBOX.c.message_id, INBOX.c.state, INBOX.c.receipt))
                return {row.message_id: (row.state, bytes(row.receipt)) for row in rows}
        finally:
            engine.dispose()


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


@contextmanager
def apart(folder: Path, share: float = 0.0) -> Iterator[Apart]:
    """The network in a process of its own, which ends when the block does."""
    command = [sys.executable, "-m", "tests.peppol.sending_network", str(folder), str(share)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield Apart(folder, _settings(folder, said), said["url"])
    finally:
        process.communicate()


def _settings(folder: Path, said: dict[str, str]) -> Settings:
    stated: dict[str, Any] = {
        "certificate": folder / "pki" / "ours.pem",
        "key": folder / "pki" / "ours.key",
        "trust": folder / "trust",
        "revocation": "where_reachable",
        "spool": folder / "spool",
        "dns": (said["dns"],),
        "zone": said["zone"],
        "timeout": 20,
    }
    lines = [f"{name} = {json.dumps([*value] if isinstance(value, tuple) else value, default=str)}" for name, value in stated.items()]
    database = f"sqlite:///{folder}/ours.db"
    (folder / "einvoice.toml").write_text("\n".join(["[database]", f'url = "{database}"', "[peppol]", *lines, ""]), "utf-8")
    return Settings(peppol=Peppol(**stated), sending=Sending(workers=1), database=Database(url=database))


class Log:
    """A handler that writes down what it is given."""

    kinds = KINDS

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        """A line a document."""
        found = _NUMBER.search(incoming.document(200_000_000))
        number = found[1].decode() if found else "?"
        self._file.write(f"{number} {incoming.message_id} {incoming.instance_id} {incoming.body.sha256}\n")
        self._file.flush()


class Unreliable:
    """An ASGI application around the server: writes down each request, and answers a share of them with a fault."""

    def __init__(self, inner: Any, log: Path, share: float) -> None:
        self._inner = inner
        self._log = log.open("a", encoding="utf-8")
        self._share = share
        self._chance = random.Random(7)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._inner(scope, receive, send)
            return
        word = self._chance.choice(("busy", "broken")) if self._chance.random() < self._share else "fine"
        if word == "busy":
            await send({"type": "http.response.start", "status": 503, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b"busy"})
            return
        await self._inner(scope, self._written(receive), _cut(send) if word == "broken" else send)

    def _written(self, receive: Any) -> Any:
        parts: list[bytes] = []

        async def heard() -> Any:
            event = await receive()
            if event["type"] == "http.request":
                parts.append(event.get("body", b""))
                if not event.get("more_body"):
                    data = b"".join(parts)
                    found = _MESSAGE.search(data[:100_000])
                    self._log.write(f"{found[1].decode() if found else '?'} {sha256(data).hexdigest()}\n")
                    self._log.flush()
            return event

        return heard


def _cut(send: Any) -> Any:
    """Promises an answer, and breaks off."""

    async def cut(event: Any) -> None:
        if event["type"] == "http.response.start":
            headers = [(name, value) for name, value in event["headers"] if name.lower() != b"content-length"]
            await send({**event, "headers": [*headers, (b"content-length", b"99999999")]})

    return cut


def _main(folder: Path, share: float) -> None:
    from einvoice_peppol.pki import anchors, testing, testing_files
    from tests.outbox.world import migrated
    from tests.peppol import dns, smp
    from tests.peppol.networks import BILLING, INVOICE

    pki = testing.network(folder / "pki")
    theirs = pki.access_point(THEIRS)
    testing_files.write(folder / "pki", "ours", pki.access_point(OURS))
    roles = ((pki.root, anchors.ROOT), (pki.ap_ca, anchors.ACCESS_POINTS), (pki.smp_ca, anchors.SMPS))
    anchors.install(folder / "trust", "test", [anchors.Anchor(one.certificate, role) for one, role in roles])
    (folder / "theirs").mkdir()
    with ExitStack() as stack:
        sml = stack.enter_context(dns.serving())
        publisher = stack.enter_context(smp.serving(pki.smp("PNL000901")))
        engine = stack.enter_context(migrated("sqlite", folder / "theirs", live=False))
        url = stack.enter_context(_receiving(engine, theirs, pki.trust(), folder, share))
        publisher.register(WHO, INVOICE, BILLING, url=url, certificate=theirs.certificate)
        sml.register(WHO, publisher.url)
        print(json.dumps({"dns": sml.address, "zone": sml.zone, "url": url}), flush=True)
        sys.stdin.read()  # until whoever started us ends


@contextmanager
def _receiving(engine: Engine, own: Any, trust: Any, folder: Path, share: float) -> Iterator[str]:
    import uvicorn

    from einvoice_peppol.bodies import Bodies
    from einvoice_peppol.server.application import app
    from einvoice_peppol.server.desk import Means

    means = Means(own, trust, Bodies(folder / "theirs" / "spool"), lambda *_: True, [Log(folder / "handed.log")])
    served = Unreliable(app(engine, means, lambda: datetime.now(UTC)), folder / "requests.log", share)
    config = uvicorn.Config(served, host="127.0.0.1", port=0, log_level="critical", ws="none")
    server, listening = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/as4"
    finally:
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), float(sys.argv[2]))
