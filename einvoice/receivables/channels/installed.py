"""Which channels this installation has: those that its settings name a server or a folder for."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.errors import SettingsError
from einvoice.receivables.channels.email import EmailSender, Server
from einvoice.receivables.channels.folder import FolderSender
from einvoice.receivables.channels.port import Channel
from einvoice.settings import Settings, Smtp

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Means(NamedTuple):
    """What messages are made with: the channels there are, the address that mail comes from, the portal's address."""

    channels: frozenset[str]
    sender: str | None = None
    portal: str | None = None


def installed(settings: Settings) -> dict[str, Channel]:
    """A sender for each channel that the settings allow; nothing is connected yet.

    Raises SettingsError where a secret leads to nothing.
    """
    found: dict[str, Channel] = {}
    if settings.smtp.host:
        found["email"] = EmailSender(server(settings.smtp))
    if settings.receivables.print_folder:
        found["letter"] = FolderSender(settings.receivables.print_folder)
    return found


def means(settings: Settings, channels: frozenset[str]) -> Means:
    """What messages are made with, for these channels."""
    return Means(channels, settings.smtp.sender, settings.receivables.portal_url)


def server(smtp: Smtp) -> Server:
    """The mail server of the settings.

    Raises SettingsError where there is none, or a secret leads to nothing.
    """
    if not smtp.host:
        raise SettingsError("no mail server is set; write host below [smtp]")
    password = smtp.password.reveal() if smtp.password else None
    return Server(smtp.host, smtp.port or _PORTS[smtp.security], smtp.security, smtp.user, password, smtp.timeout)
