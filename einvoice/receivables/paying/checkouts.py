"""Checkouts: a payment at a provider, begun from a link. One at a time for the same money, under a key of its own.

The row is committed before the provider is asked; where nobody knows whether it answered, the same key asks again. An open checkout is
given again while the amount is the same; where it changed, or another provider is chosen, the old one is ended first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.receivables.paying import links
from einvoice.receivables.paying.heard import heard
from einvoice.receivables.paying.links import Asked
from einvoice.receivables.paying.port import Order, Provider, Refused, Unavailable
from einvoice.receivables.store.tables import CHECKOUTS, DEBTORS, PAY_LINKS

LIVE = ("asked", "open", "pending")
"""The states of a checkout that may still be paid."""
REMEMBERED = timedelta(minutes=50)
"""How long a key asks again for the same payment; Mollie forgets it after an hour, Stripe after a day."""
_TRIES = 3


class Begun(NamedTuple):
    """A checkout, and where the payer pays."""

    checkout: int
    url: str


class NothingOwed(ReceivablesError):
    """Nothing is open of what the link asks for."""


class UnderWay(ReceivablesError):
    """Another payment of the same money is under way and cannot be ended; it comes, or lapses by itself."""


def begin(engine: Engine, token: str, name: str, providers: Mapping[str, Provider], base: str, now: datetime) -> Begun:
    """Begins a payment of what is open now of a link, at a provider; `base` is the setting `[hooks] url`.

    Pressed twice, it is the same checkout. Raises NothingOwed, UnderWay, ReceivablesError for a link or provider that there is not,
    Refused and Unavailable as the provider does.
    """
    if name not in providers:
        raise ReceivablesError(f"there is no provider {name!r} here; set its key below [{name}] in einvoice.toml")
    for _ in range(_TRIES):
        with connect(engine) as connection:
            asked, found, old = _prepared(connection, token, name, now)
        if not old:
            break
        for row in old:
            _ended(engine, row, providers, now)
    else:
        raise UnderWay("another payment of these invoices is under way; try again in a while")
    assert found is not None, "nothing is in its way"
    if found.url and found.state == "open":
        return Begun(found.id, found.url)
    return _created(engine, found, asked, providers[name], base, now)


def refresh(
    engine: Engine, providers: Mapping[str, Provider], now: datetime, *, debtor: int | None = None, older: timedelta = timedelta(0)
) -> int:
    """Asks what live checkouts are now: those of a debtor, or all, begun so long ago; how many were asked about.

    What a webhook would have told is known without it. A provider that does not answer is asked another time.
    """
    live = select(CHECKOUTS).where(CHECKOUTS.c.state.in_(LIVE), CHECKOUTS.c.provider_id.is_not(None), CHECKOUTS.c.created_at <= now - older)
    if debtor is not None:
        live = live.where(CHECKOUTS.c.token.in_(select(PAY_LINKS.c.token).where(PAY_LINKS.c.debtor_id == debtor)))
    with connect(engine) as connection:
        rows = connection.execute(live.order_by(CHECKOUTS.c.id).limit(500)).all()
    return sum(ask(engine, row.provider, row.provider_id, providers, now) is not None for row in rows)


def ask(engine: Engine, name: str, ref: str, providers: Mapping[str, Provider], now: datetime) -> str | None:
    """Asks a provider what a payment is, outside of any transaction, and books that; what came of it, None where it did not answer."""
    provider = providers.get(name)
    if provider is None:
        return None
    try:
        seen = provider.look(ref)
    except (Unavailable, Refused):
        return None
    if seen is None:
        return f"unknown: {provider.title} has no payment {ref}"
    with connect(engine) as connection:
        return heard(connection, name, seen, now)


def _prepared(connection: Connection, token: str, name: str, now: datetime) -> tuple[Asked, Row[Any] | None, Sequence[Row[Any]]]:
    """What is asked for, the row to ask a provider with (a new one where none fits), and other live checkouts of the same money."""
    asked = links.asked(connection, token)
    if asked is None:
        raise ReceivablesError("there is no such link")
    connection.execute(select(DEBTORS.c.id).where(DEBTORS.c.id == asked.debtor).with_for_update())
    asked = links.asked(connection, token) or asked
    if not asked.owed:
        raise NothingOwed("nothing is open of these invoices any more")
    wanted = [[one.invoice, str(one.amount)] for one in asked.owed]
    live = [row for row in _live(connection, asked.debtor) if {ref for ref, _ in row.invoices} & {ref for ref, _ in wanted}]
    if any(row.state == "pending" for row in live):
        raise UnderWay("a payment of these invoices is under way at the bank; it is booked as soon as it arrives")
    same = [row for row in live if row.provider == name and row.invoices == wanted and (row.url or row.created_at + REMEMBERED > now)]
    old = [row for row in live if row not in same[:1]]
    if old or same:
        return asked, same[0] if same else None, old
    return asked, _written(connection, asked, name, wanted, now), ()


def _live(connection: Connection, debtor: int) -> Sequence[Row[Any]]:
    of_debtor = select(PAY_LINKS.c.token).where(PAY_LINKS.c.debtor_id == debtor)
    return connection.execute(
        select(CHECKOUTS).where(CHECKOUTS.c.token.in_(of_debtor), CHECKOUTS.c.state.in_(LIVE)).order_by(CHECKOUTS.c.id.desc())
    ).all()


def _written(connection: Connection, asked: Asked, name: str, wanted: list[list[Any]], now: datetime) -> Row[Any]:
    number = connection.scalar(select(func.count()).select_from(CHECKOUTS).where(CHECKOUTS.c.token == asked.token)) or 0
    row = {
        "token": asked.token,
        "key": f"pay-{hashlib.sha256(f'{asked.token}:{number}'.encode()).hexdigest()[:40]}",
        "provider": name,
        "amount": asked.amount,
        "currency": asked.currency,
        "invoices": wanted,
        "state": "asked",
        "created_at": now,
    }
    return connection.execute(insert(CHECKOUTS).values(row).returning(CHECKOUTS)).one()


def _created(engine: Engine, row: Row[Any], asked: Asked, provider: Provider, base: str, now: datetime) -> Begun:
    """Asks the provider for the payment of a row, and writes what it answers."""
    back, hook = links.url(base, row.token), f"{base.rstrip('/')}/hooks/{provider.name}"
    about = f"{asked.creditor_name}: {', '.join(one.number for one in asked.owed)}"
    try:
        seen = provider.create(Order(row.key, row.amount, row.currency, about, asked.language, back, hook))
    except Refused:
        with connect(engine) as connection:
            connection.execute(update(CHECKOUTS).where(CHECKOUTS.c.id == row.id, CHECKOUTS.c.state == "asked").values(state="failed"))
        raise
    with connect(engine) as connection:
        was = connection.scalar(select(CHECKOUTS.c.state).where(CHECKOUTS.c.id == row.id).with_for_update())
        heard(connection, provider.name, seen._replace(key=row.key), now)
    if was not in LIVE:  # ended by another press while the provider was asked
        ask_to_end(engine, provider, seen.id, now)
        raise UnderWay("another payment of these invoices was begun at the same moment; go on with that one, or try again")
    if not seen.url:
        raise UnderWay("this payment was begun before; it is booked as soon as it arrives")
    return Begun(row.id, seen.url)


def ask_to_end(engine: Engine, provider: Provider, ref: str, now: datetime) -> str:
    """Ends a payment at its provider where it lets us, and books what it is then; its state."""
    seen = provider.end(ref)
    if seen is None:
        return "expired"
    with connect(engine) as connection:
        heard(connection, provider.name, seen, now)
    return seen.state


def _ended(engine: Engine, row: Row[Any], providers: Mapping[str, Provider], now: datetime) -> None:
    """Ends a checkout that is in the way.

    Raises UnderWay where it cannot be ended, Unavailable where its provider does not answer.
    """
    if row.provider_id is None:
        with connect(engine) as connection:  # its payer was sent nowhere yet; whoever is asking for it now finds it ended
            ours = (CHECKOUTS.c.id == row.id, CHECKOUTS.c.provider_id.is_(None))
            connection.execute(update(CHECKOUTS).where(*ours).values(state="expired"))
        return
    provider = providers.get(row.provider)
    if provider is None:
        raise UnderWay(f"a payment by {row.provider} is open and cannot be ended; try again when it has lapsed")
    if ask_to_end(engine, provider, row.provider_id, now) in ("open", "pending"):
        raise UnderWay("a payment of these invoices is open and cannot be ended; try again in a quarter of an hour")
