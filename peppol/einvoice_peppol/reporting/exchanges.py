"""What was exchanged in a month, counted by the database: only what has a positive receipt, by our own access point."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, or_, select

from einvoice.errors import PeppolError
from einvoice_peppol.identifiers import DocumentType, Process
from einvoice_peppol.identifiers.participants import scheme
from einvoice_peppol.reporting.month import Month
from einvoice_peppol.tables import INBOX, OUTGOING

_OWN, _REPORT, _REPEATED = "as4", "report", "repeated"


class Exchanges(NamedTuple):
    """So many exchanges alike.

    `provider` is the other service provider's seat, `user` our end user (`0208:…`), `country` its country, `other_country` the
    other side's (C1's where we received), None where only the other side knows it.
    """

    incoming: bool
    provider: str
    document: DocumentType
    process: Process
    kind: str
    user: str
    country: str
    other_country: str | None
    number: int


def exchanges(connection: Connection, month: Month, country: str | None = None, network: str = "production") -> Iterator[Exchanges]:
    """What was sent and received in a month, without the reports themselves.

    Outgoing counts what has a verified receipt (`sent_at`), incoming what was kept with its receipt, once where it came again. The
    country of an end user that sends is the one its documents state (C1); of one that receives, the one under which it sends in the
    same month, else its scheme's (0208 is Belgium's), else `country`. Which network it was is told by the other side's certificate.
    Raises PeppolError where the country of an end user is not known. Source: TSR 1.0 and EUSR 1.1, chapter 2 (data gathering).
    """
    countries: dict[str, str] = {}
    for row in connection.execute(_sent(month).where(*_of_network(connection, OUTGOING, OUTGOING.c.sent_at, month, network))):
        countries.setdefault(row.sender, row.country)
        document, process = DocumentType(row.document_type, row.document_scheme), Process(row.process, row.process_scheme)
        yield Exchanges(False, row.access_point or "", document, process, row.kind, row.sender, row.country, None, row.number)
    for row in connection.execute(_received(month).where(*_of_network(connection, INBOX, INBOX.c.received_at, month, network))):
        document, process = DocumentType(row.document_type, row.document_scheme), Process(row.process, row.process_scheme)
        own = countries.get(row.receiver) or _country(row.receiver, country)
        yield Exchanges(True, row.access_point, document, process, row.kind, row.receiver, own, row.country, row.number)


_ALIKE = ("access_point", "document_scheme", "document_type", "process_scheme", "process", "kind")
"""What exchanges that are counted together have in common, whoever sent them."""


def _sent(month: Month) -> Select[tuple[object, ...]]:
    columns = OUTGOING.c
    return _counted(OUTGOING, ("sender", "country"), columns.sent_at >= month.begins, columns.sent_at < month.ends)


def _received(month: Month) -> Select[tuple[object, ...]]:
    columns = INBOX.c
    kept = (columns.state != _REPEATED, columns.receipt.is_not(None))
    return _counted(INBOX, ("receiver", "country"), columns.received_at >= month.begins, columns.received_at < month.ends, *kept)


def _counted(table: Table, more: tuple[str, ...], *within: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """How many rows of a table are alike, of those that our own access point exchanged."""
    alike = [table.c[name] for name in (*_ALIKE, *more)]
    ours = (table.c.via == _OWN, table.c.kind != _REPORT)
    return select(*alike, func.count().label("number")).where(*within, *ours).group_by(*alike).order_by(*alike)


def _of_network(connection: Connection, table: Table, moment: Column[datetime], month: Month, network: str) -> list[ColumnElement[bool]]:
    """What leaves out the rows of the other network: those whose certificates were issued by its CAs, which have TEST in their names."""
    within = select(table.c.certificate).where(moment >= month.begins, moment < month.ends, table.c.certificate.is_not(None)).distinct()
    of_test = [pem for (pem,) in connection.execute(within) if _is_test(pem)]
    if network == "production":
        return [or_(table.c.certificate.is_(None), table.c.certificate.not_in(of_test))]
    return [or_(table.c.certificate.is_(None), table.c.certificate.in_(of_test))]


def _is_test(pem: str) -> bool:
    try:
        issuer = x509.load_pem_x509_certificate(pem.encode("utf-8")).issuer
    except ValueError:
        return False
    names = [str(name.value) for name in issuer.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return any("TEST" in name.upper().split() for name in names)


def _country(participant: str, fallback: str | None) -> str:
    found = scheme(participant.partition(":")[0])
    stated = found.country if found and len(found.country) == 2 else fallback
    if stated is None:
        raise PeppolError(f"the country of {participant} is not known; set [peppol] country to the one of your end users")
    return stated
