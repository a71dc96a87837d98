"""Which sender a channel goes by: one row for each way that the settings may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from einvoice.errors import SettingsError
from einvoice.receivables.channels.bird import BirdSender
from einvoice.receivables.channels.email import EmailSender, Server
from einvoice.receivables.channels.folder import FolderSender
from einvoice.receivables.channels.generic import AppriseSender
from einvoice.receivables.channels.messagebird import MessageBirdSender
from einvoice.receivables.channels.port import Channel
from einvoice.receivables.channels.twilio import TwilioSender
from einvoice.receivables.channels.whatsapp import WhatsAppSender
from einvoice.settings import Settings

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_PAPER = frozenset({"letter", "registered_letter"})
CHANNELS = ("email", "sms", "whatsapp", "computer_call", "letter", "registered_letter", "peppol")
"""The channels that can be sent; the others are a person's."""


def sender_of(channel: str, settings: Settings) -> Channel | None:
    """The sender of a channel, None where the settings name none; nothing is connected yet.

    Raises SettingsError where what they name cannot be used: a secret leads to nothing, a folder or server is missing.
    """
    way = way_of(channel, settings)
    return None if way is None else SENDERS[way](channel, settings)


def way_of(channel: str, settings: Settings) -> str | None:
    """What the settings name for a channel; mail goes by SMTP, letters into the print folder, where there is one."""
    stated: str | None = getattr(settings.channels, channel)
    if stated is None and channel == "email" and settings.smtp.host:
        return "smtp"
    return "folder" if stated is None and channel in _PAPER and settings.receivables.print_folder else stated


def server(settings: Settings) -> Server:
    """The mail server of the settings.

    Raises SettingsError where there is none, or a secret leads to nothing.
    """
    smtp = settings.smtp
    if not smtp.host:
        raise SettingsError("no mail server is set; write host below [smtp]")
    password = smtp.password.reveal() if smtp.password else None
    port = smtp.port or _PORTS[smtp.security]
    return Server(smtp.host, port, smtp.security, smtp.user, password, smtp.timeout, tagged=settings.bounces.tagged == "yes")


def folder_of(channel: str, settings: Settings) -> Path:
    """Where the messages of a channel that goes by `folder` are left: the print folder for letters, else a folder named by the channel.

    Raises SettingsError where no folder is set.
    """
    print_folder, others = settings.receivables.print_folder, settings.channels.folder
    if channel in _PAPER and print_folder:
        return print_folder
    base = others or print_folder
    if base is None:
        raise SettingsError(f'[channels] {channel} is "folder", but no folder is set; write folder below [channels]')
    return base / ("letter" if channel in _PAPER else channel)


def _apprise(channel: str, settings: Settings) -> Channel:
    url = getattr(settings.apprise, channel)
    if url is None:
        raise SettingsError(f'[channels] {channel} is "apprise", but [apprise] {channel} names no address')
    return AppriseSender(channel, url.reveal())


SENDERS: Mapping[str, Callable[[str, Settings], Channel]] = {
    "smtp": lambda _channel, settings: EmailSender(server(settings)),
    "folder": lambda channel, settings: FolderSender(folder_of(channel, settings)),
    "apprise": _apprise,
    "twilio": TwilioSender,
    "messagebird": MessageBirdSender,
    "bird": BirdSender,
    "whatsapp": WhatsAppSender,
}
"""A sender for a channel, by what `[channels]` names for it."""
