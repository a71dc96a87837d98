"""Keeps what came, with our receipt, in one transaction: once, however often and by however many at a time it comes.

The same message again gets the receipt that it got. Another message under its id, or another document under the instance id of a known
one, is refused: nobody could say afterwards which of the two was acknowledged. A known document under a new message id gets a receipt of
its own and is kept as `repeated`; it is not handed over again, unless it failed: then it is tried anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, text, update

from einvoice_peppol.as4 import ebms
from einvoice_peppol.as4.receiving import Received
from einvoice_peppol.identifiers.kinds import kind
from einvoice_peppol.inbox.arrival import Arrival, arrival
from einvoice_peppol.tables import INBOX

LONGEST = 200
"""Characters that an id may have."""
_SAME_MESSAGE = select(INBOX.c.id, INBOX.c.access_point, INBOX.c.signed, INBOX.c.document_hash, INBOX.c.receipt).where(
    INBOX.c.message_id == bindparam("message_id")
)
_SAME_DOCUMENT = (
    select(INBOX.c.id, INBOX.c.document_hash, INBOX.c.state)
    .where(INBOX.c.access_point == bindparam("access_point"), INBOX.c.instance_id == bindparam("instance_id"))
    .order_by(INBOX.c.id)
    .limit(1)
)
_INSERT = insert(INBOX)
_AGAIN = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("row"))
    .values(state="received", attempts=0, next_at=bindparam("now", type_=INBOX.c.next_at.type))
)
_LOCK = text("SELECT pg_advisory_xact_lock(:number)")


class Kept(NamedTuple):
    """Where a message stands in the inbox, the receipt to answer with, and whether the message, or its document, was known already."""

    id: int
    receipt: bytes | None
    repeated: bool = False


def keep(connection: Connection, received: Received, receipt: bytes | None, now: datetime) -> Kept:
    """Keeps a message and the receipt for it. Only when the transaction is committed may the receipt in the answer be sent.

    Raises Refused (EBMS:0003) where its id is another message's, or its instance id another document's; nothing is written then.
    """
    return keep_arrival(connection, arrival(received), receipt, now)


def keep_arrival(connection: Connection, came: Arrival, receipt: bytes | None, now: datetime) -> Kept:
    """The same for what may have come another way.

    Raises Refused.
    """
    _bounded(came)
    lock(connection, [came])
    known = connection.execute(_SAME_MESSAGE, {"message_id": came.message_id}).one_or_none()
    if known is not None:
        return _again(known, came)
    first = connection.execute(_SAME_DOCUMENT, {"access_point": came.access_point, "instance_id": came.instance_id}).one_or_none()
    if first is not None and first.document_hash != came.body.sha256:
        raise ebms.Refused(
            ebms.VALUE_INCONSISTENT,
            "the instance identifier of the SBDH is another document's; give each document its own",
            message_id=came.message_id,
        )
    values = _values(came, receipt, now)
    if first is not None:
        values |= {"state": "repeated", "reason": f"the document of {first.id} under another message id"}
        if first.state == "failed":  # its sender was told that it failed, and sends it again: it is worth trying again
            connection.execute(_AGAIN, {"row": first.id, "now": now})
    written = connection.execute(_INSERT, values).inserted_primary_key
    assert written is not None
    return Kept(int(written[0]), receipt, first is not None)


def lock(connection: Connection, arrivals: Iterable[Arrival]) -> None:
    """Lets only one transaction at a time decide about these ids; SQLite has one writer anyhow.

    A transaction that keeps several locks them all first, so that two such never wait for each other.
    """
    if connection.dialect.name != "postgresql":
        return
    names = {name for came in arrivals for name in (f"message {came.message_id}", f"document {came.access_point} {came.instance_id}")}
    for number in sorted({int.from_bytes(sha256(f"peppol_inbox {name}".encode()).digest()[:8], "big", signed=True) for name in names}):
        connection.execute(_LOCK, {"number": number})


def _again(known: Any, came: Arrival) -> Kept:
    """The same message: the receipt that it got."""
    is_same = known.access_point == came.access_point and known.signed == came.signed and known.document_hash == came.body.sha256
    if not is_same:
        raise ebms.Refused(
            ebms.VALUE_INCONSISTENT, "the message id is another message's; give each message its own", message_id=came.message_id
        )
    return Kept(known.id, known.receipt, True)


def _bounded(came: Arrival) -> None:
    for name, value in (("message id", came.message_id), ("instance identifier of the SBDH", came.instance_id)):
        if not 0 < len(value) <= LONGEST:
            detail = f"the {name} has {len(value)} characters; 1 to {LONGEST} are taken"
            raise ebms.Refused(ebms.OTHER, detail, message_id=came.message_id[:LONGEST])


def _values(came: Arrival, receipt: bytes | None, now: datetime) -> dict[str, Any]:
    return {
        "message_id": came.message_id,
        "instance_id": came.instance_id,
        "access_point": came.access_point,
        "certificate": came.certificate,
        "via": came.via,
        "kind": kind(came.document),
        "sender": came.sender.id,
        "receiver": came.receiver.id,
        "document_scheme": came.document.scheme,
        "document_type": came.document.value,
        "process_scheme": came.process.scheme,
        "process": came.process.value,
        "country": came.country,
        "mls_to": came.mls_to.id if came.mls_to else None,
        "mls_type": came.mls_type,
        "document_hash": came.body.sha256,
        "document": came.body.data,
        "file": came.body.file,
        "size": came.body.size,
        "envelope": came.envelope,
        "signed": came.signed,
        "receipt": receipt,
        "state": "received",
        "reason": None,
        "attempts": 0,
        "next_at": now,
        "sent_at": came.sent_at,
        "received_at": now,
    }
