"""Whether all is well: the database, our certificate, the spool, what waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select

from einvoice.database import reading
from einvoice.errors import DatabaseError
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.tables import INBOX

_COUNTED_FOR = 10.0
STATES = ("failed", "handed", "leased", "received", "repeated")


class Look(NamedTuple):
    """What was found; each is what is wrong with it, None where it is well."""

    database: str | None
    certificate: str | None
    spool: str | None

    @property
    def is_well(self) -> bool:
        """Whether messages can be received."""
        return not any(self)

    def as_json(self) -> dict[str, Any]:
        """As the server tells it."""
        return {"status": "well" if self.is_well else "unwell", **{name: found or "well" for name, found in self._asdict().items()}}


class Looking:
    """Looks at what the server needs."""

    def __init__(self, engine: Engine, own: Identity, bodies: Bodies, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._own = own
        self._bodies = bodies
        self._clock = clock
        self._lock = Lock()
        self._counted: tuple[float, dict[str, int]] | None = None

    def look(self) -> Look:
        """Looks at everything; nothing is raised."""
        return Look(self._database(), self._certificate(), self._spool())

    def days(self) -> float:
        """For how many days our certificate is still valid; below zero where it is no longer."""
        return (self._own.certificate.not_valid_after_utc - self._clock()) / timedelta(days=1)

    def inbox(self) -> dict[str, int]:
        """How many messages of each state there are, at most ten seconds old.

        Raises DatabaseError.
        """
        with self._lock:
            if self._counted is None or monotonic() - self._counted[0] > _COUNTED_FOR:
                with reading(self._engine) as connection:
                    found = connection.execute(select(INBOX.c.state, func.count()).group_by(INBOX.c.state)).all()
                self._counted = monotonic(), dict.fromkeys(STATES, 0) | {str(state): int(count) for state, count in found}
            return self._counted[1]

    def _database(self) -> str | None:
        try:
            with reading(self._engine) as connection:
                connection.execute(select(INBOX.c.id).limit(1)).one_or_none()
        except DatabaseError:
            return "it does not answer"
        return None

    def _certificate(self) -> str | None:
        now = self._clock().astimezone(UTC)
        if now < self._own.certificate.not_valid_before_utc:
            return "it is not valid yet"
        return None if now <= self._own.certificate.not_valid_after_utc else "it is no longer valid; install its successor"

    def _spool(self) -> str | None:
        try:
            self._bodies.look()
        except OSError as fault:
            return f"it cannot be written to: {fault.strerror}"
        return None
