"""The journal: what was decided of each file, by its hash. Whoever decides writes here in the transaction of what follows from it.

decided → done: it was accepted, and is being published and put away. declined → refused: it was not. A refused file that is handed in
again is decided anew; one that is done is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from einvoice_plugins.connector.tables import FILES

DECIDED, DONE, DECLINED, REFUSED = "decided", "done", "declined", "refused"
ENDED = {DECIDED: DONE, DECLINED: REFUSED}


class File(NamedTuple):
    """A file as the journal has it."""

    id: int
    source: str
    sha256: str
    name: str
    size: int
    state: str
    outcome: dict[str, Any]
    attempts: int
    decided_at: datetime
    ended_at: datetime | None
    filed: str | None

    @property
    def is_open(self) -> bool:
        """Whether something of what was decided is still to be done."""
        return self.state in ENDED


def known(connection: Connection, source: str, sha256: str) -> File | None:
    """A file by its hash."""
    row = connection.execute(select(FILES).where(FILES.c.source == source, FILES.c.sha256 == sha256)).one_or_none()
    return File(*row) if row else None


def unended(connection: Connection) -> list[File]:
    """Every file of which something is still to be done."""
    found = select(FILES).where(FILES.c.state.in_(ENDED)).order_by(FILES.c.id)
    return [File(*row) for row in connection.execute(found)]


def decide(
    connection: Connection, source: str, sha256: str, name: str, size: int, state: str, outcome: dict[str, Any], now: datetime
) -> File:
    """Writes what was decided of a file; one that was refused before is decided anew."""
    values = {"name": name, "size": size, "state": state, "outcome": outcome, "decided_at": now, "ended_at": None, "filed": None}
    if (before := known(connection, source, sha256)) is None:
        connection.execute(FILES.insert().values(source=source, sha256=sha256, **values))
    else:
        connection.execute(FILES.update().where(FILES.c.id == before.id).values(attempts=before.attempts + 1, **values))
    made = known(connection, source, sha256)
    assert made is not None
    return made


def told(connection: Connection, file: File, outcome: dict[str, Any]) -> File:
    """The file with what it came to, once that is known."""
    connection.execute(FILES.update().where(FILES.c.id == file.id).values(outcome=outcome))
    return file._replace(outcome=outcome)


def end(connection: Connection, files: Iterable[tuple[File, str | None]], now: datetime) -> None:
    """Nothing is to be done of these any more; each with where it was put, if that is known."""
    for file, filed in files:
        values = {"state": ENDED[file.state], "ended_at": now, "filed": filed}
        connection.execute(FILES.update().where(FILES.c.id == file.id, FILES.c.state == file.state).values(values))


def ended_since(connection: Connection, moment: datetime) -> list[tuple[str, str, int]]:
    """Files that were put away lately: source, place and size."""
    found = select(FILES.c.source, FILES.c.filed, FILES.c.size).where(FILES.c.state.in_(ENDED.values()), FILES.c.ended_at >= moment)
    return [(source, filed, size) for source, filed, size in connection.execute(found.where(FILES.c.filed.is_not(None)))]


def is_latest(connection: Connection, file: File) -> bool:
    """Whether no other file of its source was accepted after it."""
    later = select(FILES.c.id).where(FILES.c.source == file.source, FILES.c.state.in_((DECIDED, DONE)), FILES.c.id != file.id)
    return connection.execute(later.where(FILES.c.decided_at >= file.decided_at).limit(1)).one_or_none() is None


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many files there are by source and state."""
    found = select(FILES.c.source, FILES.c.state, func.count()).group_by(FILES.c.source, FILES.c.state)
    return {(source, state): number for source, state, number in connection.execute(found)}
