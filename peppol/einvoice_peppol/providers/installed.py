"""The hosted access points that the settings lead to: those whose section has a key."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from einvoice.settings import Settings
from einvoice.settings.peppol import HOSTED
from einvoice.settings.values import Secret
from einvoice_peppol.http import Client, Http
from einvoice_peppol.providers.port import Provider

SECTIONS = {name: name.replace("-", "").replace(".", "") for name in HOSTED}
"""The section of the settings, and the module of the adapter, of each hosted access point by its name."""


def installed(settings: Settings, http: Callable[[], Http] = Client) -> dict[str, Provider]:
    """The adapters by their names, each with a client of its own; a thread needs its own.

    Raises SettingsError, PeppolError where a key leads to nothing.
    """
    found = {}
    for name in HOSTED:
        if (made := provider(name, settings, http)) is not None:
            found[name] = made
    return found


def provider(name: str, settings: Settings, http: Callable[[], Http] = Client) -> Provider | None:
    """One adapter by its name, None where its section has no key.

    Raises SettingsError, PeppolError where the key leads to nothing.
    """
    if not is_named(name, settings):
        return None
    module = import_module(f"{__package__}.{SECTIONS[name]}")
    made: Provider | None = module.of(_section(name, settings), http(), float(settings.peppol.timeout))
    return made


def is_named(name: str, settings: Settings) -> bool:
    """Whether the settings name what lets us in."""
    section = _section(name, settings)
    return section is not None and (getattr(section, "key", None) or getattr(section, "client", None)) is not None


def webhook_secret(name: str, settings: Settings) -> Secret | None:
    """The secret that webhooks of one are checked with, None where none is set."""
    found: Secret | None = getattr(_section(name, settings), "webhook_secret", None)
    return found


def _section(name: str, settings: Settings) -> Any:
    return getattr(settings, SECTIONS[name], None) if name in SECTIONS else None
