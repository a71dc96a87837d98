"""Two access points of a test network, and the receiving one's ear."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from einvoice_peppol.as4 import receiving
from einvoice_peppol.as4.receiving import Limits, Received
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.pki.testing import FAULTS, TestNetwork, network
from tests.peppol.as4_attacks import BOMB
from tests.peppol.as4_messages import NOW, Made, Recipe

LIMITS = Limits(size=BOMB - 1_000_000)


@dataclass(frozen=True)
class Ear:
    """Who receives: `own`, whom it trusts, where it keeps; `sender` is whom it hears."""

    pki: TestNetwork
    sender: Identity
    own: Identity
    trust: Trust
    bodies: Bodies

    @property
    def recipe(self) -> Recipe:
        """A good message from the sender."""
        return Recipe(self.sender, self.own.certificate)

    def hear(self, made: Made, limits: Limits = LIMITS) -> Received:
        """Receives a message."""
        return self.read(made.content_type, made.stream(), limits)

    def read(self, content_type: str, stream: bytes | BinaryIO, limits: Limits = LIMITS) -> Received:
        """Receives bytes."""
        source = BytesIO(stream) if isinstance(stream, bytes) else stream
        return receiving.receive(content_type, source, self.own, self.trust, self.bodies, NOW, serviced=takes, limits=limits)


def takes(receiver: Participant, document: DocumentType, process: Process) -> bool:
    """Takes anything for anybody but 0208:nobody."""
    return receiver.value != "nobody"


@cache
def ear(folder: str | None = None) -> Ear:
    """Two access points, made once a process; its spool is a temporary folder unless one is given."""
    pki = network(now=NOW)
    spool = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="as4-"))
    return Ear(pki, pki.access_point("PDE000001", "DE"), pki.access_point("PNL000002"), pki.trust(), Bodies(spool))


def strangers(pki: TestNetwork) -> Iterator[tuple[str, Identity]]:
    """Who may not send to anybody: an SMP, an access point of another network, certificates with each fault, by its name."""
    yield "an SMP", pki.smp("PDE000001")
    yield "another network", network(name="another", now=NOW).access_point("PDE000001", "DE")
    for fault in FAULTS:
        yield fault, pki.access_point("PDE000001", "DE", fault)
