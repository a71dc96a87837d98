"""What the tests of sending share: a network with a receiver, means to send to it, a peer that receives for real and can misbehave.

The peer is our judge of messages and our maker of receipts, behind the port of the HTTP client, with a log of its own: what it took, in
the order of coming. What it does next is told by `peer.next`: a word for each call, `fine` when there is none left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Engine, select

import einvoice
from einvoice.database import connect, reading
from einvoice.errors import TransportError
from einvoice.outbox.tables import OUTBOX
from einvoice.report import Layer, Report, Verdict
from einvoice.samples import sample
from einvoice.settings import Sending, Settings
from einvoice_peppol.as4 import ebms, receipts
from einvoice_peppol.as4.receiving import receive
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import MOST, Answer
from einvoice_peppol.identifiers import Participant, derive
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.sending import gate, means
from einvoice_peppol.sending.hosts import Hosts
from einvoice_peppol.tables import OUTGOING
from tests.outbox.world import migrated
from tests.peppol import networks

VALID = Report("invoice.xml", "ubl", "peppol", (Layer("structure", "1", Verdict.VALID),))
INVALID = Report("invoice.xml", "ubl", "peppol", (Layer("structure", "1", Verdict.INVALID),))


class Took(NamedTuple):
    """What the peer took: the ids, the hash of the document in its envelope, the request's bytes."""

    message_id: str
    instance_id: str
    sha256: str
    request: bytes


class Peer:
    """An access point behind the port of the HTTP client."""

    def __init__(self, own: Identity, trust: Trust, folder: Path, clock: Any) -> None:
        self.own = own
        self._trust = trust
        self._bodies = Bodies(folder / "peer")
        self._clock = clock
        self.next: list[str] = []
        self.took: list[Took] = []
        self.receipts: dict[str, list[bytes]] = {}
        self.calls: list[str] = []

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        timeout: float = 30.0,
        most: int = MOST,
    ) -> Answer:
        """Takes a request, as it was told to."""
        assert method == "POST"
        self.calls.append(url)
        word = self.next.pop(0) if self.next else "fine"
        if word == "silent":
            raise TransportError(f"{url} cannot be reached")
        data = body if isinstance(body, bytes) else body.read() if body else b""
        if word == "cut":  # before all of it was there
            raise TransportError(f"{url} broke off", sent=True)
        answer = self._answer(word, (headers or {})["content-type"], data)
        if word == "lost":
            raise TransportError(f"{url}: its answer broke off", sent=True)
        return answer

    def _answer(self, word: str, content_type: str, data: bytes) -> Answer:
        if word.startswith("EBMS:"):
            error = ebms.Ebms(word, "Other", "Content")
            made = receipts.error(ebms.Refused(error, "as told"), self.own, self._clock())
            return Answer(200, {"content-type": made[0]}, made[1])
        if word == "busy":
            return Answer(503, {"content-type": "text/plain"}, b"busy")
        received = receive(content_type, BytesIO(data), self.own, self._trust, self._bodies, self._clock(), serviced=lambda *_: True)
        body = received.body.keep()
        message = received.message.message_id
        self.took.append(Took(message, received.header.instance_id, body.sha256, data))
        kind, receipt = receipts.receipt(received, self.own, self._clock())
        self.receipts.setdefault(message, []).append(receipt)
        if word == "forged":
            receipt = receipt.replace(b"DigestValue>", b"DigestValue>A", 1)
        return Answer(200, {"content-type": kind}, b"OK" if word == "mute" else receipt)


class World(NamedTuple):
    """Everything there is."""

    engine: Engine
    here: networks.Here
    means: means.Means
    peer: Peer
    settings: Settings
    folder: Path

    def submit(self, number: str = "1", report: Report = VALID, **more: Any) -> int:
        """Submits an invoice for the participant that the network knows."""
        data = invoice(number)
        stated = more.pop("derived", None) or derive.of(data)
        told: dict[str, Any] = {
            "derived": stated._replace(receiver=networks.WHO),
            "bodies": self.means.bodies,
            "now": self.here.clock(),
            "via": "as4",
        }
        with connect(self.engine) as connection:
            return gate.submit(connection, more.pop("data", data), report, subject=f"invoice:{number}", **(told | more))

    def row(self, row_id: int) -> Any:
        """A row of what goes out."""
        with reading(self.engine) as connection:
            return connection.execute(select(OUTGOING).where(OUTGOING.c.id == row_id)).one()

    def effects(self) -> list[Any]:
        """What our owner has in the outbox, in order."""
        with reading(self.engine) as connection:
            return list(connection.execute(select(OUTBOX).where(OUTBOX.c.owner == "peppol").order_by(OUTBOX.c.id)))


def invoice(number: str) -> bytes:
    """A valid invoice of a number."""
    return einvoice.write(sample().model_copy(update={"number": number}), einvoice.Syntax.UBL)


@contextmanager
def standing(folder: Path, here: networks.Here, *, live: bool = True, kind: str = "sqlite") -> Iterator[World]:
    """A database and means in a network that stands already."""
    settings = Settings(peppol=here.settings, sending=Sending(workers=1))
    with migrated(kind, folder, live=live) as engine:
        peer = Peer(here.access_point, here.pki.trust(), folder, here.clock)
        ours = means.Means(
            bodies=Bodies(folder / "spool"),
            clock=here.clock,
            network=here.asked(),
            identity=here.pki.access_point("PNL000777"),
            trust=here.pki.trust(),
            http=lambda: peer,
            hosts=Hosts(),
        )
        yield World(engine, here, ours, peer, settings, folder)


def receiver(value: str) -> Participant:
    """A participant of the network's kind."""
    return Participant("0208", value)
