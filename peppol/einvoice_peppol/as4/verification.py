"""WS-Security: who signed a message, and that the signature covers exactly what is processed (WSS 1.1.1, X.509 token profile, SwA
profile; Peppol AS4 profile 2.0.3, "Use of Peppol PKI").

The parts that must be signed are given as the elements that are processed, never found by an identifier: a reference is held against
the element's own Id, so a copy elsewhere cannot be signed in its stead. Any reference more or less is refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple, NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree

from einvoice.errors import CertificateError, NotChecked, SignatureError, UnacceptedAlgorithm
from einvoice_peppol import xmldsig
from einvoice_peppol.as4 import ebms
from einvoice_peppol.as4.envelope import Envelope, elements, identifier, text
from einvoice_peppol.as4.message import DS, WSSE, WSU, XENC, Reference
from einvoice_peppol.pki.identity import Trust

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
X509_V3 = f"{_WSS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_WSS}soap-message-security-1.0#Base64Binary"
ATTACHMENT_CONTENT = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"
TOKEN, SIGNATURE = f"{{{WSSE}}}BinarySecurityToken", f"{{{DS}}}Signature"
ENCRYPTED_KEY, ENCRYPTED_DATA = f"{{{XENC}}}EncryptedKey", f"{{{XENC}}}EncryptedData"
_TIMESTAMP = f"{{{WSU}}}Timestamp"
_MOST = {TOKEN: 2, SIGNATURE: 1, ENCRYPTED_KEY: 1, ENCRYPTED_DATA: 1, _TIMESTAMP: 1}
_LARGEST = 16_384


class Security(NamedTuple):
    """The parts of a Security header that are known, each at most as often as the network uses it."""

    tokens: tuple[etree._Element, ...]
    signature: etree._Element | None
    key: etree._Element | None
    data: etree._Element | None


class Signed(NamedTuple):
    """A signature that holds for the envelope.

    `certificate` is the signer's, not judged yet. `references` and `elements` are what it covers, in its order, as values and as
    ds:Reference elements. `attachments` are the SHA-256 that it states of each attachment (`cid:…`); they are the caller's to compare.
    """

    certificate: x509.Certificate
    references: tuple[Reference, ...]
    elements: tuple[etree._Element, ...]
    attachments: Mapping[str, bytes]


def security(envelope: Envelope) -> Security:
    """The Security header of an envelope.

    Raises Refused: EBMS:0103 where it has none, or holds what the network does not use.
    """
    if envelope.security is None:
        _policy("the message has no Security header")
    found: dict[str, list[etree._Element]] = {name: [] for name in _MOST}
    for part in elements(envelope.security):
        if part.tag not in found:
            _policy(f"the Security header holds {part.tag}, which the network does not use")
        found[part.tag].append(part)
        if len(found[part.tag]) > _MOST[part.tag]:
            _policy(f"the Security header holds {etree.QName(part).localname} too often")
    single = {name: parts[0] if parts else None for name, parts in found.items()}
    return Security(tuple(found[TOKEN]), single[SIGNATURE], single[ENCRYPTED_KEY], single[ENCRYPTED_DATA])


def signed(parts: Security, required: Iterable[etree._Element], attachments: Collection[str] = ()) -> Signed:
    """Verifies the signature, and that it covers the required elements and attachments, and nothing else.

    The signer's certificate is not judged: `trusted` does that. Raises Refused: EBMS:0103 where there is no signature, or one by other
    means than the network's or of other parts; EBMS:0101 where it is wrong.
    """
    if parts.signature is None:
        _policy("the message is not signed")
    try:
        signature = xmldsig.read(parts.signature)
        if signature.canonicalization[0] != xmldsig.EXCLUSIVE:
            _policy(f"the canonical form {signature.canonicalization[0]} is not accepted; AS4 uses the exclusive one")
        covered = _covered(signature, {_reference_to(element): element for element in required}, set(attachments))
        certificate, key = _signer(parts, signature)
        xmldsig.verify(signature, key)
        for reference, element in covered:
            _compare(reference, element)
    except UnacceptedAlgorithm as fault:
        raise ebms.Refused(ebms.POLICY_NONCOMPLIANCE, str(fault)) from None
    except SignatureError as fault:
        raise ebms.Refused(ebms.FAILED_AUTHENTICATION, str(fault)) from None
    return Signed(
        certificate,
        tuple(as_values(signature.references)),
        tuple(reference.element for reference in signature.references),
        {uri: reference.digest for reference in signature.references if (uri := reference.uri or "") in attachments},
    )


def as_values(references: Iterable[xmldsig.Reference]) -> Iterable[Reference]:
    """References as they are kept and compared."""
    for reference in references:
        yield Reference(reference.uri or "", reference.transforms, base64.b64encode(reference.digest).decode("ascii"))


def trusted(certificate: x509.Certificate, trust: Trust, now: datetime) -> str:
    """The seat id of a signer that may act as access point now.

    Raises Refused (EBMS:0101); NotChecked where nobody can say now whether it was revoked: that passes, and refuses nobody for good.
    """
    try:
        return trust.check(certificate, "ap", now)
    except NotChecked:
        raise
    except CertificateError as fault:
        raise ebms.Refused(ebms.FAILED_AUTHENTICATION, f"the signer's certificate is not accepted: {fault}") from None


def token(parts: Security, key_info: etree._Element | None, error: ebms.Ebms) -> bytes:
    """The certificate (DER) of the one BinarySecurityToken that a ds:KeyInfo refers to directly.

    Raises Refused: `error` where it refers to none, EBMS:0103 for another kind of reference or token.
    """
    named = _named(key_info, error)
    found = [one for one in parts.tokens if identifier(one) and f"#{identifier(one)}" == named]
    if len(found) != 1:
        raise ebms.Refused(error, "KeyInfo refers to no BinarySecurityToken of the Security header")
    if found[0].get("ValueType") != X509_V3 or found[0].get("EncodingType", BASE64) != BASE64:
        _policy("a BinarySecurityToken is no X509v3 in Base64")
    try:
        data = base64.b64decode("".join(text(found[0]).split()), validate=True)
    except ValueError:
        raise ebms.Refused(error, "a BinarySecurityToken is not Base64") from None
    if not 0 < len(data) <= _LARGEST:
        raise ebms.Refused(error, "a BinarySecurityToken is empty, or far too long")
    return data


def _named(key_info: etree._Element | None, error: ebms.Ebms) -> str:
    """The URI in ds:KeyInfo/wsse:SecurityTokenReference/wsse:Reference."""
    if key_info is None:
        raise ebms.Refused(error, "there is no KeyInfo")
    at = key_info
    for name in (f"{{{WSSE}}}SecurityTokenReference", f"{{{WSSE}}}Reference"):
        within = elements(at, error)
        if [part.tag for part in within] != [name]:
            _policy("KeyInfo does not refer to a BinarySecurityToken directly")
        at = within[0]
    if at.get("ValueType", X509_V3) != X509_V3:
        _policy("KeyInfo refers to another token than an X509v3")
    return str(at.get("URI", ""))


def _signer(parts: Security, signature: xmldsig.Signature) -> tuple[x509.Certificate, object]:
    data = token(parts, signature.key_info, ebms.FAILED_AUTHENTICATION)
    try:
        certificate = x509.load_der_x509_certificate(data)
        return certificate, certificate.public_key()
    except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion, Warning):
        raise ebms.Refused(ebms.FAILED_AUTHENTICATION, "the signer's certificate cannot be read") from None


def _reference_to(element: etree._Element) -> str:
    found = identifier(element)
    if not found:
        _policy(f"{etree.QName(element).localname} has no wsu:Id, so it is not signed")
    return f"#{found}"


def _covered(
    signature: xmldsig.Signature, required: Mapping[str, etree._Element], attachments: set[str]
) -> list[tuple[xmldsig.Reference, etree._Element]]:
    """The references to elements with the element of each, every reference known, and none amiss."""
    stated = [reference.uri for reference in signature.references]
    if len(set(stated)) != len(stated) or set(stated) != set(required) | attachments:
        _policy("the signature does not cover exactly Messaging, Body and the attachment")
    covered = []
    for reference in signature.references:
        algorithms = [algorithm for algorithm, _ in reference.transforms]
        wanted = ATTACHMENT_CONTENT if reference.uri in attachments else xmldsig.EXCLUSIVE
        if algorithms != [wanted]:
            _policy(f"the transforms of {str(reference.uri)[:80]} are not exactly {wanted}")
        if (element := required.get(reference.uri or "")) is not None:
            covered.append((reference, element))
    return covered


def _compare(reference: xmldsig.Reference, element: etree._Element) -> None:
    algorithm, prefixes = reference.transforms[0]
    if not compare_digest(hashlib.sha256(xmldsig.canonical(element, algorithm, prefixes.split())).digest(), reference.digest):
        raise SignatureError(f"{etree.QName(element).localname} was altered after it was signed")


def _policy(why: str) -> NoReturn:
    raise ebms.Refused(ebms.POLICY_NONCOMPLIANCE, why)
