"""The story of one invoice through the whole network, told as what became of it at each step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

import einvoice
from einvoice.database import connect, reading
from einvoice.events import Status
from einvoice.outbox.tables import EVENTS
from einvoice.receivables.store.tables import DISPUTES, HOLDS
from einvoice.samples import sample
from einvoice_peppol.answers import creating
from einvoice_peppol.answers.answer import Clarification, Condition
from einvoice_peppol.answers.giving import give
from einvoice_peppol.answers.hearing import AnswerHandler
from einvoice_peppol.inbox import Handler, Incoming
from einvoice_peppol.receivables import follower
from einvoice_peppol.sending import PeppolOwner, submit
from einvoice_peppol.tables import INBOX, OUTGOING
from tests.peppol.loopback import Keeps, Loopback, Side, standing, wait
from tests.receivables import books
from tests.receivables.cases_books import person

Found = dict[str, Any]
EXPECTED: Found = {
    "sent": "sent",
    "verdict": "valid",
    "same document": True,
    "status": "delivered",
    "answer": "UQ",
    "dispute": "price_not_as_agreed",
    "held": True,
    "events": ["invoice.sent", "invoice.delivered", "invoice.response", "dispute.opened"],
    "once": True,
}
"""What must become of it."""


def told(folder: Path, database: str = "sqlite") -> Found:
    """What became of the invoice."""
    came: list[tuple[bytes, str]] = []

    def checked(_connection: Connection, incoming: Incoming) -> None:
        document = incoming.document(1_000_000)
        came.append((document, einvoice.validate(document).verdict.value))

    seller_hears: list[Handler] = [AnswerHandler({"peppol": PeppolOwner()}, [follower()])]
    buyer_hears: list[Handler] = [AnswerHandler({"peppol": PeppolOwner()}), Keeps(checked)]
    with standing(folder, seller=lambda: seller_hears, buyer=lambda: buyer_hears, database=database) as network:
        data = einvoice.write(sample())
        _owed(network.seller)
        _submit(network.seller, data)
        network.seller.send()
        found: Found = {"sent": _state(network.seller)}
        wait(lambda: came, "the invoice was not handed over")
        found |= {"verdict": came[0][1], "same document": _same(came[0][0], data)}
        wait(lambda: _sends(network.buyer) and _state(network.seller) == "delivered", "no status came back")
        found["status"] = _state(network.seller)
        _answer(network.buyer)
        network.buyer.send()
        wait(lambda: _disputes(network.seller), "no dispute was opened")
        return found | _followed(network, len(came))


def _owed(side: Side) -> None:
    """The seller's ledger has the invoice, and a person who owns disputes."""
    invoice = sample()
    assert invoice.number is not None
    with connect(side.engine) as connection:
        creditor = books.creditor(connection)
        person(connection, creditor, "ann")
        debtor = books.debtor(connection, creditor)
        books.invoice(connection, debtor, invoice.number)


def _submit(side: Side, data: bytes) -> None:
    with connect(side.engine) as connection:
        submit(connection, data, einvoice.validate(data), subject="invoice:1", bodies=side.bodies, via="as4")


def _answer(side: Side) -> None:
    """The buyer asks about a price."""
    from einvoice_peppol.inbox.incoming import incoming

    with connect(side.engine) as connection:
        row = connection.execute(select(INBOX).where(INBOX.c.kind == "invoice")).one()
        invoice = incoming(row, side.bodies)
        why = [Clarification("PRI", text="9.99 was agreed", conditions=(Condition("BT-146", "9.99"),))]
        now = side.means.clock()
        answer = creating.to_invoice(einvoice.read(invoice.document(1_000_000)), Status.UNDER_QUERY, invoice, now, clarifications=why)
        give(connection, answer, row.id, "BE", now, side.bodies)


def _followed(network: Loopback, handed: int) -> Found:
    with reading(network.seller.engine) as connection:
        answer = connection.execute(select(INBOX).where(INBOX.c.kind == "invoice_response")).one()
        dispute = connection.execute(select(DISPUTES)).one()
        held = connection.scalar(select(func.count()).select_from(HOLDS))
        events = [
            kind
            for kind in connection.scalars(select(EVENTS.c.type).order_by(EVENTS.c.number))
            if kind.startswith(("invoice.", "dispute."))
        ]
        about = connection.scalar(select(OUTGOING.c.number).where(OUTGOING.c.id == answer.about))
    with reading(network.buyer.engine) as connection:
        kept = connection.scalar(select(func.count()).where(INBOX.c.kind == "invoice"))
    return {
        "answer": "UQ" if about == sample().number else None,
        "dispute": dispute.category,
        "held": bool(held),
        "events": events,
        "once": handed == 1 and kept == 1,
    }


def _sends(side: Side) -> bool:
    side.send()
    return True


def _state(side: Side) -> str:
    with reading(side.engine) as connection:
        return str(connection.scalar(select(OUTGOING.c.state).where(OUTGOING.c.kind == "invoice")))


def _disputes(side: Side) -> int:
    with reading(side.engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(DISPUTES)) or 0)


def _same(one: bytes, other: bytes) -> bool:
    from tests.interop.worlds import canonical

    return canonical(one) == canonical(other)
