"""News of payments: providers are asked what each is now, outside of any transaction, and the answer is booked in one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from einvoice.database import connect
from einvoice.receivables.paying.checkouts import ask, refresh
from einvoice.receivables.paying.port import Provider
from einvoice.receivables.paying.providers import providers
from einvoice.receivables.store.tables import INCOMING
from einvoice.settings import Settings

_AT_ONCE = 500
OLD = timedelta(minutes=15)
"""A live checkout of this age is asked about, in case its webhook was lost."""


def settle(engine: Engine, settings: Settings, now: datetime) -> Mapping[str, int]:
    """Asks about every payment of which there is news that nobody followed up; counts what came of it."""
    return settle_with(engine, providers(settings), now)


def catch_up(engine: Engine, settings: Settings, now: datetime) -> Mapping[str, int]:
    """The same, and asks about checkouts whose webhook may have been lost: what a run does each time."""
    known = providers(settings)
    counts = dict(settle_with(engine, known, now))
    if known and (asked := refresh(engine, known, now, older=OLD)):
        counts["checkouts.asked"] = asked
    return counts


def settle_with(engine: Engine, known: Mapping[str, Provider], now: datetime) -> Mapping[str, int]:
    """`settle` with given providers. What does not answer is asked another time; each payment is asked about once."""
    waiting = select(INCOMING.c.id, INCOMING.c.source, INCOMING.c.body).where(INCOMING.c.kind == "payment", INCOMING.c.settled_at.is_(None))
    with connect(engine) as connection:
        rows = connection.execute(waiting.order_by(INCOMING.c.id).limit(_AT_ONCE)).all()
    about: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        about.setdefault((row.source, _provider_id(row.body)), []).append(row.id)
    counts: dict[str, int] = {}
    for (source, ref), ids in about.items():
        came = ask(engine, source, ref, known, now)
        word = came.partition(":")[0] if came else "waiting"
        counts[f"payments.{word}"] = counts.get(f"payments.{word}", 0) + 1
        if came is not None:
            with connect(engine) as connection:
                connection.execute(update(INCOMING).where(INCOMING.c.id.in_(ids)).values(settled_at=now, result=came))
    return counts


def _provider_id(body: str) -> str:
    return str(json.loads(body).get("provider") or "")
