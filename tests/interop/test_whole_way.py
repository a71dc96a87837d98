"""The whole way with peers at both ends: an invoice is checked, its receiver found at phoss SMP, sent to phase4, and proven."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

import einvoice
from einvoice.database import connect, reading
from einvoice.settings import Sending, Settings
from einvoice.settings.peppol import Peppol
from einvoice_peppol import sending
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import Client
from einvoice_peppol.lookup import network
from einvoice_peppol.sending import running
from einvoice_peppol.tables import OUTGOING
from tests.interop import folders, phase4, phoss, worlds
from tests.outbox.world import migrated
from tests.peppol import dns

pytestmark = pytest.mark.slow


def test_an_invoice_arrives_and_is_proven(tmp_path: Path) -> None:
    """All by public names: validate, submit, run; what is there afterwards is held against phase4's own log."""
    world, http = worlds.world(), Client()
    papers = [worlds.paper(name) for name in ("invoice", "credit-note", "attachment-300-kb")]
    places = [tmp_path / name for name in ("phase4", "phoss")]
    for place in places:
        place.mkdir()
    publisher, anchors = world.pki.smp("PNL000901"), [world.pki.smp_ca.certificate, world.pki.root.certificate]
    try:
        with (
            phase4.receiving(world.c3, world.anchors, world.pki.ap_ca.certificate, places[0]) as receiver,
            phoss.publishing(publisher, anchors, places[1]) as smp,
            dns.serving() as sml,
            migrated("sqlite", tmp_path) as engine,
        ):
            sml.register(papers[0].receiver, smp.url)
            for paper in papers:
                smp.register(paper.receiver, paper.kind, paper.process, url=receiver.url, certificate=world.c3.certificate)
            settings = Settings(peppol=Peppol(dns=(sml.address,), zone=sml.zone), sending=Sending(workers=1))
            bodies = Bodies(tmp_path / "spool")
            known = network.of(settings.peppol, http, world.trust)
            means = sending.Means(bodies, network=known, identity=world.c2, trust=world.trust)
            with connect(engine) as connection:
                for number, paper in enumerate(papers):
                    report = einvoice.validate(paper.data)
                    sending.submit(connection, paper.data, report, subject=f"invoice:{number}", via="as4", bodies=bodies)
            running.run(engine, means, settings)
            with reading(engine) as connection:
                rows = connection.execute(select(OUTGOING).order_by(OUTGOING.c.id)).all()
            assert [(row.state, row.access_point, row.endpoint) for row in rows] == [("sent", world.c3.seat, receiver.url)] * 3
            for row in rows:
                kept = receiver.received(row.message_id)
                assert (kept["instance_id"], kept["signer"], kept["problems"]) == (row.instance_id, world.c2.seat, [])
                assert row.receipt_hash is not None
    except folders.Absent as reason:
        pytest.skip(str(reason))
    finally:
        http.close()
