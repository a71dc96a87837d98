"""A whole network on this machine: DNS, SMP, a seller and a buyer each with an access point, a database and a server of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from einvoice.settings import Sending, Settings
from einvoice.settings.peppol import Peppol
from einvoice_peppol.answers.answer import SPECIFICATIONS, Kind
from einvoice_peppol.answers.creating import provider
from einvoice_peppol.answers.statuses import Statuses
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers import Participant
from einvoice_peppol.inbox import Handler, Incoming
from einvoice_peppol.lookup import network
from einvoice_peppol.lookup.words import WORDS
from einvoice_peppol.pki import testing
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.sending import run
from einvoice_peppol.sending.means import Means
from einvoice_peppol.sending.running import Round
from einvoice_peppol.server.desk import Means as Serving
from tests.outbox.world import migrated
from tests.peppol import dns, smp
from tests.peppol.inbox_world import serving
from tests.peppol.networks import BILLING

SELLER, BUYER = Participant("0208", "0999999031"), Participant("0208", "0999912325")
"""The parties of the sample."""
_PATIENCE = 20.0


class Side(NamedTuple):
    """A company with an access point: who it is, its database and spool, what it sends with, where it is reached."""

    own: Identity
    engine: Engine
    bodies: Bodies
    means: Means
    url: str

    def send(self) -> Round:
        """Prepares and sends what waits."""
        return run(self.engine, self.means, Settings(sending=Sending(workers=1)))


class Loopback(NamedTuple):
    """The network and its two companies."""

    seller: Side
    buyer: Side
    sml: dns.Dns
    smp: smp.Smp


class Keeps:
    """A handler that keeps what it is given, in the transaction that hands it over."""

    kinds = frozenset({"invoice"})

    def __init__(self, told: Callable[[Connection, Incoming], None]) -> None:
        self._told = told

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        """Tells the test."""
        self._told(connection, incoming)


@contextmanager
def standing(
    folder: Path, *, seller: Callable[[], Sequence[Handler]], buyer: Callable[[], Sequence[Handler]], database: str = "sqlite"
) -> Iterator[Loopback]:
    """Everything, while the block runs; `seller` and `buyer` make the handlers of their inboxes."""
    pki = testing.network()
    with dns.serving() as sml, smp.serving(pki.smp("PNL000901")) as publisher:
        seller_side = _side(pki, pki.access_point("PBE000001", country="BE"), folder / "seller", seller, sml, database)
        buyer_side = _side(pki, pki.access_point("PNL000002"), folder / "buyer", buyer, sml, database)
        with seller_side as one, buyer_side as two:
            _register(sml, publisher, one, SELLER)
            _register(sml, publisher, two, BUYER)
            yield Loopback(one, two, sml, publisher)


def _register(sml: dns.Dns, publisher: smp.Smp, side: Side, who: Participant) -> None:
    """A company takes invoices and answers to them; its provider takes what access points say."""
    takes = [(who, WORDS["invoice"], BILLING)]
    for kind, specification in SPECIFICATIONS.items():
        takes.append((provider(side.own.seat) if kind is Kind.MLS else who, specification.document, specification.process))
    for whom, document, process in takes:
        sml.register(whom, publisher.url)
        publisher.register(whom, document, process, url=side.url, certificate=side.own.certificate)


@contextmanager
def _side(
    pki: testing.TestNetwork, own: Identity, folder: Path, handlers: Callable[[], Sequence[Handler]], sml: dns.Dns, database: str
) -> Iterator[Side]:
    folder.mkdir(parents=True)
    bodies, client = Bodies(folder / "spool"), Client()
    asked = network.of(Peppol(dns=(sml.address,), zone=sml.zone, timeout=5), client, pki.trust())
    means = Means(bodies, _now, asked, own, pki.trust())
    with migrated(database, folder) as engine:
        after = Statuses(own.seat, "BE", _now, bodies, always=True)
        server = Serving(own, pki.trust(), bodies, lambda *_: True, handlers(), after)
        with serving(engine, server, clock=_now) as base:
            yield Side(own, engine, bodies, means, f"{base}/as4")
    client.close()


def wait(holds: Callable[[], object], otherwise: str) -> None:
    """Waits until something holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.02)


def _now() -> datetime:
    return datetime.now(UTC)
