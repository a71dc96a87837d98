"""What sending needs of the world outside: who we are, who is trusted, who is asked, who carries, where large bodies stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from einvoice.errors import PeppolError
from einvoice.outbox import Sender
from einvoice.settings import Settings
from einvoice_peppol import http as carriers
from einvoice_peppol.bodies import Bodies, spool
from einvoice_peppol.lookup import network as networks
from einvoice_peppol.lookup.network import Network
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.sending import hosted
from einvoice_peppol.sending.hosts import Hosts

Reached = Callable[[str], None]
"""Hears the name of each step when it was taken; tests end the process there."""


STEPS = (
    "claimed",
    "looked up",
    "wrapped",
    "built",
    "kept",
    "before prepared",
    "prepared",
    "before post",
    "posted",
    "verified",
    "told sent",
)
"""The steps of a message that is sent, in their order."""


def nothing(step: str) -> None:
    """Nobody listens."""


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


class Means(NamedTuple):
    """What sending needs. Without an identity there is no access point of our own, and only hosted ones send.

    `http` makes a client for a thread, `hosted` the senders of hosted access points, by channel; `timeout` in seconds for each step of a
    request. `hosts` remembers which access points do not answer.
    """

    bodies: Bodies
    clock: Callable[[], datetime] = now
    network: Network | None = None
    identity: Identity | None = None
    trust: Trust | None = None
    http: Callable[[], carriers.Http] = carriers.Client
    hosted: Callable[[], Mapping[str, Sender]] = dict
    hosts: Hosts = Hosts()
    timeout: float = 60.0
    reached: Reached = nothing

    def own(self) -> tuple[Identity, Trust, Network]:
        """Our access point: who we are, who is trusted, who is asked.

        Raises PeppolError where there is none.
        """
        if self.identity is None or self.trust is None or self.network is None:
            raise PeppolError("we have no access point of our own; set [peppol] certificate and key, or a hosted one: [peppol] via")
        return self.identity, self.trust, self.network


def of(settings: Settings, clock: Callable[[], datetime] = now) -> Means:
    """The means that the settings lead to.

    Our own certificate may have ended: then nothing is packed (`packing.pack` says so), and what needs none goes on: hosted access
    points, what came. Raises PeppolError, CertificateError, SettingsError where they lead nowhere.
    """
    ours = settings.peppol
    bodies = spool(settings)
    means = Means(bodies, clock, timeout=float(ours.timeout), hosts=Hosts(), hosted=lambda: hosted.senders(settings, bodies))
    if ours.certificate is None:
        return means
    from einvoice_peppol.pki import identity_files, trusting  # noqa: PLC0415 - only where we have an access point of our own

    carrier = carriers.Client()
    trust = trusting.load(ours, carrier)
    return means._replace(
        identity=identity_files.stated(ours),
        trust=trust,
        network=networks.of(ours, carrier, trust, clock=clock),
        timeout=float(ours.timeout),
    )
