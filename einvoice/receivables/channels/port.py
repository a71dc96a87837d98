"""The port of every channel: a sender takes finished effects of the outbox, and can be closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from einvoice.outbox import Sender

BY_PERSON = frozenset({"call", "portal"})
"""Channels that are never sent: a person acts, or the debtor comes to us."""


class Channel(Sender, Protocol):
    """A sender that holds something open: a connection, a file."""

    def close(self) -> None:
        """Lets go of what it holds; it may be used again afterwards."""


@contextmanager
def closing(channels: Mapping[str, Channel]) -> Iterator[Mapping[str, Channel]]:
    """The channels for a while: each is closed at the end, whatever happens."""
    try:
        yield channels
    finally:
        for channel in channels.values():
            channel.close()
