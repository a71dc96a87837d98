"""What a person does with the inbox: looks, finds a message, has it tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from einvoice.errors import PeppolError
from einvoice_peppol.inbox.handing import LEASE
from einvoice_peppol.tables import INBOX

STATES = ("received", "leased", "handed", "failed", "repeated")
"""What may be the state of a message, in the order of its life."""
_PARTS = ("document", "envelope", "receipt", "certificate", "signed")
"""What is large, and looked at for one message alone."""
_COLUMNS = [column for column in INBOX.c if column.name not in _PARTS]


def listing(
    connection: Connection, *, states: Sequence[str] = (), kinds: Sequence[str] = (), sender: str | None = None, most: int = 100
) -> list[Row[Any]]:
    """The newest messages, without their large parts; of these states, kinds and sender (`0208:0123456789`) where they are named."""
    asked = select(*_COLUMNS).order_by(INBOX.c.id.desc()).limit(most)
    if states:
        asked = asked.where(INBOX.c.state.in_(states))
    if kinds:
        asked = asked.where(INBOX.c.kind.in_(kinds))
    if sender is not None:
        asked = asked.where(INBOX.c.sender == sender)
    return list(connection.execute(asked))


def counted(connection: Connection) -> dict[str, int]:
    """How many messages there are of each state."""
    found = connection.execute(select(INBOX.c.state, func.count()).group_by(INBOX.c.state)).all()
    return dict.fromkeys(STATES, 0) | {str(state): int(count) for state, count in found}


def find(connection: Connection, which: str) -> Row[Any]:
    """A message with all its parts: by its number in the inbox, its message id, or its instance id.

    Raises PeppolError where there is none such, or several have the instance id.
    """
    if which.isdecimal() and len(which) < 19 and (row := connection.execute(select(INBOX).where(INBOX.c.id == int(which))).one_or_none()):
        return row
    if row := connection.execute(select(INBOX).where(INBOX.c.message_id == which)).one_or_none():
        return row
    found = connection.execute(select(INBOX).where(INBOX.c.instance_id == which, INBOX.c.state != "repeated").limit(2)).all()
    if len(found) > 1:
        raise PeppolError(f"several messages have the instance id {which!r}; name one by its number, `einvoice inbox list` shows it")
    if not found:
        raise PeppolError(f"the inbox has no message {which!r}; `einvoice inbox list` shows what it has")
    return found[0]


def retry(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Has a failed message tried again, from now, as if it had just come; also one whose lease a wrong clock made endless.

    Raises PeppolError where it is not failed, and not waiting for its next attempt.
    """
    endless = and_(INBOX.c.state == "leased", INBOX.c.lease_until > now + LEASE)
    changed = connection.execute(
        update(INBOX)
        .where(INBOX.c.id == row.id, or_(INBOX.c.state.in_(("failed", "received")), endless))
        .values(state="received", attempts=0, next_at=now, worker=None, lease_until=None)
    )
    if not changed.rowcount:
        raise PeppolError(f"message {row.id} is {row.state}; only what failed, or waits, is tried again")
