"""What a person does with a message: withdraws it, or takes it up again without it arriving twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography import x509
from sqlalchemy import Connection, Row, update

from einvoice import outbox
from einvoice.errors import PeppolError
from einvoice.outbox import Outcome, State
from einvoice.outbox.rows import effect_of as as_effect
from einvoice.outbox.tables import OUTBOX
from einvoice_peppol.sending import rows
from einvoice_peppol.tables import OUTGOING

_HERE = (rows.PREPARED, State.PLANNED)
_ARRIVED = (State.SENT, State.DELIVERED)


def cancel(connection: Connection, row_id: int, reason: str, now: datetime) -> None:
    """Withdraws a message that surely has not arrived.

    Raises PeppolError where it is on its way, may have arrived, or is settled.
    """
    row = rows.by_id(connection, row_id)
    effect = rows.effect_of(connection, row_id)
    done = row.state == rows.ACCEPTED
    if row.state in _HERE and effect is not None:
        done = outbox.cancel(connection, effect.id, reason, now)
    if not done:
        why = "it is on its way, or may have arrived" if row.state in (*_HERE, State.UNKNOWN) else f"it is {row.state}"
        raise PeppolError(f"message {row_id} cannot be withdrawn: {why}")
    _change(connection, row, state=State.CANCELLED.value, reason=reason)


def resend(connection: Connection, row_id: int, now: datetime, *, certain: bool = False) -> str:
    """Takes a message up again, and gives its state then: `accepted` where it is prepared anew, `planned` where the same bytes go again.

    What surely did not arrive is prepared anew, with another look at where it goes. What may have arrived goes again as the same bytes
    under the same message id, which its receiver knows again; where that cannot be, only if it is `certain` (the receiver was asked)
    that nothing arrived. What waits is tried at once. Raises PeppolError where it has arrived, or may have and nothing proves otherwise.
    """
    row = rows.by_id(connection, row_id)
    effect = rows.effect_of(connection, row_id)
    if row.state in _ARRIVED:
        raise PeppolError(f"message {row_id} is {row.state}: its receipt proves that it arrived; it is not sent again")
    if effect is not None and effect.state == State.SENDING:
        raise PeppolError(f"message {row_id} is being sent, or its worker died a moment ago; wait until it is known what became of it")
    if row.state == rows.ACCEPTED or effect is None or (effect.state != State.PLANNED and (certain or _is_nowhere(effect))):
        return _anew(connection, row, now)
    return _same_bytes(connection, row, effect, now)


def _is_nowhere(effect: Row[Any]) -> bool:
    """Whether surely nothing of an effect arrived, or what arrived was refused."""
    return effect.state == State.BOUNCED or (effect.state != State.UNKNOWN and not effect.doubtful)


def _anew(connection: Connection, row: Row[Any], now: datetime) -> str:
    """Back to where it is prepared; what came back is another message, whose envelope has an instance id of its own."""
    instance = str(uuid4()) if row.state == State.BOUNCED else row.instance_id
    _change(connection, row, state=rows.ACCEPTED, reason=None, next_at=now, attempts=0, instance_id=instance)
    return rows.ACCEPTED


def _same_bytes(connection: Connection, row: Row[Any], effect: Row[Any], now: datetime) -> str:
    """The same bytes again, at once: of the effect that waits or is unknown, or of a new one after one that was given up."""
    pem = effect.headers.get("certificate")
    if pem is None or now >= x509.load_pem_x509_certificate(pem.encode("ascii")).not_valid_after_utc:
        raise PeppolError(f"message {row.id} may have arrived; ask its receiver, and say so if nothing did (--certain)")
    if effect.state == State.UNKNOWN:
        outbox.report(connection, effect.id, Outcome(State.PLANNED, reason="taken up again"), now, {})
    elif effect.state == State.PLANNED:
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == effect.id, OUTBOX.c.state == State.PLANNED).values(next_at=now))
    else:
        again = as_effect(effect)._replace(key=rows.next_key(connection, row), not_before=None)
        new = outbox.add(connection, again, now)
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == new).values(doubtful=effect.doubtful))
    _change(connection, row, state=State.PLANNED.value, reason="taken up again")
    return State.PLANNED.value


def _change(connection: Connection, row: Row[Any], **values: Any) -> None:
    """Changes a row that nobody changed meanwhile."""
    if not connection.execute(update(OUTGOING).where(OUTGOING.c.id == row.id, OUTGOING.c.state == row.state).values(values)).rowcount:
        raise PeppolError(f"message {row.id} has just changed; look at it again")
