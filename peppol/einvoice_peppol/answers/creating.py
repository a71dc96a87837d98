"""Answers made from what is answered: an Invoice Response to an invoice, an MLS or MLR to a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from einvoice.errors import PeppolError
from einvoice.events import Status
from einvoice.report import Report, Severity
from einvoice_peppol.answers.answer import SPECIFICATIONS, Answer, Clarification, Issue, Kind
from einvoice_peppol.identifiers import Participant

if TYPE_CHECKING:
    from einvoice.model import Invoice

PROVIDERS = "0242"
"""The scheme of service providers (SPIS)."""
_SEAT = re.compile(r"P[A-Z]{2}(\d{6})")
_EXPLAINED = frozenset({Status.CONDITIONALLY_ACCEPTED, Status.UNDER_QUERY, Status.REJECTED})
_MOST_ISSUES = 1_000


class Received(Protocol):
    """What is answered: a message as the inbox keeps it."""

    @property
    def instance_id(self) -> str:
        """Of its SBDH."""

    @property
    def access_point(self) -> str:
        """The seat id of the access point that sent it (C2)."""

    @property
    def sender(self) -> Participant:
        """C1."""

    @property
    def receiver(self) -> Participant:
        """C4."""

    @property
    def mls_to(self) -> Participant | None:
        """Where C2 wants its MLS."""


def to_invoice(
    invoice: Invoice,
    status: Status | str,
    received: Received,
    now: datetime,
    *,
    clarifications: Sequence[Clarification] = (),
    effective: date | None = None,
    note: str | None = None,
) -> Answer:
    """The Invoice Response of a receiver to an invoice; it goes back the way that the invoice came.

    The same answer at the same moment has the same id. Raises PeppolError where CA, UQ or RE lack a clarification (PEPPOL-T111-R001),
    or the invoice lacks what an answer must repeat: its number and type, and how seller and buyer are called.
    """
    stated = Status(status)
    if stated in _EXPLAINED and not any(each.code for each in clarifications):
        raise PeppolError(f"the status {stated.value} needs a reason; add a code of OPStatusReason, such as REF or PRI")
    buyer, seller = invoice.buyer.name if invoice.buyer else None, invoice.seller.name if invoice.seller else None
    if not (invoice.number and invoice.type_code and buyer and seller):
        raise PeppolError("the invoice lacks its number, its type, or the name of seller or buyer: it cannot be answered by its data")
    return Answer(
        Kind.INVOICE_RESPONSE,
        id=_id(received.instance_id, stated.value, now),
        issued=now.date(),
        time=_time(now),
        sender=received.receiver,
        receiver=received.sender,
        names=(buyer, seller),
        code=stated.value,
        effective=effective,
        clarifications=tuple(clarifications),
        reference=invoice.number,
        reference_type=str(invoice.type_code),
        reference_issued=invoice.issue_date,
        process=SPECIFICATIONS[Kind.INVOICE_RESPONSE].processes[0],
        note=note,
    )


def to_message(received: Received, seat: str, code: str, now: datetime, *, text: str | None = None, issues: Sequence[Issue] = ()) -> Answer:
    """The Message Level Status of an access point (C3, its `seat`) to the one that sent a message (C2).

    It goes to the service provider of C2's seat, or where C2 asked (MLS_TO) if that is the same provider. `code` is AP, AB or RE; a
    rejection has issues. Raises PeppolError for a seat that is none.
    """
    return Answer(
        Kind.MLS,
        id=_id(received.instance_id, code, now),
        issued=now.date(),
        time=_time(now),
        sender=provider(seat),
        receiver=addressee(received),
        code=code,
        description=text,
        reference=received.instance_id,
        issues=tuple(issues)[:_MOST_ISSUES],
    )


def to_party(received: Received, code: str, now: datetime, *, text: str | None = None, issues: Sequence[Issue] = ()) -> Answer:
    """The Message Level Response of a receiver (C4) to a sender (C1), as networks before MLS use it."""
    made = Answer(
        Kind.MLR,
        id=_id(received.instance_id, code, now),
        issued=now.date(),
        time=now.strftime("%H:%M:%S"),
        sender=received.receiver,
        receiver=received.sender,
        code=code,
        description=text,
        reference=received.instance_id,
    )
    return made._replace(issues=tuple(issue._replace(code="BV") if issue.code == "FD" else issue for issue in issues)[:_MOST_ISSUES])


def issues(report: Report) -> tuple[Issue, ...]:
    """What a report found, as an MLS says it: SV for the structure, BV for a rule that makes invalid, BW for a warning."""
    made = []
    for layer in report.layers:
        for finding in layer.findings:
            if finding.severity is not Severity.INFORMATION:
                fatal = "SV" if layer.name == "structure" else "BV"
                code = fatal if finding.severity is Severity.FATAL else "BW"
                made.append(Issue(finding.xpath or "NA", f"{finding.rule} {finding.text}", code))
    return tuple(made)


def provider(seat: str) -> Participant:
    """The service provider of a seat: `PNL000123` is 0242:000123.

    Raises PeppolError for a seat that is none.
    """
    found = _SEAT.fullmatch(seat)
    if found is None:
        raise PeppolError(f"{seat!r} is no seat id of the network, such as PNL000123")
    return Participant(PROVIDERS, found[1])


def addressee(received: Received) -> Participant:
    """Who hears of a message: the provider that C2 names where it is C2's own, else the one of C2's seat (MLS 1.1, MLS_TO)."""
    main = provider(received.access_point)
    wanted = received.mls_to
    if wanted is not None and wanted.scheme == PROVIDERS and wanted.value.partition("-")[0] == main.value:
        return wanted
    return main


def _time(now: datetime) -> str:
    """The time of day with its zone, to the second."""
    stated = now.strftime("%H:%M:%S%z")
    return f"{stated[:-2]}:{stated[-2:]}" if now.utcoffset() else f"{stated[:8]}Z"


def _id(instance: str, code: str, now: datetime) -> str:
    return sha256(f"{instance} {code} {now.isoformat()}".encode()).hexdigest()[:32]
