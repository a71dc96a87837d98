"""What came for us at hosted access points: fetched, put into its envelope, kept once, and only then confirmed there.

A document that is kept already is confirmed again, not fetched again: whoever died between keeping and confirming loses nothing. What a
provider gives without an envelope gets one that says what the provider says, and the document itself where the provider is silent.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from sqlalchemy import Engine, select

from einvoice.database import connect, reading
from einvoice.errors import EInvoiceError, PeppolError, TransportError
from einvoice_peppol.as4 import ebms
from einvoice_peppol.bodies import Bodies, BodyWriter
from einvoice_peppol.identifiers import DocumentType, Participant, Process, derive
from einvoice_peppol.identifiers.derive import Derived
from einvoice_peppol.inbox.arrival import Arrival
from einvoice_peppol.inbox.keeping import keep_arrival
from einvoice_peppol.providers.port import Provider, Taken
from einvoice_peppol.sbdh.header import SBDH, Header
from einvoice_peppol.sbdh.unwrapping import unwrap
from einvoice_peppol.sbdh.wrapping import wrap
from einvoice_peppol.tables import INBOX

LOG = logging.getLogger("einvoice.peppol")
UNKNOWN_COUNTRY = "ZZ"
"""What an envelope of ours says of C1's country where nobody tells it (ISO 3166-1, for users to assign)."""
_BEGINNING = 2_000


class Fetched(NamedTuple):
    """What came of a round: kept now, kept before and confirmed again, not taken (a person looks), providers that did not answer."""

    kept: int = 0
    known: int = 0
    refused: int = 0
    silent: int = 0


def fetch(
    engine: Engine,
    providers: Mapping[str, Provider],
    bodies: Bodies,
    clock: Callable[[], datetime],
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Fetches what waits at the providers. One document that cannot be taken keeps no other waiting; it stays unconfirmed.

    Raises DatabaseError; OSError where the spool cannot be written.
    """
    found: Counter[str] = Counter()
    for provider in providers.values():
        try:
            found += take(engine, provider, _until(stopped, provider.waiting()), bodies, clock)
        except (TransportError, PeppolError) as fault:
            LOG.warning("%s", fault)
            found["silent"] += 1
    return Fetched(found["kept"], found["known"], found["refused"], found["silent"])


def take(engine: Engine, provider: Provider, ids: Iterable[str], bodies: Bodies, clock: Callable[[], datetime]) -> Counter[str]:
    """Takes documents by the provider's ids, and counts what came of them: kept, known, refused.

    Raises TransportError where the provider does not answer, DatabaseError, OSError.
    """
    found: Counter[str] = Counter()
    for ref in ids:
        try:
            found[_taken(engine, provider, ref, bodies, clock)] += 1
        except TransportError:
            raise
        except (EInvoiceError, ebms.Refused) as fault:
            LOG.warning("%s: %s is not taken: %s", provider.name, ref, fault)
            found["refused"] += 1
    return found


def _taken(engine: Engine, provider: Provider, ref: str, bodies: Bodies, clock: Callable[[], datetime]) -> str:
    """One document: `kept` or `known`; it is confirmed afterwards."""
    known = _is_known(engine, provider.name, ref)
    if not known:
        came = arrival(provider.name, provider.fetch(ref), bodies, clock())
        try:
            with connect(engine) as connection:
                known = keep_arrival(connection, came, None, clock()).repeated
        except ebms.Refused:
            if not _is_known(engine, provider.name, ref):  # somebody else kept it meanwhile
                raise
            known = True
    provider.confirm(ref)
    return "known" if known else "kept"


def arrival(name: str, taken: Taken, bodies: Bodies, now: datetime) -> Arrival:
    """What is kept of a document that a provider gives; its body is durable.

    Raises DocumentError, BadIdentifier where neither the provider nor the document says who and what.
    """
    writer = bodies.writer()
    try:
        if SBDH.encode() in taken.data[:_BEGINNING]:
            header, country = unwrap(BytesIO(taken.data), None), None
            writer.write(taken.data)
        else:
            header, country = _wrapped(name, taken, writer, now)
    except BaseException:
        writer.drop()
        raise
    return Arrival(
        message_id=hosted_id(name, taken.id),
        instance_id=header.instance_id,
        access_point=taken.access_point or name,
        sender=header.sender,
        receiver=header.receiver,
        document=header.document,
        process=header.process,
        body=writer.keep(),
        via=name,
        country=country or (header.country if header.country != UNKNOWN_COUNTRY else None),
        mls_to=header.mls_to,
        mls_type=header.mls_type,
        sent_at=taken.at,
    )


def hosted_id(name: str, ref: str) -> str:
    """The message id under which the inbox knows what a provider calls so."""
    return f"{name}:{ref}"


def _wrapped(name: str, taken: Taken, writer: BodyWriter, now: datetime) -> tuple[Header, str | None]:
    """Puts a document into an envelope that says what is known of it; the country too, where it is known."""
    sender, receiver, document, process, country = _known(taken)
    header = Header(sender, receiver, document, process, country or UNKNOWN_COUNTRY, hosted_id(name, taken.message_id), taken.at or now)
    wrap(BytesIO(taken.data), header, writer)
    return header, country


def _known(taken: Taken) -> tuple[Participant, Participant, DocumentType, Process, str | None]:
    """Who and what: as the provider tells, else as the document says.

    Raises PeppolError where nobody says.
    """
    said = _derived(taken)
    sender, receiver = taken.sender or (said and said.sender), taken.receiver or (said and said.receiver)
    document, process = taken.document or (said and said.document), taken.process or (said and said.process)
    if sender is None or receiver is None or document is None or process is None:
        raise PeppolError("neither the hosted access point nor the document says who sends it to whom, and what it is")
    return sender, receiver, document, process, taken.country or (said.country if said else None)


def _derived(taken: Taken) -> Derived | None:
    """What an invoice says itself; None where that is not needed and cannot be read.

    Raises what `derive.of` raises where it is needed.
    """
    try:
        return derive.of(taken.data, strict=False)
    except EInvoiceError:
        if None in (taken.sender, taken.receiver, taken.document, taken.process):
            raise
        return None


def _is_known(engine: Engine, name: str, ref: str) -> bool:
    with reading(engine) as connection:
        return connection.execute(select(INBOX.c.id).where(INBOX.c.message_id == hosted_id(name, ref))).one_or_none() is not None


def _until(stopped: Callable[[], bool], ids: Iterable[str]) -> Iterable[str]:
    for ref in ids:
        if stopped():
            return
        yield ref
