"""The owner of the effects of Peppol: whether each may still go, and what is kept and told when something became of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from sqlalchemy import Connection, Row, func, select, update

from einvoice.events import AnyEvent, Channel, InvoiceDelivered, InvoiceRefused, InvoiceSent
from einvoice.outbox import Effect, Outcome, Permission, State, publish
from einvoice.outbox.tables import OUTBOX
from einvoice_peppol.sending import evidence, rows
from einvoice_peppol.sending.hosts import Hosts
from einvoice_peppol.sending.means import Reached, nothing
from einvoice_peppol.tables import OUTGOING

EXPIRED = "the receiver's certificate has ended: it is prepared anew"
STALE = "it was prepared days ago: it is prepared anew"
FRESH = timedelta(days=3)
"""How long a message that was never tried may wait: receivers refuse messages that are old, and where they go may have changed."""
_WANTED = frozenset({rows.PREPARED, State.PLANNED.value, State.UNKNOWN.value})
_ARRIVED = (State.SENT, State.DELIVERED)
_SETTLED = (*_ARRIVED, State.BOUNCED, State.FAILED, State.CANCELLED, State.DEAD)
_AT_ONCE = 500
_HASH = re.compile("[0-9a-f]{64}")


class PeppolOwner:
    """Permits what is still wanted, and keeps what became of it beside the message, in the transaction that says so."""

    def __init__(self, hosts: Hosts | None = None, reached: Reached = nothing) -> None:
        self._hosts = hosts or Hosts()
        self._reached = reached

    def may_send(self, connection: Connection, effect: Effect, now: datetime) -> Permission:
        """Whether the row still wants it, its receiver can still decrypt it, and its host is not resting."""
        row = rows.by_id(connection, rows.id_of(effect.subject))
        if row.state not in _WANTED:
            return Permission(cancel=f"the message is {row.state}")
        if (pem := effect.headers.get("certificate")) and now >= x509.load_pem_x509_certificate(pem.encode("ascii")).not_valid_after_utc:
            return Permission(cancel=EXPIRED)
        if effect.attempts == 0 and row.via == rows.AS4 and now - row.prepared_at > FRESH and not _is_doubtful(connection, row):
            return Permission(cancel=STALE)
        return Permission(until=self._hosts.resting(effect.address, now))

    def happened(self, connection: Connection, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """Keeps the news: the receipt of what was sent, the state and the reason; and tells of it.

        Raises PeppolError where a message of ours is said to be sent without a receipt.
        """
        row = rows.by_id(connection, rows.id_of(effect.subject))
        values: dict[str, Any] = {"state": outcome.state.value, "reason": outcome.reason}
        if outcome.reason in (EXPIRED, STALE):
            values = _ended(outcome.state, now)
        elif outcome.state is State.FAILED and _is_doubtful(connection, row):
            values["reason"] = f"{outcome.reason}; an earlier attempt may have arrived"
        if outcome.state is State.SENT:
            values |= {"sent_at": now} | _receipt(connection, row, effect, outcome)
        connection.execute(update(OUTGOING).where(OUTGOING.c.id == row.id).values(values))
        if row.kind == "invoice":
            for event in _events(row, outcome, was, now):
                publish(connection, event)
        self._reached(f"told {outcome.state.value}")


def catch_up(connection: Connection, owner: PeppolOwner, now: datetime) -> int:
    """Tells the owner what the outbox knows and it could not take when it was told; the number of rows that were behind."""
    other = OUTBOX.alias()
    named = rows.OWNER + ":" + OUTGOING.c.id.cast(OUTBOX.c.subject.type)
    last = select(func.max(other.c.id)).where(other.c.owner == rows.OWNER, other.c.subject == named)
    newest = last.correlate(OUTGOING).scalar_subquery()
    behind = select(OUTBOX, OUTGOING.c.state.label("was")).select_from(OUTGOING).join(OUTBOX, OUTBOX.c.id == newest)
    behind = behind.where(OUTGOING.c.state.in_(_WANTED), OUTBOX.c.state.in_(_SETTLED))
    found = connection.execute(behind.limit(_AT_ONCE)).all()
    for row in found:
        outcome = Outcome(State(row.state), provider=row.provider, proof=row.proof, reason=row.reason)
        was = State.SENDING if row.was == rows.PREPARED else State(row.was)
        owner.happened(connection, _effect(row), was, outcome, now)
    return len(found)


def _effect(row: Row[Any]) -> Effect:
    return Effect(row.key, row.owner, row.subject, row.channel, row.address, row.payload, row.headers, id=row.id, attempts=row.attempts)


def _is_doubtful(connection: Connection, row: Row[Any]) -> bool:
    """Whether an attempt of a row's newest effect may have arrived."""
    effect = rows.effect_of(connection, row.id)
    return effect is not None and bool(effect.doubtful)


def _ended(state: State, now: datetime) -> dict[str, Any]:
    """The columns of a row whose receiver's certificate ended: it begins anew where surely nothing arrived, else a person decides."""
    if state is State.CANCELLED:
        return {"state": rows.ACCEPTED, "reason": None, "next_at": now, "attempts": 0}
    return {"state": state.value, "reason": "it may have arrived, and the receiver's certificate has ended since; ask the receiver"}


def _receipt(connection: Connection, row: Row[Any], effect: Effect, outcome: Outcome) -> dict[str, Any]:
    """The columns of the receipt; the outbox keeps its hash from now on, for the receipt itself stands with the message."""
    if row.via != rows.AS4:
        return {"message_id": f"{row.via}:{outcome.provider}"[:200]} if outcome.provider and row.message_id is None else {}
    receipt = evidence.read(outcome.proof)
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == effect.id).values(proof=receipt.sha256))
    return {"receipt": receipt.data, "receipt_type": receipt.content_type, "receipt_hash": receipt.sha256}


def _events(row: Row[Any], outcome: Outcome, was: State, now: datetime) -> list[AnyEvent]:
    """What other programs hear of it."""
    message = outcome.provider or row.message_id or row.instance_id
    about = {"time": now, "invoice": row.subject.removeprefix("invoice:"), "number": row.number or row.instance_id}
    about |= {"channel": Channel.PEPPOL, "message": message}
    told: list[AnyEvent] = []
    if outcome.state in _ARRIVED and was not in _ARRIVED:
        parties = {"sender": row.sender, "receiver": row.receiver, "profile": row.profile, "override": row.override}
        told.append(InvoiceSent(**about, **parties, document=row.document_hash))
    if outcome.state is State.DELIVERED:
        proof = outcome.proof if outcome.proof and _HASH.fullmatch(outcome.proof) else None
        told.append(InvoiceDelivered(**about, proof=proof))
    if outcome.state in (State.BOUNCED, State.FAILED):
        told.append(InvoiceRefused(**about, text=outcome.reason))
    return told
