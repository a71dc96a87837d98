"""Which channels this installation has: those that its settings name a server or a folder for."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.receivables.channels.port import Channel
from einvoice.receivables.channels.senders import CHANNELS, sender_of
from einvoice.settings import Settings


class Means(NamedTuple):
    """What messages are made with: the channels there are, the address that mail comes from, the portal's address."""

    channels: frozenset[str]
    sender: str | None = None
    portal: str | None = None


def installed(settings: Settings) -> dict[str, Channel]:
    """A sender for each channel that the settings name one for; nothing is connected yet.

    Raises SettingsError where what they name cannot be used.
    """
    return {channel: sender for channel in CHANNELS if (sender := sender_of(channel, settings)) is not None}


def means(settings: Settings, channels: frozenset[str]) -> Means:
    """What messages are made with, for these channels."""
    return Means(channels, settings.smtp.sender, settings.receivables.portal_url)
