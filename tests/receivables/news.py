"""Messages that were really sent, and what is heard of them afterwards; for tests of what comes in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.outbox import Outcome, State
from einvoice.outbox.tables import EVENTS, OUTBOX
from einvoice.receivables import law
from einvoice.receivables.incoming.hearing import hear, retry
from einvoice.receivables.incoming.port import News
from einvoice.receivables.store.tables import INCOMING
from tests.receivables.run_world import World

ARRIVED = Outcome(State.DELIVERED, proof="report")
CAME_BACK = Outcome(State.BOUNCED, reason="5.1.1 no such user")
FULL = Outcome(State.BOUNCED, reason="4.2.2 mailbox full")
TAKEN = Outcome(State.SENT)
REFUSED = Outcome(State.FAILED, reason="30005 unknown destination")


def rules(steps: str, more: str = "") -> str:
    """A policy of one flow."""
    return f'version: 1\nname: tests\n{more}segments: [{{id: all, when: "true", flow: f}}]\nflows:\n  f:\n{steps}'


def message(made: World, debtor: int | None = None) -> Any:
    """The outbox's row of the only message, or of a debtor's."""
    from einvoice.receivables.store.tables import MESSAGES

    found = select(OUTBOX).join(MESSAGES, MESSAGES.c.outbox_id == OUTBOX.c.id).order_by(OUTBOX.c.id.desc())
    return made.rows(found if debtor is None else found.where(MESSAGES.c.debtor_id == debtor))[0]


def told(made: World, outcome: Outcome, key: str = "n1", **more: Any) -> News:
    """News of a status of the only message, by the provider's id."""
    return News(key, "status", more.pop("provider", message(made).provider), outcome, more=more)


def heard(made: World, news: Iterable[News], source: str = "tests") -> dict[str, int]:
    """Hears news in one transaction."""
    with connect(made.engine) as connection:
        return dict(hear(connection, source, news, made.clock(), law.load()))


def again(made: World) -> dict[str, int]:
    """Looks again at what was kept."""
    with connect(made.engine) as connection:
        return dict(retry(connection, made.clock(), law.load()))


def results(made: World) -> list[tuple[str, bool]]:
    """What came of each news, its first word, and whether it is settled; in order."""
    rows = made.rows(select(INCOMING.c.result, INCOMING.c.settled_at).order_by(INCOMING.c.id))
    return [(str(row.result).partition(":")[0], row.settled_at is not None) for row in rows]


def events(made: World) -> list[str]:
    """The types of all events, in order."""
    return [row.type for row in made.rows(select(EVENTS.c.type).order_by(EVENTS.c.number))]


def provided(made: World, provider: str | None, state: State | None = None) -> None:
    """Changes what the outbox knows of its only message."""
    values: dict[str, Any] = {"provider": provider} | ({"state": state.value} if state else {})
    with connect(made.engine) as connection:
        connection.execute(update(OUTBOX).values(values))


def numbers(rows: Sequence[Any]) -> list[Any]:
    """The first column."""
    return [row[0] for row in rows]
