"""What an SMP answers, written and signed apart from the package: with lxml's own canonical forms, from plain text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509 import Certificate
from lxml import etree

from einvoice_peppol.identifiers.values import PARTICIPANTS, DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity

SMP = "http://busdox.org/serviceMetadata/publishing/1.0/"
IDENTIFIERS = "http://busdox.org/transport/identifiers/1.0/"
DS = "http://www.w3.org/2000/09/xmldsig#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
AS4 = "peppol-transport-as4-v2_0"
_DIGESTS = {"http://www.w3.org/2001/04/xmlenc#sha256": "sha256", f"{DS}sha1": "sha1"}
_METHODS = {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256, f"{DS}rsa-sha1": hashes.SHA1}


class Endpoint(NamedTuple):
    """An endpoint: its address, its certificate in Base64, its moments, its transport profile, whom to call."""

    url: str
    certificate: str
    activation: datetime | str | None = None
    expiration: datetime | str | None = None
    profile: str = AS4
    contact: str = "mailto:support@ap.example"
    description: str = "Access point of a test"


class Signing(NamedTuple):
    """How answers are signed: the algorithms, the transform beside `enveloped`, what the reference refers to, more references."""

    canonical: str = INCLUSIVE
    transform: str | None = INCLUSIVE
    digest: str = "http://www.w3.org/2001/04/xmlenc#sha256"
    method: str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    uri: str = ""
    with_chain: bool = False
    enveloped: bool = True
    more: str = ""


def encoded(certificate: Certificate) -> str:
    """A certificate in Base64 of DER."""
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def group(url: str, participant: Participant, documents: Sequence[DocumentType]) -> bytes:
    """A ServiceGroup, unsigned."""
    base = f"{url}/{quote(str(participant), safe='')}/services/"
    references = "".join(f"<ServiceMetadataReference href={quoteattr(base + quote(str(one), safe=''))}/>" for one in documents)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ServiceGroup xmlns="{SMP}" xmlns:ids="{IDENTIFIERS}">'
        f'<ids:ParticipantIdentifier scheme="{PARTICIPANTS}">{escape(participant.id)}</ids:ParticipantIdentifier>'
        f"<ServiceMetadataReferenceCollection>{references}</ServiceMetadataReferenceCollection></ServiceGroup>"
    ).encode()


def information(participant: Participant, document: DocumentType, processes: Sequence[tuple[Process, Sequence[Endpoint]]]) -> str:
    """A ServiceInformation."""
    listed = "".join(
        f'<Process><ids:ProcessIdentifier xmlns:ids="{IDENTIFIERS}" scheme={quoteattr(process.scheme)}>{escape(process.value)}'
        f"</ids:ProcessIdentifier><ServiceEndpointList>{''.join(map(_endpoint, endpoints))}</ServiceEndpointList></Process>"
        for process, endpoints in processes
    )
    return (
        f'<ServiceInformation><ids:ParticipantIdentifier xmlns:ids="{IDENTIFIERS}" scheme="{PARTICIPANTS}">{escape(participant.id)}'
        f'</ids:ParticipantIdentifier>\n<ids:DocumentIdentifier xmlns:ids="{IDENTIFIERS}" scheme={quoteattr(document.scheme)}>'
        f"{escape(document.value)}</ids:DocumentIdentifier><ProcessList>{listed}</ProcessList></ServiceInformation>"
    )


def redirect(href: str, uid: str) -> str:
    """A Redirect to another SMP."""
    return f"<Redirect href={quoteattr(href)}><CertificateUID>{escape(uid)}</CertificateUID></Redirect>"


def signed(inner: str, identity: Identity, how: Signing = Signing()) -> bytes:  # noqa: B008 -- a tuple never changes
    """A SignedServiceMetadata around what is given, signed."""
    opening = f'<SignedServiceMetadata xmlns="{SMP}"><ServiceMetadata>{inner}</ServiceMetadata>'
    covered = _canonical(f"{opening}</SignedServiceMetadata>", how.transform or INCLUSIVE)
    transforms = "".join(
        f'<ds:Transform Algorithm="{one}"></ds:Transform>' for one in (ENVELOPED if how.enveloped else None, how.transform) if one
    )
    info = (
        f'<ds:CanonicalizationMethod Algorithm="{how.canonical}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{how.method}"></ds:SignatureMethod><ds:Reference URI="{how.uri}">'
        f'<ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm="{how.digest}"></ds:DigestMethod>'
        f"<ds:DigestValue>{_digest(covered, how.digest)}</ds:DigestValue></ds:Reference>{how.more}"
    )
    in_scope = _canonical(f'<ds:SignedInfo xmlns="{SMP}" xmlns:ds="{DS}">{info}</ds:SignedInfo>', how.canonical)
    value = identity.key.sign(in_scope, PKCS1v15(), _METHODS[how.method]())
    chain = [identity.certificate, *(identity.issuers if how.with_chain else ())]
    key = "".join(f"<ds:X509Certificate>{encoded(one)}</ds:X509Certificate>" for one in chain)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>{opening}<ds:Signature xmlns:ds="{DS}">'
        f"<ds:SignedInfo>{info}</ds:SignedInfo><ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data>{key}</ds:X509Data></ds:KeyInfo></ds:Signature></SignedServiceMetadata>"
    ).encode()


def _canonical(text: str, algorithm: str) -> bytes:
    exclusive, commented = algorithm.startswith(EXCLUSIVE), algorithm.endswith("WithComments")
    return bytes(etree.tostring(etree.fromstring(text.encode()), method="c14n", exclusive=exclusive, with_comments=commented))


def _digest(data: bytes, algorithm: str) -> str:
    return base64.b64encode(hashlib.new(_DIGESTS[algorithm], data).digest()).decode()


def _endpoint(endpoint: Endpoint) -> str:
    dates = "".join(
        f"<{name}>{moment.isoformat() if isinstance(moment, datetime) else moment}</{name}>"
        for name, moment in (("ServiceActivationDate", endpoint.activation), ("ServiceExpirationDate", endpoint.expiration))
        if moment
    )
    return (
        f"<Endpoint transportProfile={quoteattr(endpoint.profile)}>"
        f'<wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>{escape(endpoint.url)}</wsa:Address>'
        f"</wsa:EndpointReference><RequireBusinessLevelSignature>false</RequireBusinessLevelSignature>{dates}"
        f"<Certificate>{endpoint.certificate}</Certificate><ServiceDescription>{escape(endpoint.description)}</ServiceDescription>"
        f"<TechnicalContactUrl>{escape(endpoint.contact)}</TechnicalContactUrl></Endpoint>"
    )
