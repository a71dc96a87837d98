"""What an SMP says, as values: the document types of a participant, the endpoints of one (SMP 1.4.0, schema 1.0).

Nothing is believed here: that the answer is signed, that it is about what was asked, and that it holds now, others check.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from einvoice.errors import LookupFailed
from einvoice_peppol.identifiers.values import DocumentType, Process

SMP = "http://busdox.org/serviceMetadata/publishing/1.0/"
IDENTIFIERS = "http://busdox.org/transport/identifiers/1.0/"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
AS4 = "peppol-transport-as4-v2_0"
"""The one transport profile that is active (code list of transport profiles v9.7)."""
MOST = 2_000
"""Document types, processes or endpoints that are read of one answer."""


class Endpoint(NamedTuple):
    """An endpoint as it is stated: the transport profile, the address, the certificate's text, when it begins and ends, whom to call."""

    profile: str
    url: str
    certificate: str
    activation: datetime | None
    expiration: datetime | None
    contact: str
    description: str


class Redirect(NamedTuple):
    """Another SMP that knows: the address to ask, and the subject of the certificate that signs there."""

    url: str
    certificate: str


class Metadata(NamedTuple):
    """What is said of one document type: for each process its endpoints, or another SMP that knows."""

    participant: str
    document: DocumentType
    processes: tuple[tuple[Process, tuple[Endpoint, ...]], ...]
    redirect: Redirect | None = None

    def endpoints(self) -> Iterator[tuple[Process, Endpoint]]:
        """Every endpoint with its process."""
        for process, endpoints in self.processes:
            for endpoint in endpoints:
                yield process, endpoint


class Group(NamedTuple):
    """What is said of a participant: the types that it takes; nobody signs that."""

    participant: str
    documents: tuple[DocumentType, ...]


def group(root: etree._Element) -> Group:
    """The document types in a ServiceGroup; references that name none are passed over.

    Raises LookupFailed where it is none.
    """
    if root.tag != _smp("ServiceGroup"):
        raise LookupFailed(f"the SMP answers with {_name(root)} where a ServiceGroup belongs")
    references = root.findall(f"{_smp('ServiceMetadataReferenceCollection')}/{_smp('ServiceMetadataReference')}")
    if len(references) > MOST:
        raise LookupFailed(f"the SMP names more than {MOST:,} document types")
    found = [_document(reference.get("href") or "") for reference in references]
    return Group(_identifier(root, "ParticipantIdentifier"), tuple(dict.fromkeys(one for one in found if one)))


def metadata(root: etree._Element) -> Metadata:
    """What a SignedServiceMetadata says, its signature aside.

    Raises LookupFailed where it does not say what belongs there.
    """
    if root.tag != _smp("SignedServiceMetadata"):
        raise LookupFailed(f"the SMP answers with {_name(root)} where a SignedServiceMetadata belongs")
    inner = _one(root, _smp("ServiceMetadata"))
    if len(inner.findall("*")) != 1:
        raise LookupFailed("the SMP's ServiceMetadata has not exactly one ServiceInformation or Redirect in it")
    redirect = inner.find(_smp("Redirect"))
    if redirect is not None:
        to = Redirect((redirect.get("href") or "").strip(), _text(redirect, _smp("CertificateUID")))
        return Metadata("", DocumentType(""), (), to)
    information = _one(inner, _smp("ServiceInformation"))
    scheme, _, value = _identifier(information, "DocumentIdentifier").partition("::")
    found = information.findall(f"{_smp('ProcessList')}/{_smp('Process')}")
    processes = tuple(_process(process) for process in found[:MOST])
    if sum(len(endpoints) for _, endpoints in processes) > MOST:
        raise LookupFailed(f"the SMP names more than {MOST:,} endpoints")
    return Metadata(_identifier(information, "ParticipantIdentifier"), DocumentType(value, scheme), processes)


def _process(element: etree._Element) -> tuple[Process, tuple[Endpoint, ...]]:
    scheme, _, value = _identifier(element, "ProcessIdentifier").partition("::")
    endpoints = element.findall(f"{_smp('ServiceEndpointList')}/{_smp('Endpoint')}")
    return Process(value, scheme), tuple(_endpoint(endpoint) for endpoint in endpoints)


def _endpoint(element: etree._Element) -> Endpoint:
    address = element.findall(f"{{{ADDRESSING}}}EndpointReference/{{{ADDRESSING}}}Address")
    return Endpoint(
        profile=(element.get("transportProfile") or "").strip(),
        url=(address[0].text or "").strip() if len(address) == 1 else "",
        certificate=_text(element, _smp("Certificate")),
        activation=_moment(element, "ServiceActivationDate"),
        expiration=_moment(element, "ServiceExpirationDate"),
        contact=_text(element, _smp("TechnicalContactUrl")),
        description=_text(element, _smp("ServiceDescription")),
    )


def _document(href: str) -> DocumentType | None:
    """The document type that an address of the form `…/services/SCHEME%3A%3AVALUE` names."""
    last = href.partition("?")[0].rpartition("/services/")[2]
    scheme, colons, value = unquote(last).partition("::")
    return DocumentType(value, scheme) if colons and scheme and value and "/services/" in href else None


def _identifier(element: etree._Element, name: str) -> str:
    """`scheme::value` of an identifier."""
    found = _one(element, f"{{{IDENTIFIERS}}}{name}")
    return f"{(found.get('scheme') or '').strip()}::{(found.text or '').strip()}"


def _moment(element: etree._Element, name: str) -> datetime | None:
    """A moment, in UTC where it does not say otherwise; one that cannot be read is refused, because it may have passed."""
    text = _text(element, _smp(name))
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LookupFailed(f"the SMP states the {name} {text[:40]!r}, which is no date and time") from None


def _one(element: etree._Element, tag: str) -> etree._Element:
    found = element.findall(tag)
    if len(found) != 1:
        raise LookupFailed(f"the SMP's {_name(element)} has {len(found)} {etree.QName(tag).localname}; exactly one belongs there")
    return found[0]


def _text(element: etree._Element, tag: str) -> str:
    found = element.findall(tag)
    if len(found) > 1:
        raise LookupFailed(f"the SMP's {_name(element)} has {len(found)} {etree.QName(tag).localname}; one at most belongs there")
    return (found[0].text or "").strip() if found else ""


def _smp(name: str) -> str:
    return f"{{{SMP}}}{name}"


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)[:80]
