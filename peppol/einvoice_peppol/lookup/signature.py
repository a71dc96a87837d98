"""The signature of an SMP's answer, and what it covers (SMP 1.4.0; XML Signature 1.1, enveloped).

What is read afterwards is parsed from the very bytes that were digested, so that nothing beside them, no comment and no second
element can say anything else.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import Certificate
from lxml import etree

from einvoice.errors import CertificateError, DocumentError, LookupFailed, SignatureError
from einvoice.formats import guard
from einvoice_peppol import xmldsig
from einvoice_peppol.pki.identity import Trust

_SIGNATURE = f"{{{xmldsig.DS}}}Signature"
_CERTIFICATES = f"{{{xmldsig.DS}}}X509Data/{{{xmldsig.DS}}}X509Certificate"
_MOST_CERTIFICATES = 5


class Signed(NamedTuple):
    """What an SMP signed, as an element that holds nothing else; its certificate and its id."""

    root: etree._Element
    signer: Certificate
    smp: str


def verified(root: etree._Element, trust: Trust, now: datetime, most: int) -> Signed:
    """What a SignedServiceMetadata says, if a trusted SMP signed all of it; `most` bytes are read.

    One signature, a child of the root, over the whole document (Reference URI ""), SHA-256 and RSA-SHA256, transforms: enveloped, then
    at most one of the three canonical forms. Raises LookupFailed.
    """
    try:
        found = _signature(root)
        signature = xmldsig.read(found)
        covered = _covered(root, found, signature)
        signer = _signer(signature)
        return Signed(guard.tree(covered, most), signer, trust.check(signer, "smp", now))
    except (SignatureError, CertificateError) as fault:
        raise LookupFailed(f"what the SMP answers is not signed as the network requires: {fault}") from None
    except DocumentError as fault:
        raise LookupFailed(f"what the SMP signed cannot be read: {fault}") from None


def _signature(root: etree._Element) -> etree._Element:
    found = [*root.iter(_SIGNATURE)]
    if len(found) != 1 or found[0].getparent() is not root:
        raise SignatureError(f"it has {len(found)} signatures; exactly one must stand directly in {etree.QName(root).localname}")
    return found[0]


def _covered(root: etree._Element, element: etree._Element, signature: xmldsig.Signature) -> bytes:
    """The canonical form of the document without its signature, where the signature's one reference fits it."""
    if len(signature.references) != 1 or signature.references[0].uri != "":
        raise SignatureError("it must refer to the whole document and to nothing else")
    reference = signature.references[0]
    form, prefixes = _form(reference.transforms)
    covered = xmldsig.canonical(root, form, prefixes.split(), without=element)
    if not hmac.compare_digest(hashlib.sha256(covered).digest(), reference.digest):
        raise SignatureError("the document was altered after it was signed: its digest differs")
    return covered


def _form(transforms: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The canonical form that the transforms lead to; the inclusive one where none is named (XML Signature 1.1, 4.4.3.2)."""
    if not transforms or transforms[0] != (xmldsig.ENVELOPED, "") or len(transforms) > 2:
        raise SignatureError("its transforms must be enveloped-signature and one canonical form")
    form = transforms[1] if len(transforms) == 2 else (xmldsig.INCLUSIVE, "")
    if form[0] not in xmldsig.CANONICAL:
        raise SignatureError(f"the transform {form[0]} is not accepted")
    return form


def _signer(signature: xmldsig.Signature) -> Certificate:
    """The certificate among those stated whose key made the signature."""
    stated = [] if signature.key_info is None else signature.key_info.findall(_CERTIFICATES)
    if not 1 <= len(stated) <= _MOST_CERTIFICATES:
        raise SignatureError(f"it states {len(stated)} certificates; the signer's must be there")
    wrong: SignatureError | None = None
    for element in stated:
        try:
            certificate, key = _certificate(element)
            xmldsig.verify(signature, key)
        except SignatureError as fault:
            wrong = wrong or fault
        else:
            return certificate
    assert wrong is not None
    raise wrong


def _certificate(element: etree._Element) -> tuple[Certificate, object]:
    """A certificate that is stated, and its key."""
    try:
        certificate = x509.load_der_x509_certificate(xmldsig.base64_of(element))
        return certificate, certificate.public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as fault:
        raise SignatureError(f"a certificate in it cannot be read: {fault}") from None
