"""Two access points of a PKI to test with, and a message from one to the other made by our own code."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

from einvoice_peppol.as4 import packaging, receipts, receiving
from einvoice_peppol.as4.message import UserMessage
from einvoice_peppol.as4.packaging import Built
from einvoice_peppol.as4.receiving import Received
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.http import Answer
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.pki import testing
from einvoice_peppol.pki.identity import Identity, Trust
from tests.peppol import as4_messages

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


class Sides(NamedTuple):
    """The sender, the receiver, a stranger with a trusted certificate, whom they trust."""

    sender: Identity
    receiver: Identity
    stranger: Identity
    trust: Trust


class Sent(NamedTuple):
    """A finished message."""

    built: Built
    data: bytes


@cache
def sides() -> Sides:
    """Made once a process."""
    made = testing.network(now=NOW)
    return Sides(made.access_point("PBE000001"), made.access_point("PNL000002"), made.access_point("PDE000003"), made.trust())


def message(message_id: str = "message-1@sender.test", **other: object) -> UserMessage:
    """The header of a message, with something else in it."""
    made = UserMessage(
        message_id,
        NOW,
        "conversation-1",
        sides().sender.seat,
        sides().receiver.seat,
        Participant("9930", "de123456789"),
        Participant("0208", "0123456749"),
        DocumentType(as4_messages.DOCUMENT),
        Process(as4_messages.PROCESS),
    )
    return made._replace(**other)  # type: ignore[arg-type]


def sent(document: bytes | None = None, message_id: str = "message-1@sender.test") -> Sent:
    """A message from the sender to the receiver."""
    into = BytesIO()
    data = as4_messages.sbdh() if document is None else document
    built = packaging.build(message(message_id), BytesIO(data), sides().sender, sides().receiver.certificate, into)
    return Sent(built, into.getvalue())


def received(one: Sent, spool: Path | None = None) -> Received:
    """What the receiver makes of it."""
    bodies = Bodies(spool or Path(gettempdir()) / "einvoice-test-spool")
    return receiving.receive(
        one.built.content_type, BytesIO(one.data), sides().receiver, sides().trust, bodies, NOW, serviced=lambda *_: True
    )


def receipt(one: Sent, by: Identity | None = None) -> Answer:
    """The receiver's receipt, or one that somebody else signs, as an answer."""
    kind, data = receipts.receipt(received(one), by or sides().receiver, NOW)
    return Answer(200, {"content-type": kind}, data)
