"""Which channels this installation has: those that its settings name a server or a folder for."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.receivables.channels.folder import FolderSender
from einvoice.receivables.channels.port import Channel
from einvoice.receivables.channels.senders import CHANNELS, sender_of
from einvoice.receivables.documents.templates import Templates, load
from einvoice.rendering import house
from einvoice.rendering.house import House
from einvoice.settings import Settings
from einvoice.settings.providers import Agency


class Means(NamedTuple):
    """What messages are made with: the channels there are, the address that mail comes from, the portal's address.

    `pages` is the address of our own pages, `templates` the words and layouts (None: this release's), `house` the house style,
    `agencies` who takes hand-overs.
    """

    channels: frozenset[str]
    sender: str | None = None
    portal: str | None = None
    pages: str | None = None
    templates: Templates | None = None
    house: House = House()
    agencies: tuple[Agency, ...] = ()


def installed(settings: Settings) -> dict[str, Channel]:
    """A sender for each channel that the settings name one for, and for each agency's folder; nothing is connected yet.

    Raises SettingsError where what they name cannot be used.
    """
    found = {channel: sender for channel in CHANNELS if (sender := sender_of(channel, settings)) is not None}
    return found | {to_agency(agency): FolderSender(agency.folder) for agency in settings.agencies if agency.folder is not None}


def to_agency(agency: Agency) -> str:
    """The channel of dossiers that are put into an agency's folder."""
    return f"handover:{agency.name}"[:40]


def means(settings: Settings, channels: frozenset[str]) -> Means:
    """What messages are made with, for these channels.

    Raises ReceivablesError where the templates cannot be read, RenderError where the house style is wrong.
    """
    return Means(
        channels,
        settings.smtp.sender,
        settings.receivables.portal_url,
        settings.hooks.url,
        load(settings.receivables.templates),
        house.load(settings.rendering.templates),
        settings.agencies,
    )
