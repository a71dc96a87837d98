"""The whole way with peers at both ends: an invoice is checked, its receiver found at phoss SMP, sent to phase4, and proven, or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pytest
from sqlalchemy import Engine, select

import einvoice
from einvoice.database import connect, reading
from einvoice.errors import TransportError
from einvoice.settings import Sending, Settings
from einvoice.settings.peppol import Peppol
from einvoice_peppol import sending
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import MOST, Answer, Client
from einvoice_peppol.lookup import network
from einvoice_peppol.sending import running
from einvoice_peppol.tables import OUTGOING
from tests.interop import folders, ours, phase4, phoss, worlds
from tests.interop.worlds import Paper, World
from tests.outbox.world import migrated
from tests.peppol import dns

pytestmark = pytest.mark.slow

KINDS = ("invoice", "credit-note", "attachment-300-kb")


class Way(NamedTuple):
    """Our database and means, and the access point at the other end."""

    world: World
    engine: Engine
    receiver: phase4.Receiver
    means: sending.Means
    settings: Settings

    def submit(self, *papers: Paper) -> None:
        """Through the gate, with the verdict on each."""
        with connect(self.engine) as connection:
            for number, paper in enumerate(papers):
                report = einvoice.validate(paper.data)
                sending.submit(connection, paper.data, report, subject=f"invoice:{number}", via="as4", bodies=self.means.bodies)

    def rows(self) -> list[Any]:
        """What goes out, in order."""
        with reading(self.engine) as connection:
            return list(connection.execute(select(OUTGOING).order_by(OUTGOING.c.id)))


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    """phoss SMP knows a receiver whose access point is phase4."""
    world, places = worlds.world(), [tmp_path / name for name in ("phase4", "phoss")]
    for place in places:
        place.mkdir()
    publishers = [world.pki.smp_ca.certificate, world.pki.root.certificate]
    with ExitStack() as stack:
        try:
            receiver = stack.enter_context(phase4.receiving(world.c3, world.anchors, world.pki.ap_ca.certificate, places[0]))
            smp = stack.enter_context(phoss.publishing(world.pki.smp("PNL000901"), publishers, places[1]))
        except folders.Absent as reason:
            pytest.skip(str(reason))
        sml = stack.enter_context(dns.serving())
        engine = stack.enter_context(migrated("sqlite", tmp_path))
        sml.register(worlds.paper("invoice").receiver, smp.url)
        for name in KINDS:
            paper = worlds.paper(name)
            smp.register(paper.receiver, paper.kind, paper.process, url=receiver.url, certificate=world.c3.certificate)
        settings = Settings(peppol=Peppol(dns=(sml.address,), zone=sml.zone), sending=Sending(workers=1))
        http = Client()
        stack.callback(http.close)
        known = network.of(settings.peppol, http, world.trust)
        means = sending.Means(Bodies(tmp_path / "spool"), network=known, identity=world.c2, trust=world.trust)
        yield Way(world, engine, receiver, means, settings)


def test_an_invoice_arrives_and_is_proven(way: Way) -> None:
    """All by public names: validate, submit, run; what is there afterwards is held against phase4's own log."""
    way.submit(*map(worlds.paper, KINDS))
    running.run(way.engine, way.means, way.settings)
    rows = way.rows()
    assert [(row.state, row.access_point, row.endpoint) for row in rows] == [("sent", way.world.c3.seat, way.receiver.url)] * len(KINDS)
    for row in rows:
        kept = way.receiver.received(row.message_id)
        assert (kept["instance_id"], kept["signer"], kept["problems"]) == (row.instance_id, way.world.c2.seat, [])
        assert row.receipt_hash is not None


def test_a_receipt_that_was_lost_proves_nothing(way: Way) -> None:
    """The answer breaks off, phase4 has the message and gives no receipt again: that is for a person, never `sent`, never twice there."""
    way.submit(worlds.paper("invoice"))
    running.run(way.engine, way.means._replace(http=_Deaf), way.settings)
    first = way.rows()[0]
    assert (first.state, first.receipt) == ("planned", None)  # the same bytes go again
    later = way.means._replace(clock=lambda: ours.now() + timedelta(days=1))
    running.run(way.engine, later, way.settings)
    row = way.rows()[0]
    assert (row.state, row.receipt, row.message_id) == ("dead", None, first.message_id)
    way.receiver.received(first.message_id)
    assert len([line for line in way.receiver.said.all if line["event"] == "received"]) == 1


class _Deaf:
    """A client whose answers break off after the request arrived."""

    def __init__(self) -> None:
        self._client = Client()

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
        """Carries the request, and hears nothing."""
        assert self._client.call(method, url, headers=headers, body=body, timeout=timeout, most=most).status == 200
        raise TransportError(f"{url}: its answer broke off", sent=True)

    def close(self) -> None:
        """Ends its connections."""
        self._client.close()
