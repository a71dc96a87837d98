"""The gate: what may be sent is written as a row in the caller's transaction, without any network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from einvoice.errors import BadIdentifier, PeppolError
from einvoice.report import Report, Verdict
from einvoice.settings import current
from einvoice.settings.peppol import HOSTED
from einvoice_peppol.bodies import Bodies, spool
from einvoice_peppol.identifiers import derive
from einvoice_peppol.identifiers.derive import Derived
from einvoice_peppol.identifiers.kinds import kind
from einvoice_peppol.sending.rows import ACCEPTED, AS4
from einvoice_peppol.tables import OUTGOING

_LONGEST_KEY = 100
_BEGINNING = 1_000


def submit(
    connection: Connection,
    document: bytes,
    report: Report,
    *,
    subject: str,
    key: str | None = None,
    override: str | None = None,
    derived: Derived | None = None,
    via: str | None = None,
    about: int | None = None,
    bodies: Bodies | None = None,
    now: datetime | None = None,
) -> int:
    """Accepts a document for sending, and gives the row's id; nothing leaves before the caller's transaction is committed.

    `report` is the verdict on exactly this document. What is not valid is refused unless `override` says why it goes out all the same,
    which is kept with it. `key` makes it one however often it is submitted: the document, its receiver and its subject unless told.
    `subject` is what it is about in the caller's words (`invoice:17`), `about` the row of the inbox that it answers, `derived` who and
    what where the document does not say it itself, `via` by whom it goes: `as4` or a hosted access point, the setting unless told.

    Raises NotValid; BadIdentifier where sender, receiver or country are unknown; PeppolError for a key that another document has, a
    document that is too large, or an access point that nobody knows.
    """
    row = row_of(
        document, report, subject=subject, key=key, override=override, derived=derived, via=via, about=about, now=now or datetime.now(UTC)
    )
    return _written(connection, row, document, bodies)


def row_of(
    document: bytes,
    report: Report,
    *,
    subject: str,
    now: datetime,
    key: str | None = None,
    override: str | None = None,
    derived: Derived | None = None,
    via: str | None = None,
    about: int | None = None,
) -> dict[str, Any]:
    """The columns of the row that `submit` writes, besides the document itself; raises what `submit` raises."""
    if report.verdict is not Verdict.VALID and not (override or "").strip():
        report.require_valid()
    if document.startswith(b"%PDF-") or b":StandardBusinessDocument" in document[:_BEGINNING]:
        raise PeppolError("this is a document within another; submit the XML that it carries: einvoice.extract, sbdh.unwrapping.unwrap")
    stated = _complete(derived or derive.of(document))
    by = via or current().peppol.via
    if by != AS4 and by not in HOSTED:
        raise PeppolError(f"{by!r} is no access point that can be named; there are: {', '.join((AS4, *HOSTED))}")
    if len(document) > current().peppol.max_size:
        raise PeppolError(f"the document has {len(document):,} bytes; [peppol] max_size allows {current().peppol.max_size:,}")
    digest = sha256(document).hexdigest()
    return stated | {
        "key": _key(key or f"{digest}:{stated['receiver']}:{subject}"),
        "subject": subject,
        "via": by,
        "state": ACCEPTED,
        "next_at": now,
        "created_at": now,
        "attempts": 0,
        "document_hash": digest,
        "size": len(document),
        "verdict": report.verdict.value,
        "override": None if report.verdict is Verdict.VALID else override,
        "instance_id": str(uuid4()),
        "about": about,
    }


def _complete(derived: Derived) -> dict[str, Any]:
    """Who and what, as a row has it.

    Raises BadIdentifier naming what is missing.
    """
    country = derived.country or current().peppol.country
    missing = {
        "the sender: give the seller an electronic address (BT-34), such as 0208:0123456749": derived.sender,
        "the receiver: give the buyer an electronic address (BT-49), or name the receiver (--to)": derived.receiver,
        "the sender's country: state it in the seller's address (BT-40), or set [peppol] country": country,
    }
    for what, found in missing.items():
        if not found:
            raise BadIdentifier(f"the document does not say {what}")
    assert derived.sender is not None
    assert derived.receiver is not None
    return {
        "kind": kind(derived.document),
        "number": derived.number,
        "sender": derived.sender.id,
        "receiver": derived.receiver.id,
        "document_scheme": derived.document.scheme,
        "document_type": derived.document.value,
        "process_scheme": derived.process.scheme,
        "process": derived.process.value,
        "country": country,
        "profile": derived.profile or None,
    }


def _written(connection: Connection, row: Mapping[str, Any], document: bytes, bodies: Bodies | None) -> int:
    """The row's id: the new one's, or that of the one which has its key already."""
    there = connection.execute(select(OUTGOING.c.id, OUTGOING.c.document_hash).where(OUTGOING.c.key == row["key"])).one_or_none()
    if there is None:
        body = (bodies or spool(current())).of(document)
        insert = sqlite.insert(OUTGOING) if connection.dialect.name == "sqlite" else postgresql.insert(OUTGOING)
        values = {**row, "document": body.data, "file": body.file}
        connection.execute(insert.on_conflict_do_nothing(index_elements=[OUTGOING.c.key]), values)
        there = connection.execute(select(OUTGOING.c.id, OUTGOING.c.document_hash).where(OUTGOING.c.key == row["key"])).one()
    if there.document_hash != row["document_hash"]:
        raise PeppolError(f"another document was submitted under this key already (row {there.id}); a key names one document for good")
    found: int = there.id
    return found


def _key(stated: str) -> str:
    """A key that nobody else's effects have: long ones by their hash."""
    return f"peppol:{stated}" if len(stated) <= _LONGEST_KEY else f"peppol:{sha256(stated.encode()).hexdigest()}"
