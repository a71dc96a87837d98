"""Documents as bytes, each kept once by its SHA-256: invoices as they were issued, dossiers, agreements, what was received.

An invoice's XML is kind `invoice`, and its hash is `invoices.document`; a hybrid PDF that it came in is kind `hybrid`, found by the hash
of the XML that it carries. Personal data may stand in any of them: `forget` removes them with the debtor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.store.tables import PAPERS

INVOICE, HYBRID, DOSSIER, AGREEMENT, STATEMENT = "invoice", "hybrid", "dossier", "agreement", "statement"
XML, PDF, ZIP = "application/xml", "application/pdf", "application/zip"
_AT_ONCE = 500
_NAME, _TYPE, _KIND = 200, 80, 20


class Paper(NamedTuple):
    """A document that is kept; `hash` is the SHA-256 of `data`, `debtor` the store's id of whom it is about, where that is one."""

    id: int
    kind: str
    hash: str
    name: str
    type: str
    data: bytes
    kept_at: datetime
    debtor: int | None


_COLUMNS = (PAPERS.c.id, PAPERS.c.kind, PAPERS.c.hash, PAPERS.c.name, PAPERS.c.type, PAPERS.c.data, PAPERS.c.kept_at, PAPERS.c.debtor_id)


def sha256(data: bytes) -> str:
    """The hash that a document is found by."""
    return hashlib.sha256(data).hexdigest()


def keep(
    connection: Connection,
    creditor: int,
    debtor: int | None,
    kind: str,
    name: str,
    type: str,  # noqa: A002 - the media type, as the column is called
    data: bytes,
    now: datetime,
) -> int:
    """Keeps a document; its id in the store. The same bytes of a kind again are the same document.

    `type` is its media type. Raises ReceivablesError where there is nothing to keep, or where kind or type are too long to be kept.
    """
    if not data or not kind or len(kind) > _KIND or len(type) > _TYPE:
        raise ReceivablesError(
            f"{name or 'a document'} cannot be kept as {kind or 'no kind'}, {type}; it is empty, or kind or type is no such"
        )
    key = (PAPERS.c.creditor_id == creditor, PAPERS.c.kind == kind, PAPERS.c.hash == sha256(data))
    found = connection.execute(select(PAPERS.c.id).where(*key)).scalar_one_or_none()
    if found is not None:
        return int(found)
    row = {"creditor_id": creditor, "debtor_id": debtor, "kind": kind, "hash": sha256(data), "name": name[-_NAME:], "type": type}
    made = connection.execute(PAPERS.insert().values(**row, data=data, kept_at=now).returning(PAPERS.c.id))
    return int(made.scalar_one())


def keep_invoice(
    connection: Connection, creditor: int, debtor: int, number: str, data: bytes, now: datetime, pdf: bytes | None = None
) -> str:
    """Keeps an invoice's XML, and the hybrid PDF that it was taken out of; the SHA-256 of the XML."""
    document = sha256(data)
    keep(connection, creditor, debtor, INVOICE, f"{number}.xml", XML, data, now)
    if pdf is not None:
        keep(connection, creditor, debtor, HYBRID, f"{document}.pdf", PDF, pdf, now)
    return document


def of(connection: Connection, creditor: int, *, debtor: int | None = None, kind: str | None = None) -> tuple[Paper, ...]:
    """The documents of a creditor about a debtor, of a kind, in the order in which they were kept."""
    where = [PAPERS.c.creditor_id == creditor]
    if debtor is not None:
        where.append(PAPERS.c.debtor_id == debtor)
    if kind is not None:
        where.append(PAPERS.c.kind == kind)
    return tuple(Paper(*row) for row in connection.execute(select(*_COLUMNS).where(*where).order_by(PAPERS.c.id)))


def one(connection: Connection, creditor: int, kind: str, hash: str) -> Paper | None:  # noqa: A002 - the hash is the key
    """The document of a kind with this SHA-256, where it is kept."""
    row = connection.execute(_by(creditor, kind).where(PAPERS.c.hash == hash)).one_or_none()
    return None if row is None else Paper(*row)


def invoices(connection: Connection, creditor: int, documents: Iterable[str | None]) -> dict[str, Paper]:
    """The XML of invoices by its SHA-256 (`invoices.document`); those that are not kept are left out."""
    wanted = sorted({document for document in documents if document})
    found: dict[str, Paper] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        rows: Any = connection.execute(_by(creditor, INVOICE).where(PAPERS.c.hash.in_(wanted[begin : begin + _AT_ONCE])))
        found |= {row.hash: Paper(*row) for row in rows}
    return found


def hybrid(connection: Connection, creditor: int, document: str) -> Paper | None:
    """The PDF that an invoice's XML came in, by the SHA-256 of the XML."""
    row = connection.execute(_by(creditor, HYBRID).where(PAPERS.c.name == f"{document}.pdf")).first()
    return None if row is None else Paper(*row)


def erase(connection: Connection, debtor: int) -> int:
    """Removes every document about a debtor, for good; how many. Called by `ledger.forgetting`, after the years of keeping."""
    return int(connection.execute(delete(PAPERS).where(PAPERS.c.debtor_id == debtor)).rowcount)


def _by(creditor: int, kind: str) -> Any:
    return select(*_COLUMNS).where(PAPERS.c.creditor_id == creditor, PAPERS.c.kind == kind)
