"""Hosted access points as senders of the outbox, and what they say later of what they took.

A provider takes the business document and says under which id; what became of that it is asked again and again, ever more rarely, until
it was delivered or came back. What it said last before it broke off stays unknown until it, or a person, says what is so: a document is
never handed over twice on a guess.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, and_, or_, select, update

from einvoice.database import connect
from einvoice.errors import EInvoiceError, OutboxError, PeppolError, TransportError
from einvoice.outbox import Effect, Outcome, Owner, State, report
from einvoice.outbox.tables import OUTBOX
from einvoice.settings import Settings
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers import DocumentType, Process, participants
from einvoice_peppol.providers import installed
from einvoice_peppol.providers.port import News, Provider, Submission
from einvoice_peppol.sending import payload, rows
from einvoice_peppol.tables import OUTGOING

LOG = logging.getLogger("einvoice.peppol")
_FOLLOWED = (State.SENT.value, State.UNKNOWN.value)
_FIRST, _LONGEST, _GIVEN_UP = timedelta(minutes=1), timedelta(days=1), timedelta(days=60)
_OUTCOMES = (State.SENT, State.DELIVERED, State.BOUNCED)
AT_ONCE = 200


class HostedSender:
    """The sender of a channel `peppol:NAME`; one thread uses it at a time."""

    def __init__(self, provider: Provider, bodies: Bodies, client: Client | None = None) -> None:
        self._provider = provider
        self._bodies = bodies
        self._client = client
        self.recognises_keys = provider.recognises_keys

    def send(self, effect: Effect) -> Outcome:
        """Hands the document over once, and says what the provider says."""
        try:
            with payload.opened(effect.payload, effect.headers, self._bodies) as body:
                submission = _submission(effect, body.read())
        except PeppolError as fault:
            return Outcome(State.PLANNED, reason=str(fault), answered=True)
        return self._provider.send(submission)

    def close(self) -> None:
        """Ends its connections."""
        if self._client is not None:
            self._client.close()


class Followed(NamedTuple):
    """What became of what was sent: how many were asked about, were delivered, came back; and how many could not be asked about."""

    asked: int = 0
    delivered: int = 0
    bounced: int = 0
    silent: int = 0


def senders(settings: Settings, bodies: Bodies) -> dict[str, HostedSender]:
    """The senders of the hosted access points of the settings by their channels; each thread needs its own.

    Raises SettingsError, PeppolError where a key leads to nothing.
    """
    found = {}
    for name in installed.SECTIONS:
        client = Client()
        provider = installed.provider(name, settings, lambda client=client: client)  # type: ignore[misc]
        if provider is not None:
            found[f"{rows.CHANNEL}:{name}"] = HostedSender(provider, bodies, client)
    return found


def follow(
    engine: Engine,
    providers: Mapping[str, Provider],
    clock: Callable[[], datetime],
    owners: Mapping[str, Owner],
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Followed:
    """Asks what became of what is sent, or may have arrived, where it is due; and keeps what is said.

    A provider that does not answer is left alone until the next round. Raises DatabaseError.
    """
    found: Counter[str] = Counter()
    for name, provider in providers.items():
        for row in _due(engine, name, clock()):
            if stopped():
                break
            try:
                told = _asked(engine, provider, row, clock, owners)
            except TransportError as fault:
                LOG.warning("%s", fault)
                found["silent"] += 1
                break
            except EInvoiceError as fault:
                LOG.warning("message %s: %s", row.id, fault)
                found["silent"] += 1
                continue
            except Exception:
                LOG.exception("message %s could not be asked about", row.id)
                found["silent"] += 1
                continue
            found["asked"] += told is not None
            found[told or ""] += 1
    return Followed(found["asked"], found[State.DELIVERED], found[State.BOUNCED], found["silent"])


def hear(connection: Connection, name: str, news: News, now: datetime, owners: Mapping[str, Owner]) -> bool:
    """Keeps what a webhook tells of a document that we sent.

    False where it may be of one whose id the provider is just telling us, or told into the void: it has to come again. What is about
    nothing of ours is no news.
    """
    if news.outcome is None:
        return True
    effect = _effect(connection, name, news.id)
    if effect is None:
        return not _is_expected(connection, name, now)
    _told(connection, effect, news.outcome, now, owners)
    return True


def _is_expected(connection: Connection, name: str, now: datetime) -> bool:
    """Whether a document is being handed over, or lately was, without an id having come back."""
    lately = (OUTBOX.c.state == State.UNKNOWN.value, OUTBOX.c.provider.is_(None), OUTBOX.c.settled_at > now - _LONGEST)
    nameless = or_(OUTBOX.c.state == State.SENDING.value, and_(*lately))
    ours = (OUTBOX.c.owner == rows.OWNER, OUTBOX.c.channel == f"{rows.CHANNEL}:{name}")
    return connection.execute(select(OUTBOX.c.id).where(*ours, nameless).limit(1)).one_or_none() is not None


def _due(engine: Engine, name: str, now: datetime) -> Sequence[Any]:
    """The rows that are asked about now; the next time is written at once, so that whoever else looks leaves them alone."""
    due = select(OUTGOING.c.id, OUTGOING.c.created_at).where(OUTGOING.c.via == name, OUTGOING.c.state.in_(_FOLLOWED))
    due = due.where(OUTGOING.c.next_at <= now, OUTGOING.c.created_at > now - _GIVEN_UP)
    with connect(engine) as connection:
        found = connection.execute(due.order_by(OUTGOING.c.next_at, OUTGOING.c.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        for row in found:
            pause = min(max(_FIRST, (now - row.created_at) / 10), _LONGEST)
            connection.execute(update(OUTGOING).where(OUTGOING.c.id == row.id).values(next_at=now + pause))
    return found


def _asked(engine: Engine, provider: Provider, row: Row[Any], clock: Callable[[], datetime], owners: Mapping[str, Owner]) -> str | None:
    """Asks about one, and gives the state that it has afterwards: empty where nothing is new, None where it cannot be asked about."""
    with connect(engine) as connection:
        effect = rows.effect_of(connection, row.id)
    if effect is None or effect.provider is None or effect.state not in _FOLLOWED:
        return None
    outcome = provider.status(effect.provider)
    if outcome is None:
        return ""
    with connect(engine) as connection:
        return outcome.state.value if _told(connection, effect, outcome, clock(), owners) else ""


def _told(connection: Connection, effect: Row[Any], outcome: Outcome, now: datetime, owners: Mapping[str, Owner]) -> bool:
    """Tells the outbox and the owner; False where it is no news, or comes after somebody else's word.

    Of a row that was taken up again, only the newest effect says what became of it.
    """
    fresh = connection.execute(select(OUTBOX).where(OUTBOX.c.id == effect.id).with_for_update()).one()
    if outcome.state not in _OUTCOMES or fresh.state == outcome.state or (outcome.state is State.SENT and fresh.state != State.UNKNOWN):
        return False
    newest = rows.effect_of(connection, rows.id_of(fresh.subject))
    owners = owners if newest is not None and newest.id == fresh.id else {}
    with suppress(OutboxError):
        if fresh.state == State.UNKNOWN and outcome.state is not State.SENT:  # it was taken, whatever became of it
            report(connection, fresh.id, Outcome(State.SENT, provider=fresh.provider), now, owners)
        report(connection, fresh.id, outcome, now, owners)
        return True
    LOG.warning("effect %s is %s; that it was %s came too late", fresh.id, fresh.state, outcome.state)
    return False


def _effect(connection: Connection, name: str, ref: str) -> Row[Any] | None:
    """The newest effect that a provider knows by an id."""
    ours = (OUTBOX.c.channel == f"{rows.CHANNEL}:{name}", OUTBOX.c.provider == ref)
    return connection.execute(select(OUTBOX).where(*ours).order_by(OUTBOX.c.id.desc()).limit(1)).one_or_none()


def _submission(effect: Effect, data: bytes) -> Submission:
    told = effect.headers
    return Submission(
        key=effect.key,
        sender=participants.parse(str(told["sender"]), strict=False),
        receiver=participants.parse(str(told["receiver"]), strict=False),
        document=DocumentType(str(told["document_type"]), str(told["document_scheme"])),
        process=Process(str(told["process"]), str(told["process_scheme"])),
        country=str(told["country"]),
        instance_id=str(told["instance_id"]),
        data=data,
        number=told.get("number"),
        kind=str(told["kind"]),
    )
