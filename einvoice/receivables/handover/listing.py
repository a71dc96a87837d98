"""The dossiers that were made to be handed over, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import papers
from einvoice.receivables.handover.handing import OWNER
from einvoice.receivables.store.tables import ACTIONS, DEBTORS, PAPERS


class Given(NamedTuple):
    """A dossier: its id among the papers, whom it is about, to which agency it went and how; without an agency a person has it."""

    id: int
    made_at: datetime
    debtor: str
    name: str
    hash: str
    agency: str | None
    channel: str | None
    address: str | None
    state: str
    sent_at: datetime | None
    reason: str | None
    action: str | None


def listed(connection: Connection, creditor: int) -> list[Given]:
    """Every dossier of a creditor that is kept, the latest first."""
    columns = (PAPERS.c.id, PAPERS.c.kept_at, PAPERS.c.name, PAPERS.c.hash, DEBTORS.c.key)
    kept = select(*columns).join_from(PAPERS, DEBTORS, DEBTORS.c.id == PAPERS.c.debtor_id)
    kept = kept.where(PAPERS.c.creditor_id == creditor, PAPERS.c.kind == papers.DOSSIER).order_by(PAPERS.c.id.desc())
    out = ("headers", "channel", "address", "state", "sent_at", "reason", "subject")
    mine = (OUTBOX.c.owner == OWNER, ACTIONS.c.creditor_id == creditor)
    sent = select(*(OUTBOX.c[name] for name in out)).join_from(OUTBOX, ACTIONS, OUTBOX.c.subject == "action:" + ACTIONS.c.id).where(*mine)
    effects = {row.headers["dossier"]: row for row in connection.execute(sent).all() if "dossier" in row.headers}
    found = []
    for row in connection.execute(kept).all():
        went = effects.get(row.hash)
        about = (row.id, row.kept_at, row.key, row.name, row.hash)
        if went is None:
            found.append(Given(*about, None, None, None, "by hand", None, None, None))
        else:
            action = went.subject.partition(":")[2]
            how = (went.headers.get("agency"), went.channel, went.address, went.state, went.sent_at, went.reason, action)
            found.append(Given(*about, *how))
    return found
