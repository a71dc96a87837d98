"""Hears what comes in: each news is written once, in one transaction with what follows from it.

What cannot be followed up yet (a message that is not known, a part that fails) is kept with its reason and looked at again by `retry`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError

from einvoice.database import connect
from einvoice.errors import DatabaseError, EInvoiceError, ReceivablesError
from einvoice.outbox import Outcome, State
from einvoice.receivables import law as laws
from einvoice.receivables.aftermath import Receipts
from einvoice.receivables.incoming import following, pressed, replies
from einvoice.receivables.incoming.following import Came, Follow
from einvoice.receivables.incoming.port import Answer, Hook, News, Request, Untrusted
from einvoice.receivables.paying import settling
from einvoice.receivables.store.tables import INCOMING
from einvoice.settings import Settings

_log = logging.getLogger(__name__)
MOST_BODY = 1_000_000
"""The longest body of a request, in bytes."""
MOST_NEWS = 1_000
"""The most news of one request."""
_LONGEST_ADDRESS, _LONGEST_TEXT, _LONGEST_KEY = 8_192, 20_000, 200
_GIVEN_UP = timedelta(days=30)
_AT_ONCE = 500
After = Callable[[Engine, Settings, datetime], object]
FOLLOW: dict[str, Follow] = {
    "status": following.status,
    "auto": following.noted,
    "delayed": following.noted,
    "reply": replies.reply,
    "pressed": pressed.pressed,
    "payment": following.later,
}
"""What follows from each kind of news."""
AFTER: dict[str, After] = {"payment": settling.settle}
"""What is done after the transaction that heard news of a kind: calls that need the network."""


def hear(connection: Connection, source: str, news: Iterable[News], now: datetime, law: Receipts) -> Counter[str]:
    """Writes each news of a source once, and follows it up; counts `heard`, `settled`, `kept` and `known` (heard before).

    One that cannot be followed up is kept, and none stops the others. Raises DatabaseError's causes only.
    """
    counts: Counter[str] = Counter()
    for one in news:
        row, is_new = _written(connection, source, one, now)
        counts["heard" if is_new else "known"] += 1
        if row.settled_at is None:
            counts["settled" if _followed(connection, row, one, now, law) else "kept"] += 1
    return counts


def retry(connection: Connection, now: datetime, law: Receipts) -> Mapping[str, int]:
    """Looks again at what was kept, the oldest first; after thirty days it is given up, which its result says."""
    waiting = select(INCOMING).where(INCOMING.c.settled_at.is_(None)).order_by(INCOMING.c.id).limit(_AT_ONCE)
    counts: Counter[str] = Counter()
    last = 0
    while some := connection.execute(waiting.where(INCOMING.c.id > last).with_for_update(skip_locked=True)).all():
        last = some[-1].id
        for row in some:
            if _followed(connection, row, from_json(row.key, row.kind, row.body), now, law):
                counts["news.settled"] += 1
            elif row.received_at + _GIVEN_UP < now:
                _settle(connection, row.id, Came(f"given up: {row.result}"), now)
                counts["news.given_up"] += 1
    return counts


def receive(
    engine: Engine,
    hooks: Mapping[str, Hook],
    name: str,
    request: Request,
    now: datetime,
    *,
    law: Receipts | None = None,
    settings: Settings | None = None,
) -> Answer:
    """Answers a call of a provider, by the name of its hook; never raises.

    | Status | Why |
    |---|---|
    | the hook's, 200 unless told | heard: what it tells is written |
    | 400 | it cannot be understood |
    | 403 | it is not signed as it must be |
    | 404 | there is no such hook |
    | 413, 414 | it is too long |
    | 500, 503 | a fault of ours; the provider may try again |

    `settings` lets that follow at once which needs the network.
    """
    hook = hooks.get(name)
    if hook is None:
        return _answer(404, "there is no such hook")
    if len(request.body) > MOST_BODY or len(request.url) > _LONGEST_ADDRESS:
        return _answer(413 if len(request.body) > MOST_BODY else 414, "it is too long")
    try:
        heard = hook.heard(request, now)
        if len(heard.news) > MOST_NEWS:
            return _answer(413, "it tells too much at once")
        if heard.news:
            with connect(engine) as connection:
                hear(connection, hook.name, heard.news, now, law or laws.load())
    except Exception as fault:
        return _refusal(name, fault)
    if settings is not None:
        afterwards(engine, {one.kind for one in heard.news}, settings, now)
    return heard.answer


def afterwards(engine: Engine, kinds: Iterable[str], settings: Settings, now: datetime) -> None:
    """Does what needs the network after news of some kinds; a fault is logged, and the next run does it again."""
    for after in {AFTER[kind] for kind in kinds if kind in AFTER}:
        try:
            after(engine, settings, now)
        except Exception:
            _log.exception("what follows from the news could not be done; the next run does it")


def _refusal(name: str, fault: Exception) -> Answer:
    """What a caller is told of a fault: nothing of ours."""
    if isinstance(fault, Untrusted):
        _log.warning("a call of %s was not believed: %s", name, fault)
        return _answer(403, "it is not signed as it must be")
    if isinstance(fault, ReceivablesError):
        _log.warning("a call of %s was not understood: %s", name, fault)
        return _answer(400, "it cannot be understood")
    _log.exception("a call of %s could not be heard", name)
    return _answer(503 if isinstance(fault, DatabaseError) else 500, "it could not be heard; try again later")


def _answer(status: int, text: str) -> Answer:
    return Answer(status, text.encode())


def _written(connection: Connection, source: str, news: News, now: datetime) -> tuple[Row[Any], bool]:
    """The news's row, and whether it is new; whoever hears the same at the same moment waits until we are done."""
    insert = sqlite.insert(INCOMING) if connection.dialect.name == "sqlite" else postgresql.insert(INCOMING)
    key = news.key if len(news.key) <= _LONGEST_KEY and "\0" not in news.key else hashlib.sha256(news.key.encode()).hexdigest()
    values = {"source": source, "key": key, "kind": news.kind, "body": to_json(news), "received_at": now}
    statement = insert.on_conflict_do_nothing(index_elements=[INCOMING.c.source, INCOMING.c.key])
    is_new = connection.execute(statement.values(values).returning(INCOMING.c.id)).first() is not None
    found = select(INCOMING).where(INCOMING.c.source == source, INCOMING.c.key == key).with_for_update()
    return connection.execute(found).one(), is_new


def _followed(connection: Connection, row: Row[Any], news: News, now: datetime, law: Receipts) -> bool:
    """Follows one news up, and writes what came of it; whether it is settled."""
    try:
        with connection.begin_nested():
            came = FOLLOW[news.kind](connection, row.source, news, now, law) if news.kind in FOLLOW else _nobody(news)
    except (OperationalError, InterfaceError):  # the database, not this news
        raise
    except Exception as fault:
        _log.exception("news %s of %s could not be followed up; it is looked at again", row.key, row.source)
        words = str(fault) if isinstance(fault, EInvoiceError) else type(fault).__name__
        came = Came(f"failed: {words}", settled=False)
    _settle(connection, row.id, came, now)
    return came.settled


def _nobody(news: News) -> Came:
    return Came(f"waits: nothing follows up news of the kind {news.kind}", settled=False)


def _settle(connection: Connection, row: int, came: Came, now: datetime) -> None:
    values: dict[str, Any] = {"result": came.result, "settled_at": now if came.settled else None}
    if came.debtor is not None:
        values["debtor_id"] = came.debtor
    connection.execute(update(INCOMING).where(INCOMING.c.id == row).values(values))


def to_json(news: News) -> str:
    """News as it is kept, its key and kind apart; long texts are cut."""
    outcome = news.outcome
    told = None if outcome is None else {name: value for name, value in outcome._asdict().items() if value not in (None, False)}
    kept = {
        "provider": news.provider,
        "outcome": told,
        "sender": news.sender,
        "text": news.text[:_LONGEST_TEXT],
        "at": None if news.at is None else news.at.isoformat(),
        "more": dict(news.more),
    }
    return json.dumps({name: value for name, value in kept.items() if value}, sort_keys=True)


def from_json(key: str, kind: str, body: str) -> News:
    """News as it was kept."""
    kept = json.loads(body)
    told = kept.get("outcome")
    return News(
        key,
        kind,
        kept.get("provider"),
        None if told is None else Outcome(**{**told, "state": State(told["state"])}),
        kept.get("sender"),
        kept.get("text", ""),
        datetime.fromisoformat(kept["at"]) if kept.get("at") else None,
        kept.get("more", {}),
    )
