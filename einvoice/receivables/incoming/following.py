"""What follows from news, by its kind; each in the transaction that hears it.

A follow-up gets (connection, source, news, now, law) and says what came of it. It raises ReceivablesError where the news cannot be
followed up as it is; it is then kept, and looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from einvoice.errors import OutboxError
from einvoice.outbox import NEXT, Outcome, Owner, State, publishing, report, rows, webhooks
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.aftermath import Receipts
from einvoice.receivables.channels.email import recipients
from einvoice.receivables.documents.messages import OWNER
from einvoice.receivables.guard import ReceivablesOwner
from einvoice.receivables.handover import handing
from einvoice.receivables.handover.owner import HandoverOwner
from einvoice.receivables.incoming.port import News
from einvoice.receivables.paying import prenotice
from einvoice.receivables.store.tables import MESSAGES

_ARRIVED = frozenset({State.SENT, State.DELIVERED})


class Came(NamedTuple):
    """What came of news, in words; `settled` False: it is looked at again later. `debtor` is whom it is about."""

    result: str
    settled: bool = True
    debtor: int | None = None


Follow = Callable[[Connection, str, News, datetime, Receipts], Came]


def owners(law: Receipts) -> Mapping[str, Owner]:
    """Who is told of what becomes of effects."""
    return {
        OWNER: ReceivablesOwner(law),
        handing.OWNER: HandoverOwner(),
        prenotice.OWNER: prenotice.DebitOwner(),
        publishing.OWNER: webhooks.WebhookOwner(),
    }


def effect(connection: Connection, news: News, *, lock: bool = False) -> Row[Any] | None:
    """The outbox's row that news is about (locked, where wanted): by our key (`more["effect"]`), else by the provider's id; None without.

    `more["channel"]`, where it is given, must be the row's. An id that several rows bear names none of them.
    """
    named = OUTBOX.c.key == news.more["effect"] if news.more.get("effect") else OUTBOX.c.provider == news.provider
    if not news.more.get("effect") and not news.provider:
        return None
    wanted = select(OUTBOX).where(named)
    if channel := news.more.get("channel"):
        wanted = wanted.where(OUTBOX.c.channel == channel)
    wanted = wanted.order_by(OUTBOX.c.id).limit(2)
    found = connection.execute(wanted.with_for_update() if lock else wanted).all()
    return found[0] if len(found) == 1 else None


def debtor(connection: Connection, row: Row[Any]) -> int | None:
    """Whose message an effect is."""
    return connection.scalar(select(MESSAGES.c.debtor_id).where(MESSAGES.c.outbox_id == row.id).limit(1))


def status(connection: Connection, source: str, news: News, now: datetime, law: Receipts) -> Came:  # noqa: ARG001 - one signature
    """What became of a message, told to the outbox and by it to the message's owner; in any order, and however often.

    A message that is not known yet, or is being sent at this moment, is waited for: a provider may call before our own transaction ends.
    """
    row = effect(connection, news, lock=True)
    if news.outcome is None or row is None:
        name = news.more.get("effect") or news.provider
        return Came(f"waits: no effect has the id {name}", settled=False) if row is None else Came("refused: it tells no outcome")
    if _is_of_copy(row, news):
        return Came("noted: it is about a copy", debtor=debtor(connection, row))
    return _recorded(connection, row, news.outcome, now, law)._replace(debtor=debtor(connection, row))


def _recorded(connection: Connection, row: Row[Any], outcome: Outcome, now: datetime, law: Receipts) -> Came:
    """Tells the outbox what became of one of its effects, where that is news."""
    was = State(row.state)
    if was is State.SENDING:
        return Came("waits: it is being sent at this moment", settled=False)
    if outcome.state is State.FAILED and was is State.SENT:
        outcome = outcome._replace(state=State.BOUNCED)  # the provider took it, and the network refused it
    if was is outcome.state:
        return Came(f"known: it is {was}")
    if was is State.PLANNED and outcome.state in _ARRIVED:
        _arrived_after_all(connection, row, outcome, now, law)
    elif outcome.state in NEXT[was] and outcome.state is not State.SENDING:
        report(connection, row.id, outcome, now, owners(law))
    else:
        return Came(f"late: it is {was} already, and cannot become {outcome.state}")
    return Came(f"{was} became {outcome.state}")


def _is_of_copy(row: Row[Any], news: News) -> bool:
    """Whether a report is about somebody who got a copy of a mail; the first recipient is the one that counts."""
    first, *copies = (one.lower() for one in recipients(row.address))
    named = [str(one).lower() for one in news.more.get("recipients", ())]
    return bool(copies) and first not in named and any(one in named for one in copies)


def _arrived_after_all(connection: Connection, row: Row[Any], outcome: Outcome, now: datetime, law: Receipts) -> None:
    """An effect that waits to be tried again arrived at an earlier attempt: it is not sent a second time."""
    taken = rows.effect_of(row)
    if rows.settle(connection, taken, outcome, now, now) is None:
        raise OutboxError(f"effect {row.id} ({row.key}) is {row.state} and did not become {outcome.state}")
    if owner := owners(law).get(row.owner):
        owner.happened(connection, taken, State(row.state), outcome, now)


def noted(connection: Connection, source: str, news: News, now: datetime, law: Receipts) -> Came:  # noqa: ARG001 - one signature
    """News that nothing follows from: an automatic answer, a delay."""
    row = effect(connection, news)
    return Came("noted", debtor=None if row is None else debtor(connection, row))


def later(connection: Connection, source: str, news: News, now: datetime, law: Receipts) -> Came:  # noqa: ARG001 - one signature
    """News of a payment: what it is now is asked from its provider, after this transaction."""
    return Came("asked later", settled=False)
