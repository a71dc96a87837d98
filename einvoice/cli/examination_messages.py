"""What `einvoice doctor` looks at of messages: whether every channel that the settings name can be used, and the templates say all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from einvoice.cli.examination import MIGRATE, Check
from einvoice.errors import EInvoiceError, SettingsError
from einvoice.settings import Settings

if TYPE_CHECKING:
    from einvoice.receivables.documents.templates_needs import Known


def channels(settings: Settings) -> Iterator[Check]:
    """Each channel's sender, made and connected to nothing."""
    from einvoice.receivables.channels.senders import CHANNELS, sender_of

    for channel in CHANNELS:
        try:
            sender = sender_of(channel, settings)
        except SettingsError as fault:
            yield Check("channels", "fail", str(fault))
            continue
        if sender is not None:
            sender.close()
            yield Check("channels", "ok", f"{channel} can be sent ({getattr(settings.channels, channel) or 'by the other settings'})")


def bounces(settings: Settings) -> Iterator[Check]:
    """Whether the mailboxes that bounces arrive in can be opened; no mail is read and nothing is marked."""
    from einvoice.receivables.incoming.mailboxes import boxes

    found = boxes(settings)
    for box in found:
        try:
            with box:
                yield Check("bounces", "ok", f"{settings.bounces.maildir or settings.bounces.host} can be read")
        except EInvoiceError as fault:
            yield Check("bounces", "fail", str(fault))
    if not found and "email" in _sent(settings):
        yield Check("bounces", "ok", "mail is sent, and nobody reads what comes back", "[bounces] maildir or host names where it arrives")
    elif not found:
        yield Check("bounces", "ok", "no mail is sent")


def _sent(settings: Settings) -> set[str]:
    from einvoice.receivables.channels.senders import CHANNELS, way_of

    return {channel for channel in CHANNELS if way_of(channel, settings) == "smtp"}


def templates(settings: Settings) -> Iterator[Check]:
    """The words and layouts, for the policy and for what the database holds, where there is one."""
    from einvoice.cli.receivables.common import policy_of
    from einvoice.receivables import law
    from einvoice.receivables.documents import checking

    folder = settings.receivables.templates
    try:
        known, countries = _known(settings)
    except EInvoiceError as fault:
        yield Check("templates", "warn", f"not held against the database: {fault}", f"{MIGRATE} may mend it")
        known, countries = None, None
    found = checking.check(folder, policy_of(settings), law.load(), known, countries=countries)
    for finding in found:
        yield Check("templates", "fail", f"{finding.place}: {finding.text}", finding.mend)
    if not found:
        yield Check("templates", "ok", f"{folder or 'those of this release'}: everything that the policy asks for can be said")


def _known(settings: Settings) -> tuple[Known | None, frozenset[str] | None]:
    """What the database knows, (None, None) where there is none yet."""
    from pathlib import Path

    from einvoice.database import open_database, pending, reading
    from einvoice.receivables.documents import checking

    engine = open_database(settings.database.address())
    try:
        file = engine.url.database if engine.name == "sqlite" else None
        if (file and not Path(file).exists()) or pending(engine):
            return None, None
        with reading(engine) as connection:
            return checking.known(connection, settings.receivables.portal_url, settings.hooks.url)
    finally:
        engine.dispose()
