"""The network that is asked: production or test, or one of our own; its SML, its directory, who is trusted, what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from dns.resolver import Resolver

from einvoice.settings.peppol import Peppol
from einvoice_peppol.http import Http
from einvoice_peppol.lookup import naptr
from einvoice_peppol.lookup.cache import Cache
from einvoice_peppol.lookup.smp import Client
from einvoice_peppol.pki.identity import Trust

ZONES = {
    "production": "participant.sml.prod.tech.peppol.org.",
    "test": "participant.sml.test.tech.peppol.org.",
}
"""The zones of the SML (peppol-commons, ESML; in force since the SML moved to OpenPeppol)."""
DIRECTORIES = {"production": "https://directory.peppol.eu", "test": "https://test-directory.peppol.eu"}
"""The Peppol directories."""


class Network(NamedTuple):
    """A network: its name, the zone of its SML and who is asked for it, its SMPs' client, its directory, its memory and its clock.

    `local` says that it is one of our own, so that its addresses may lead to this machine.
    """

    name: str
    zone: str
    resolver: Resolver
    smp: Client
    directory: str
    cache: Cache
    clock: Callable[[], datetime]
    local: bool = False

    @property
    def http(self) -> Http:
        """Whoever carries requests."""
        return self.smp.http

    @property
    def trust(self) -> Trust:
        """Whoever judges certificates."""
        return self.smp.trust


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def of(settings: Peppol, http: Http, trust: Trust, *, clock: Callable[[], datetime] = now, cache: Cache | None = None) -> Network:
    """The network that the settings name.

    Where they name a zone of their own it is one of our own, in which addresses may lead to this machine. Raises LookupFailed where no
    server of the DNS is known.
    """
    local = settings.zone is not None
    patience = float(min(settings.timeout, 10))
    return Network(
        settings.network,
        settings.zone or ZONES[settings.network],
        naptr.resolver(settings.dns, patience),
        Client(http, trust, clock, local, float(min(settings.timeout, 20))),
        (settings.directory or DIRECTORIES[settings.network]).rstrip("/"),
        cache or Cache(clock),
        clock,
        local,
    )
