"""Settings of the Peppol network: our access point, or the hosted one that stands in for it; what is None is not used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.settings.values import Secret, between, folder, names, one_of, secret, size, text, web_address


class Peppol(NamedTuple):
    """Our side of the network. Times in seconds, sizes in bytes.

    `via` says by whom we send: `as4`, our own access point, or a hosted one. `participants` are those that we receive for, as
    `0208:0123456789`; `country` is the one of our end users (C1) where a document does not say it. `dns` names servers to ask instead
    of the machine's (`127.0.0.1:5353`), `zone` another zone of the SML, `directory` another directory.
    """

    network: str = "test"
    via: str = "as4"
    certificate: Path | None = None
    key: Path | None = None
    key_password: Secret | None = None
    trust: Path | None = None
    revocation: str = "required"
    participants: tuple[str, ...] = ()
    country: str | None = None
    url: str | None = None
    spool: Path | None = None
    inbox: Path | None = None
    max_size: int = 200_000_000
    timeout: int = 60
    dns: tuple[str, ...] = ()
    zone: str | None = None
    directory: str | None = None
    mls: str = "failures"


class Peppyrus(NamedTuple):
    """Peppyrus, a hosted access point (Belgium)."""

    key: Secret | None = None
    api: str = "https://api.peppyrus.be/v1"
    webhook_secret: Secret | None = None


class EInvoiceBe(NamedTuple):
    """e-invoice.be, a hosted access point (Belgium)."""

    key: Secret | None = None
    api: str = "https://api.e-invoice.be"
    webhook_secret: Secret | None = None


class EConnect(NamedTuple):
    """eConnect's Procurement Service Bus, a hosted access point (Netherlands)."""

    client: str | None = None
    secret: Secret | None = None
    party: str | None = None
    api: str = "https://psb.econnect.eu/api/v1"
    token_url: str = "https://identity.econnect.eu/connect/token"
    webhook_secret: Secret | None = None


class Recommand(NamedTuple):
    """Recommand, a hosted access point."""

    key: str | None = None
    secret: Secret | None = None
    company: str | None = None
    api: str = "https://app.recommand.eu"
    webhook_secret: Secret | None = None


class Storecove(NamedTuple):
    """Storecove, a hosted access point."""

    key: Secret | None = None
    legal_entity: str | None = None
    api: str = "https://api.storecove.com/api/v2"
    webhook_secret: Secret | None = None


class Billit(NamedTuple):
    """Billit, a hosted access point (Belgium)."""

    key: Secret | None = None
    party: str | None = None
    api: str = "https://api.billit.be"
    webhook_secret: Secret | None = None


HOSTED = ("peppyrus", "e-invoice.be", "econnect", "recommand", "storecove", "billit")
"""The hosted access points, as `[peppol] via` and `send --via` name them."""

READS: dict[str, dict[str, Callable[[object], Any]]] = {
    "peppol": {
        "network": one_of("test", "production"),
        "via": one_of("as4", *HOSTED),
        "certificate": folder,
        "key": folder,
        "key_password": secret,
        "trust": folder,
        "revocation": one_of("required", "where_reachable"),
        "participants": names,
        "country": text,
        "url": web_address,
        "spool": folder,
        "inbox": folder,
        "max_size": size,
        "timeout": between(1, 3_600),
        "dns": names,
        "zone": text,
        "directory": web_address,
        "mls": one_of("failures", "always"),
    },
    "peppyrus": {"key": secret, "api": web_address, "webhook_secret": secret},
    "einvoicebe": {"key": secret, "api": web_address, "webhook_secret": secret},
    "econnect": {
        "client": text,
        "secret": secret,
        "party": text,
        "api": web_address,
        "token_url": web_address,
        "webhook_secret": secret,
    },
    "recommand": {"key": text, "secret": secret, "company": text, "api": web_address, "webhook_secret": secret},
    "storecove": {"key": secret, "legal_entity": text, "api": web_address, "webhook_secret": secret},
    "billit": {"key": secret, "party": text, "api": web_address, "webhook_secret": secret},
}
"""The keys of each section, and how each is read."""
