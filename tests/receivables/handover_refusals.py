"""What refuses a hand-over between plan and sending: a world whose dossier waits, changed, and what leaves then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from einvoice.database import connect
from einvoice.outbox import Owner, relay
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import law, papers
from einvoice.receivables.channels.installed import installed
from einvoice.receivables.guard import ReceivablesOwner
from einvoice.receivables.handover import handing as h
from einvoice.receivables.handover.owner import HandoverOwner
from einvoice.receivables.store.tables import DEBTORS, HOLDS, MESSAGES, PAPERS, POLICIES
from tests.receivables.handover_world import BY_MAIL, Change, early, handing, owes, pays, reminded
from tests.receivables.run_world import CHANGES, MORNING, World
from tests.smtp import Mailbox, read

OWNERS: dict[str, Owner] = {"receivables": ReceivablesOwner(law.load()), h.OWNER: HandoverOwner()}


def to_agency(mail: Mailbox) -> list[str]:
    """The SHA-256 of what the server took for the agency."""
    return [one.sha256 for one in read(mail.log) if BY_MAIL.email in one.recipients]


def posted(made: World) -> list[bytes]:
    """What the outbox holds for the agency."""
    return [row.payload for row in made.rows(select(OUTBOX.c.payload).where(OUTBOX.c.owner == h.OWNER).order_by(OUTBOX.c.id))]


def bounces(connection: Connection, made: World, debtor: int) -> None:
    """A reminder that counted comes back after all."""
    del debtor
    (first, *_) = connection.execute(select(MESSAGES.c.id).order_by(MESSAGES.c.id)).all()
    connection.execute(update(MESSAGES).where(MESSAGES.c.id == first.id).values(bounced_on=made.clock().date()))


def scored(connection: Connection, made: World, debtor: int) -> None:
    """The debtor turns out to be a natural person, and the segment looks at a score."""
    del made
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(kind="b2c"))
    text = connection.scalar(select(POLICIES.c.text)) or ""
    connection.execute(
        update(POLICIES).values(
            text=text.replace("segments: [", "segments: [{id: all, when: 'party.score == null', flow: f}, ").replace(
                '{id: all, when: "true"', '{id: rest, when: "true"'
            )
        )
    )


def unkept(connection: Connection, made: World, debtor: int) -> None:
    """The dossier is no longer kept."""
    del made, debtor
    connection.execute(delete(PAPERS).where(PAPERS.c.kind == papers.DOSSIER))


def ruleless(connection: Connection, made: World, debtor: int) -> None:
    """The policy that decided is no longer kept."""
    del made, debtor
    connection.execute(update(POLICIES).values(hash="0" * 64))


def tampered(connection: Connection, made: World, debtor: int) -> None:
    """Somebody changed the bytes in the outbox."""
    del made, debtor
    connection.execute(update(OUTBOX).where(OUTBOX.c.owner == h.OWNER).values(payload=b"Subject: pay me instead\r\n\r\n"))


_OURS = ("paid", "paid in part", "money on account", "dispute", "dispute of a part", "plan", "promise", "payment pending", "manual")
REFUSED: dict[str, Change] = {name: CHANGES[name] for name in (*_OURS, "insolvent", "held by a person")}
REFUSED |= {"paid in full": pays, "too few contacts": bounces, "a score alone": scored, "not kept": unkept}
REFUSED |= {"no policy": ruleless, "bytes changed": tampered}
MORE: dict[str, Change] = {
    "nothing": lambda connection, made, debtor: None,
    "consent withdrawn": CHANGES["consent withdrawn"],
    "address gone": CHANGES["address gone"],
}
"""What does not concern an agency."""


class Ready(NamedTuple):
    """A world whose dossier waits for the hours of contact, its debtor, and its database as it was then."""

    made: World
    debtor: int
    data: bytes
    path: Path

    def restore(self) -> None:
        """The world as it was."""
        self.made.engine.dispose()
        self.path.write_bytes(self.data)
        self.made.clock.now = MORNING + timedelta(days=18)


@contextmanager
def waiting(where: Path, mail: Mailbox) -> Iterator[Ready]:
    """A world after three reminders; a dossier is planned before the hours of contact."""
    with handing(where, mail, BY_MAIL) as made:
        debtor = owes(made)
        reminded(made)
        made.clock.now = early(18)
        made.run()
        made.engine.dispose()
        yield Ready(made, debtor, (where / "books.db").read_bytes(), where / "books.db")


def sent_after(ready: Ready, mail: Mailbox, change: Change) -> tuple[World, int]:
    """The world after a change between plan and sending, and how many dossiers left."""
    ready.restore()
    made = ready.made
    with connect(made.engine) as connection:
        change(connection, made, ready.debtor)
        connection.execute(update(HOLDS).where(HOLDS.c.until.is_not(None)).values(until=made.clock().date()))
        connection.execute(update(DEBTORS).where(DEBTORS.c.hold_until.is_not(None)).values(hold_until=made.clock().date()))
    before = len(to_agency(mail))
    relay(made.engine, installed(made.settings), OWNERS, made.clock, ceiling=made.settings.sending)
    return made, len(to_agency(mail)) - before
