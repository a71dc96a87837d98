"""Publishing an event: it is written in the transaction of what happened, and with it an effect for every webhook that wants it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256

from sqlalchemy import Connection, insert

from einvoice.events import AnyEvent
from einvoice.outbox.effect import Effect, Resend
from einvoice.outbox.rows import add_all
from einvoice.outbox.tables import EVENTS
from einvoice.settings import Webhook, current

OWNER = "webhooks"


def publish(connection: Connection, event: AnyEvent, at: datetime | None = None, hooks: Iterable[Webhook] | None = None) -> None:
    """Writes an event, and plans its delivery to every webhook that asked for its type; `at` is when, the event's own time unless told.

    The hooks are those of the settings unless told. The body is exactly the event's JSON, the same at every attempt.
    """
    at, body, identity = at or event.time, event.model_dump_json(), str(event.id)
    connection.execute(insert(EVENTS).values(id=identity, type=event.type, at=at, body=body))
    wanted = [hook for hook in (current().webhooks if hooks is None else hooks) if wants(hook, event.type)]
    add_all(connection, (_effect(hook, identity, event.type, body) for hook in wanted), at)


def channel(hook: Webhook) -> str:
    """A webhook's channel: each has its own, so that one that does not answer is in nobody's way."""
    return f"webhook:{hook.name}"


def wants(hook: Webhook, kind: str) -> bool:
    """Whether a webhook asked for a type of events."""
    return any(fnmatchcase(kind, pattern) for pattern in hook.events)


def _effect(hook: Webhook, identity: str, kind: str, body: str) -> Effect:
    return Effect(
        key=f"event:{identity}:{sha256(hook.url.encode()).hexdigest()[:32]}",
        owner=OWNER,
        subject=f"event:{identity}",
        channel=channel(hook),
        address=hook.url,
        payload=body.encode(),
        headers={"id": identity, "type": kind},
        resend=Resend.SAME_BYTES,
    )
