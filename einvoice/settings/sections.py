"""Every setting, by section, and how each is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import SettingsError
from einvoice.settings import peppol as network
from einvoice.settings import providers
from einvoice.settings.values import (
    Pace,
    Secret,
    between,
    database_url,
    folder,
    names,
    one_of,
    paces,
    secret,
    secrets,
    size,
    text,
    web_address,
)


class Documents(NamedTuple):
    """What documents may be; `max_size` in bytes."""

    max_size: int = 100_000_000


class Artefacts(NamedTuple):
    """Where official artefacts are kept; `folder` None means the user's data folder."""

    folder: Path | None = None


class Database(NamedTuple):
    """Where outbox and receivables are kept."""

    url: str | Secret | None = None
    password: Secret | None = None

    def address(self) -> str:
        """The URL with its password, by default a SQLite file in the user's data folder (XDG_DATA_HOME, LOCALAPPDATA on Windows).

        Raises SettingsError where a secret leads to nothing.
        """
        if self.url is None:
            named = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME")
            return f"sqlite:///{Path(named or Path.home() / '.local' / 'share') / 'einvoice' / 'einvoice.db'}"
        url = self.url.reveal() if isinstance(self.url, Secret) else self.url
        if self.password is None:
            return url
        from urllib.parse import quote  # noqa: PLC0415 - only where there is a password

        user, at, rest = url.partition("@")
        if not at:
            raise SettingsError("[database] password is given, but [database] url names no user; write postgresql://USER@HOST/NAME")
        return f"{user}:{quote(self.password.reveal(), safe='')}@{rest}"


class Sending(NamedTuple):
    """The most that may leave this machine, where it goes in redirect, how many threads send, and how fast by channel."""

    mode: str = "live"
    redirect: str | None = None
    workers: int = 2
    pace: tuple[Pace, ...] = ()


class Smtp(NamedTuple):
    """The server that takes mail; `port` None is the usual one of `security`, `timeout` in seconds."""

    host: str | None = None
    port: int | None = None
    security: str = "starttls"
    user: str | None = None
    password: Secret | None = None
    sender: str | None = None
    timeout: int = 30


class Receivables(NamedTuple):
    """What the receivables work with; None is what the package brings, or nothing."""

    policy: Path | None = None
    creditor: str | None = None
    portal_url: str | None = None
    print_folder: Path | None = None
    templates: Path | None = None


class Rendering(NamedTuple):
    """How invoices look; `templates` is the folder of a house style, None for the package's own."""

    templates: Path | None = None


class Webhook(NamedTuple):
    """Where events are posted, the secrets they are signed with, and which they are: all, or types such as `dispute.*`."""

    name: str
    url: str = ""
    secret: tuple[Secret, ...] = ()
    events: tuple[str, ...] = ("*",)


class Settings(NamedTuple):
    """Every setting, by section; `file` is where they were read from, None where no file was found."""

    documents: Documents = Documents()
    artefacts: Artefacts = Artefacts()
    file: Path | None = None
    database: Database = Database()
    sending: Sending = Sending()
    smtp: Smtp = Smtp()
    receivables: Receivables = Receivables()
    webhooks: tuple[Webhook, ...] = ()
    rendering: Rendering = Rendering()
    channels: providers.Channels = providers.Channels()
    hooks: providers.Hooks = providers.Hooks()
    bounces: providers.Bounces = providers.Bounces()
    twilio: providers.Twilio = providers.Twilio()
    messagebird: providers.MessageBird = providers.MessageBird()
    bird: providers.Bird = providers.Bird()
    whatsapp: providers.WhatsApp = providers.WhatsApp()
    apprise: providers.Apprise = providers.Apprise()
    mollie: providers.Mollie = providers.Mollie()
    stripe: providers.Stripe = providers.Stripe()
    agencies: tuple[providers.Agency, ...] = ()
    peppol: network.Peppol = network.Peppol()
    peppyrus: network.Peppyrus = network.Peppyrus()
    einvoicebe: network.EInvoiceBe = network.EInvoiceBe()
    econnect: network.EConnect = network.EConnect()
    recommand: network.Recommand = network.Recommand()
    storecove: network.Storecove = network.Storecove()
    billit: network.Billit = network.Billit()


READS: dict[str, dict[str, Callable[[object], Any]]] = {
    "documents": {"max_size": size},
    "artefacts": {"folder": folder},
    "database": {"url": database_url, "password": secret},
    "sending": {"mode": one_of("dry_run", "redirect", "live"), "redirect": text, "workers": between(1, 64), "pace": paces},
    "smtp": {
        "host": text,
        "port": between(1, 65_535),
        "security": one_of("starttls", "tls", "none"),
        "user": text,
        "password": secret,
        "sender": text,
        "timeout": between(1, 600),
    },
    "receivables": {"policy": folder, "creditor": text, "portal_url": web_address, "print_folder": folder, "templates": folder},
    "rendering": {"templates": folder},
    **providers.READS,
    **network.READS,
}
"""The keys of each section, and how each is read."""
ALSO = {("artefacts", "folder"): ("EINVOICE_ARTEFACTS",)}
"""Variables of a setting besides `EINVOICE_<SECTION>_<KEY>`."""
WEBHOOK: dict[str, Callable[[object], Any]] = {"url": web_address, "secret": secrets, "events": names}
"""The keys of a webhook, and how each is read."""


class Named(NamedTuple):
    """A section of which there may be several, each below `[SECTION.NAME]`: its type, how its keys are read, which it cannot lack."""

    type: Any
    reads: dict[str, Callable[[object], Any]]
    required: tuple[str, ...]


NAMED = {
    "webhooks": Named(Webhook, WEBHOOK, ("url", "secret")),
    "agencies": Named(providers.Agency, providers.AGENCY, ()),
}
"""The sections with names."""
