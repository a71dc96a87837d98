"""Finds where a document for a participant goes: the SML names its SMP, the SMP its access point (SML 1.3.0, SMP 1.4.0).

Three failures stay apart: nobody could be asked or what was said cannot be trusted (LookupFailed: try again), the participant is not
registered (ParticipantNotFound), it is and does not take this (ServiceNotFound).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.x509 import Certificate

from einvoice.errors import CertificateError, LookupFailed, ServiceNotFound
from einvoice_peppol.identifiers.values import WILDCARD, DocumentType, Participant, Process
from einvoice_peppol.lookup import addresses, matching, naptr
from einvoice_peppol.lookup.metadata import AS4, Endpoint, Group, Metadata
from einvoice_peppol.lookup.network import Network


class Service(NamedTuple):
    """Where documents of a type go: the access point's address, certificate and seat id, the type as it is registered, the process.

    Moments from and until which it holds, None where it says none; the SMP that signed this, its address and id; whom to call.
    """

    url: str
    certificate: Certificate
    seat: str
    document: DocumentType
    process: Process
    activation: datetime | None
    expiration: datetime | None
    smp: str
    smp_id: str = ""
    contact: str = ""
    description: str = ""


class Unusable(NamedTuple):
    """A service that is registered and of no use now: what it is for, and why; `known` is False where it may be after all."""

    document: DocumentType
    process: Process | None
    reason: str
    known: bool = True


class Registration(NamedTuple):
    """What a participant takes, and what it is registered for without taking it now."""

    participant: Participant
    smp: str
    services: tuple[Service, ...]
    unusable: tuple[Unusable, ...] = ()


def find(participant: Participant, document: DocumentType, process: Process, network: Network) -> Service:
    """Where a document goes, at this moment, its access point's certificate checked.

    Raises LookupFailed, ParticipantNotFound or ServiceNotFound.
    """
    smp = _smp(participant, network)
    registered = _registered(smp, participant, document, network)
    found, smp_id = _metadata(smp, participant, registered, network)
    now = network.clock()
    endpoints = [endpoint for each, endpoints in found.processes if each == process for endpoint in endpoints]
    if not endpoints:
        known = ", ".join(sorted({each.value for each, _ in found.processes})[:5]) or "none"
        raise ServiceNotFound(f"{participant.id} takes {registered} and not in the process {process}; it names {known}")
    why = [_why_not(endpoint, now) for endpoint in endpoints]
    if "" not in why:
        raise ServiceNotFound(f"{participant.id} is registered for {registered}, and does not take it now: {'; '.join(why[:3])}")
    return _service(endpoints[why.index("")], registered, process, (smp, smp_id), network)


def services(
    participant: Participant,
    network: Network,
    document: DocumentType | None = None,
    *,
    each: Callable[[Sequence[DocumentType]], Iterable[DocumentType]] = iter,
) -> Registration:
    """Everything that a participant takes now and everything that it does not, or that of one document type; one question a type.

    `each` may watch the types go by. Raises LookupFailed where none of them could be asked for, ParticipantNotFound, and ServiceNotFound
    where the participant is not registered for the document type that is named.
    """
    smp = _smp(participant, network)
    if document is not None:
        wanted: tuple[DocumentType, ...] = (_registered(smp, participant, document, network),)
    else:
        wanted = _group(smp, participant, network).documents
    found: list[Service | Unusable] = []
    faults: list[LookupFailed | ServiceNotFound] = []
    for one in each(wanted):
        try:
            found += _services(smp, participant, one, network)
        except (LookupFailed, ServiceNotFound) as fault:
            faults.append(fault)
            found.append(Unusable(one, None, str(fault), isinstance(fault, ServiceNotFound)))
    if faults and len(faults) == len(wanted):
        raise next((fault for fault in faults if isinstance(fault, LookupFailed)), faults[0])
    usable = tuple(one for one in found if isinstance(one, Service))
    return Registration(participant, smp, usable, tuple(one for one in found if isinstance(one, Unusable)))


def _services(smp: str, participant: Participant, document: DocumentType, network: Network) -> Iterator[Service | Unusable]:
    """The endpoints of one registered type, each as a service, or with the reason why it is none now."""
    found, smp_id = _metadata(smp, participant, document, network)
    for process, endpoint in found.endpoints():
        if why := _why_not(endpoint, network.clock()):
            yield Unusable(document, process, why)
            continue
        try:
            yield _service(endpoint, document, process, (smp, smp_id), network)
        except LookupFailed as fault:
            yield Unusable(document, process, str(fault), False)


def _smp(participant: Participant, network: Network) -> str:
    """The address of the SMP of a participant."""

    def ask() -> tuple[str, datetime]:
        found = naptr.locate(participant, network.zone, network.resolver, local=network.local)
        return found.url, network.clock() + timedelta(seconds=found.ttl)

    return network.cache.get(("smp", participant), ask)


def _registered(smp: str, participant: Participant, document: DocumentType, network: Network) -> DocumentType:
    """The registered type that serves a document; a type that may be served by a wildcard is looked for in the participant's list."""
    if document.scheme != WILDCARD:
        return document
    found = matching.best(document, _group(smp, participant, network).documents)
    if found is None:
        raise ServiceNotFound(f"{participant.id} is registered, and takes no documents of the type {document}")
    return found


def _group(smp: str, participant: Participant, network: Network) -> Group:
    return network.cache.get(("group", smp, participant), lambda: (network.smp.group(smp, participant), None))


def _metadata(smp: str, participant: Participant, document: DocumentType, network: Network) -> tuple[Metadata, str]:
    """What the SMP says of a registered type; remembered until the first of its endpoints begins or ends."""

    def ask() -> tuple[tuple[Metadata, str], datetime | None]:
        found = network.smp.metadata(smp, participant, document)
        now = network.clock()
        moments = [moment for _, endpoint in found[0].endpoints() for moment in (endpoint.activation, endpoint.expiration)]
        return found, min((moment for moment in moments if moment and moment > now), default=None)

    return network.cache.get(("metadata", smp, participant, document), ask)


def _why_not(endpoint: Endpoint, now: datetime) -> str:
    """Why an endpoint is of no use at a moment; empty where it is."""
    if endpoint.profile != AS4:
        return f"it is for the transport profile {endpoint.profile[:80] or 'without a name'}, and {AS4} is the only one in use"
    if endpoint.activation and now < endpoint.activation:
        return f"it begins at {endpoint.activation:%Y-%m-%d %H:%M} UTC"
    if endpoint.expiration and now >= endpoint.expiration:
        return f"it ended at {endpoint.expiration:%Y-%m-%d %H:%M} UTC"
    return ""


def _service(endpoint: Endpoint, document: DocumentType, process: Process, smp: tuple[str, str], network: Network) -> Service:
    """The endpoint, where its address may be called and its certificate is a trusted access point's.

    Raises LookupFailed.
    """
    try:
        url = addresses.checked(endpoint.url, network.local)
        certificate = read_certificate(endpoint.certificate)
        seat = network.trust.check(certificate, "ap", network.clock())
    except (ValueError, CertificateError) as fault:
        raise LookupFailed(f"the access point that the SMP {smp[0]} names for {document} cannot be used: {fault}") from None
    return Service(
        url,
        certificate,
        seat,
        document,
        process,
        endpoint.activation,
        endpoint.expiration,
        smp[0],
        smp[1],
        endpoint.contact,
        endpoint.description,
    )


def read_certificate(text: str) -> Certificate:
    """The certificate in Base64 of DER that an SMP states, with or without the lines of PEM around it.

    Raises ValueError.
    """
    inner = text.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "")
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(inner.split()), validate=True))
    except (binascii.Error, ValueError, x509.InvalidVersion) as fault:
        raise ValueError(f"its certificate cannot be read: {fault}") from None
