"""Clears the spool of what no row refers to: bodies whose transaction was never committed, files of writers that died."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from einvoice.database import reading
from einvoice.outbox.tables import OUTBOX
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.sending.payload import SPOOL
from einvoice_peppol.sending.rows import OWNER
from einvoice_peppol.tables import INBOX, OUTGOING

LOG = logging.getLogger("einvoice.peppol")
GRACE = timedelta(days=1)
"""How old a file must be: a body is durable before the row that names it is committed, and no transaction takes a day."""


def sweep(engine: Engine, bodies: Bodies, now: datetime) -> int:
    """Removes what nobody refers to and nobody has written for a day; how many files that were.

    Nothing is removed from a spool where bodies of another database stand too: what it refers to is not known here. Raises DatabaseError.
    """
    old = bodies.files(now - GRACE)
    if not old:
        return 0
    if others := bodies.others():
        LOG.warning("the spool is not cleared: another database keeps bodies there; remove %s where it is gone", ", ".join(others))
        return 0
    with reading(engine) as connection:
        orphans = old - _referred(connection)
    return sum(bodies.remove(name, now - GRACE) for name in orphans)


def _referred(connection: Connection) -> set[str]:
    """The files that rows name: documents that go out and came in, and finished messages."""
    spooled = OUTBOX.c.headers[SPOOL].as_string()
    questions = (
        select(OUTGOING.c.file).where(OUTGOING.c.file.is_not(None)),
        select(INBOX.c.file).where(INBOX.c.file.is_not(None)),
        select(spooled).where(OUTBOX.c.owner == OWNER, spooled.is_not(None)),
    )
    return {name for question in questions for name in connection.scalars(question)}
