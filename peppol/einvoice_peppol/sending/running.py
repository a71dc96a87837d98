"""One round of sending: what is accepted is prepared, what is due is sent, what was left behind is mended."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Engine, select

from einvoice.database import connect, reading
from einvoice.outbox import Counts, Owner, Sender, mode, publishing, relay, webhooks
from einvoice.settings import Settings
from einvoice_peppol.sending import rows
from einvoice_peppol.sending.means import Means
from einvoice_peppol.sending.owner import PeppolOwner, catch_up
from einvoice_peppol.sending.preparing import LEASE, Prepared, prepare
from einvoice_peppol.sending.sender import PeppolSender
from einvoice_peppol.sending.sweeping import sweep
from einvoice_peppol.tables import OUTGOING


class Round(NamedTuple):
    """What a round did: prepared, sent, told belatedly, files cleared away; `mode` is what held."""

    mode: str
    prepared: Prepared = Prepared()
    sent: Counts = Counts()
    behind: int = 0
    cleared: int = 0


def run(
    engine: Engine,
    means: Means,
    settings: Settings,
    *,
    only: Collection[int] | None = None,
    lease: timedelta = LEASE,
    stopped: Callable[[], bool] = lambda: False,
) -> Round:
    """Prepares and sends what is due; `only` these rows, unless None, are prepared, and it ends when they are settled.

    In dry_run and redirect nothing of it leaves, and nothing is prepared: what is prepared today would be stale when it goes. A worker
    that says nothing for a `lease` counts as dead. Raises DatabaseError, SettingsError.
    """
    with reading(engine) as connection:
        held = mode.effective(connection, settings.sending)
    if not held.takes(rows.CHANNEL):
        return Round(str(held))
    owner = PeppolOwner(means.hosts, means.reached)
    prepared = prepare(engine, means, only=only, lease=lease, stopped=stopped)
    sent = relay(
        engine,
        lambda: senders(means, settings),
        owners(owner),
        means.clock,
        workers=settings.sending.workers,
        ceiling=settings.sending,
        lease=lease,
        stopped=lambda: stopped() or (only is not None and _is_settled(engine, only)),
    )
    with connect(engine) as connection:
        behind = catch_up(connection, owner, means.clock())
    cleared = sweep(engine, means.bodies, means.clock()) if only is None else 0
    return Round(str(held), prepared, sent, behind, cleared)


def senders(means: Means, settings: Settings) -> dict[str, Sender]:
    """What sends: to access points where we have one of our own, by hosted ones, and to webhooks what is told of it."""
    found: dict[str, Sender] = {**means.hosted(), **webhooks.senders(settings.webhooks)}
    return found | ({rows.CHANNEL: PeppolSender(means)} if means.identity is not None else {})


def owners(owner: PeppolOwner) -> dict[str, Owner]:
    """Who is asked and told."""
    return {rows.OWNER: owner, publishing.OWNER: webhooks.WebhookOwner()}


def _is_settled(engine: Engine, only: Collection[int]) -> bool:
    """Whether nothing of these rows waits to be tried for the first time."""
    waiting = select(OUTGOING.c.id).where(OUTGOING.c.id.in_(only), OUTGOING.c.state.in_((rows.ACCEPTED, rows.PREPARED)))
    with reading(engine) as connection:
        return connection.execute(waiting.limit(1)).one_or_none() is None
