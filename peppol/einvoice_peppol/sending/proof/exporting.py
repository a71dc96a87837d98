"""Writes the evidence of a message, by its number, its message id or the instance id of its envelope."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

from sqlalchemy import Connection, Row, or_, select

from einvoice.errors import PeppolError
from einvoice.settings import current
from einvoice_peppol.bodies import Bodies, spool
from einvoice_peppol.sending import rows
from einvoice_peppol.sending.proof import incoming, outgoing
from einvoice_peppol.sending.proof.archive import Archive
from einvoice_peppol.tables import INBOX


def export(connection: Connection, name: int | str, *, bodies: Bodies | None = None, inbox: bool = False) -> bytes:
    """The evidence of a message as the bytes of a zip; see `write`."""
    into = BytesIO()
    write(connection, name, into, bodies=bodies, inbox=inbox)
    return into.getvalue()


def write(connection: Connection, name: int | str, into: BinaryIO, *, bodies: Bodies | None = None, inbox: bool = False) -> dict[str, Any]:
    """Writes the evidence of a message as a zip, in bounded memory, and gives the facts of its manifest.

    A number is one of what went out, with `inbox` of what came in; a message id or an instance id is looked for in both, first in
    what went out. What was not sent yet has no receipt, and says so. Raises PeppolError where there is no such message, or the spool
    has lost a part of it.
    """
    kept = bodies or spool(current())
    out = None if inbox else rows.named(connection, name)
    came = _came(connection, name) if out is None and (inbox or not str(name).isdigit()) else None
    if out is None and came is None:
        where = "came in" if inbox else "went out"
        raise PeppolError(f"there is no message {name} that {where}; `einvoice peppol status` and `einvoice inbox list` list them")
    row = out if out is not None else came
    assert row is not None
    archive = Archive(into, row.created_at if out is not None else row.received_at)
    filled = outgoing.fill(archive, connection, row, kept) if out is not None else incoming.fill(archive, row, kept)
    archive.close({"exported_at": datetime.now(UTC).isoformat(timespec="seconds"), **filled.facts}, filled.how)
    return filled.facts


def _came(connection: Connection, name: int | str) -> Row[Any] | None:
    text = str(name)
    which = INBOX.c.id == int(text) if text.isascii() and text.isdigit() else or_(INBOX.c.message_id == text, INBOX.c.instance_id == text)
    return connection.execute(select(INBOX).where(which).order_by(INBOX.c.id)).first()
