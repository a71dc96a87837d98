"""The rows of what goes out, and the effects of the outbox that carry them.

A row is `accepted` by the gate, `prepared` when its bytes are an effect of the outbox, or `refused` when nobody takes it. From then on
its state is what the outbox says of its effect. An effect's subject is `peppol:ID`; a row that is taken up again has several.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from sqlalchemy import Connection, Row, func, or_, select

from einvoice.errors import PeppolError
from einvoice.outbox import State
from einvoice.outbox.tables import OUTBOX
from einvoice_peppol.bodies import Bodies, Body
from einvoice_peppol.identifiers import DocumentType, Participant, Process, participants
from einvoice_peppol.tables import OUTGOING

OWNER = "peppol"
CHANNEL = "peppol"
AS4 = "as4"
ACCEPTED, PREPARED, REFUSED = "accepted", "prepared", "refused"
STATES = (ACCEPTED, PREPARED, REFUSED, *(state.value for state in State if state is not State.SENDING))
"""Every state of a row. `planned` is prepared and tried at least once."""
WAITING = (ACCEPTED, PREPARED, State.PLANNED.value)


def subject(row_id: int) -> str:
    """What the effects of a row are about."""
    return f"{OWNER}:{row_id}"


def id_of(named: str) -> int:
    """The row that an effect's subject names."""
    return int(named.removeprefix(f"{OWNER}:"))


def effect_of(connection: Connection, row_id: int) -> Row[Any] | None:
    """The newest effect of a row, None where it has none yet."""
    ours = (OUTBOX.c.owner == OWNER, OUTBOX.c.subject == subject(row_id))
    return connection.execute(select(OUTBOX).where(*ours).order_by(OUTBOX.c.id.desc()).limit(1)).one_or_none()


def next_key(connection: Connection, row: Row[Any]) -> str:
    """The key of a row's next effect: the row's own for the first, `KEY#2` for the second."""
    ours = (OUTBOX.c.owner == OWNER, OUTBOX.c.subject == subject(row.id))
    count = connection.execute(select(func.count()).select_from(OUTBOX).where(*ours)).scalar_one()
    return row.key if not count else f"{row.key}#{count + 1}"


def by_id(connection: Connection, row_id: int) -> Row[Any]:
    """A row by its id.

    Raises PeppolError where there is none.
    """
    found = connection.execute(select(OUTGOING).where(OUTGOING.c.id == row_id)).one_or_none()
    if found is None:
        raise PeppolError(f"nothing that went out has the number {row_id}; `einvoice peppol status` lists what has")
    return found


def named(connection: Connection, name: int | str) -> Row[Any] | None:
    """A row by its id, its message id or the instance id of its envelope; None where there is none."""
    text = str(name)
    if text.isascii() and text.isdigit() and len(text) < 19:
        return connection.execute(select(OUTGOING).where(OUTGOING.c.id == int(text))).one_or_none()
    return connection.execute(select(OUTGOING).where(or_(OUTGOING.c.message_id == text, OUTGOING.c.instance_id == text))).first()


def document(row: Row[Any], bodies: Bodies) -> BinaryIO:
    """The business document of a row, from its beginning.

    Raises PeppolError where the spool has lost it.
    """
    return bodies.open(Body(row.document_hash, row.size, row.document, row.file))


def parties(row: Row[Any]) -> tuple[Participant, Participant]:
    """Who sends and who receives."""
    return participants.parse(row.sender, strict=False), participants.parse(row.receiver, strict=False)


def kinds(row: Row[Any]) -> tuple[DocumentType, Process]:
    """Document type and process."""
    return DocumentType(row.document_type, row.document_scheme), Process(row.process, row.process_scheme)
