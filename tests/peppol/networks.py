"""A network of our own for tests of the lookup: an SML, an SMP, a participant that takes invoices, and who is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.settings.peppol import Peppol
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.lookup import network
from einvoice_peppol.lookup.network import Network
from einvoice_peppol.lookup.words import WORDS
from einvoice_peppol.pki import anchors, testing
from einvoice_peppol.pki.identity import Identity
from tests.peppol import dns, smp

WHO = Participant("0208", "0123456749")
INVOICE = WORDS["invoice"]
BILLING = Process("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
URL = "http://127.0.0.1:9/as4"
NOW = datetime.now(UTC).replace(microsecond=0)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += timedelta(seconds=seconds)


class Here(NamedTuple):
    """Everything, and `asked()`: the network with nothing remembered yet."""

    sml: dns.Dns
    smp: smp.Smp
    other: smp.Smp
    pki: testing.TestNetwork
    strangers: testing.TestNetwork
    access_point: Identity
    http: Client
    clock: Clock

    @property
    def settings(self) -> Peppol:
        """What a user would set."""
        return Peppol(dns=(self.sml.address,), zone=self.sml.zone, timeout=1)

    def asked(self) -> Network:
        """The network with nothing remembered yet; servers that are silent are waited for half a second, so that tests are quick."""
        found = network.of(self.settings, self.http, self.pki.trust(), clock=self.clock)
        found.resolver.lifetime = 0.5
        return found

    def register(self, document: DocumentType = INVOICE, process: Process = BILLING, **more: Any) -> None:
        """Registers the participant at the first SMP for another document type, or another endpoint of one."""
        self.smp.register(WHO, document, process, **{"url": URL, "certificate": self.access_point.certificate, **more})


def trusted(here: Here, home: Path) -> dict[str, str]:
    """Installs the network's trust anchors below a folder, and settings beside them; the variable that leads a program to them."""
    folder = home / "trust"
    found = ((here.pki.root, anchors.ROOT), (here.pki.ap_ca, anchors.ACCESS_POINTS), (here.pki.smp_ca, anchors.SMPS))
    anchors.install(folder, "test", [anchors.Anchor(one.certificate, role) for one, role in found])
    written = [f"dns = ['{here.sml.address}']", f"zone = '{here.sml.zone}'", f"trust = '{folder}'", "revocation = 'where_reachable'"]
    (home / "einvoice.toml").write_text("\n".join(["[peppol]", "timeout = 1", *written, ""]), "utf-8")
    return {"EINVOICE_CONFIG": str(home / "einvoice.toml")}


@contextmanager
def standing(http: Client | None = None) -> Iterator[Here]:
    """A network in which WHO takes INVOICE in the process BILLING; asked by a client that is given, or one of its own."""
    pki = testing.network()
    first, second = pki.smp("PNL000901"), pki.smp("PNL000902")
    asking = http or Client()
    with dns.serving() as sml, smp.serving(first) as server, smp.serving(second) as other:
        here = Here(sml, server, other, pki, testing.network(name="strangers"), pki.access_point("PBE000123"), asking, Clock())
        sml.register(WHO, server.url)
        here.register()
        try:
            yield here
        finally:
            if http is None:
                asking.close()
