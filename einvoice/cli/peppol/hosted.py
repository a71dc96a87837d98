"""What `peppol run` does at hosted access points: fetches what came for us, and asks what became of what was sent.

Both only while the mode is live: what is confirmed there is gone from there, and a copy of the database must not take it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from einvoice.settings import Settings
    from einvoice_peppol.inbox.hosted import Fetched
    from einvoice_peppol.sending.hosted import Followed
    from einvoice_peppol.sending.means import Means


class Hosted(NamedTuple):
    """What was done; None where no hosted access point is set up, or the mode is not live."""

    fetched: Fetched | None = None
    followed: Followed | None = None

    @property
    def failed(self) -> int:
        """How many could not be taken, or came back."""
        return (self.fetched.refused if self.fetched else 0) + (self.followed.bounced if self.followed else 0)

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        return {"fetched": self.fetched and self.fetched._asdict(), "followed": self.followed and self.followed._asdict()}

    def words(self) -> list[str]:
        """What there is to tell."""
        fetched, followed = self.fetched, self.followed
        counts = [(fetched.kept, "fetched"), (fetched.refused, "could not be taken from a hosted access point")] if fetched else []
        counts += [(followed.delivered, "delivered"), (followed.bounced, "came back")] if followed else []
        silent = max(fetched.silent if fetched else 0, followed.silent if followed else 0)
        return [f"{count:,} {word}" for count, word in [*counts, (silent, "times a hosted access point did not answer")] if count]


def fetched(engine: Engine, ours: Means, settings: Settings, stopped: Callable[[], bool]) -> Fetched | None:
    """Fetches what came."""
    from einvoice_peppol.inbox.hosted import fetch
    from einvoice_peppol.providers.installed import installed

    if not _is_live(engine, settings) or not (providers := installed(settings)):
        return None
    return fetch(engine, providers, ours.bodies, ours.clock, stopped=stopped)


def followed(engine: Engine, ours: Means, settings: Settings, stopped: Callable[[], bool]) -> Followed | None:
    """Asks what became of what was sent."""
    from einvoice_peppol.providers.installed import installed
    from einvoice_peppol.sending import PeppolOwner
    from einvoice_peppol.sending.hosted import follow
    from einvoice_peppol.sending.running import owners

    if not _is_live(engine, settings) or not (providers := installed(settings)):
        return None
    return follow(engine, providers, ours.clock, owners(PeppolOwner()), stopped=stopped)


def _is_live(engine: Engine, settings: Settings) -> bool:
    from einvoice.database import reading
    from einvoice.outbox import mode
    from einvoice_peppol.sending import rows

    with reading(engine) as connection:
        return mode.effective(connection, settings.sending).takes(rows.CHANNEL)
