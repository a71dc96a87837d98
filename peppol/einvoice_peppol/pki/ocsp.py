"""OCSP (RFC 6960): the question about one certificate, and what its answer is worth.

The certificate is named by SHA-1 digests, as RFC 5019 (2.1.1) has every responder understand it; they identify and protect nothing.
The nonce (RFC 9654) has 32 bytes; a responder that prepares its answers leaves it out, so an answer without counts while it is in
date. An answer counts only where its signer is the CA itself, or bears a certificate of that CA for just this purpose.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, Hash, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from einvoice.errors import CertificateError
from einvoice_peppol.pki import judging
from einvoice_peppol.pki.statements import SKEW, Stated, Unanswered

NONCE, MOST = 32, 100_000
KEPT = timedelta(hours=1)
"""So long an answer is relied upon at most, whatever it says itself."""
_OLDEST = timedelta(days=1)
_NAMING = (SHA1, SHA256, SHA384, SHA512)


def addresses(certificate: x509.Certificate) -> list[str]:
    """Where a certificate says that it can be asked about (authority information access)."""
    found = judging.extension(certificate, x509.AuthorityInformationAccess) or ()
    return [
        one.access_location.value
        for one in found
        if one.access_method == AuthorityInformationAccessOID.OCSP and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]


def request(certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """The question (DER) about a certificate."""
    built = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())  # noqa: S303 - it names, see above
    return built.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def read(data: bytes, certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes, now: datetime) -> Stated:
    """What an answer (DER) states about a certificate of an issuer at a moment.

    Raises Unanswered where it states nothing that counts.
    """
    try:
        answer = ocsp.load_der_ocsp_response(data)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Unanswered(f"the OCSP responder answers {answer.response_status.name}", reached=False)
        _signed(answer, issuer, now)
        return _stated(answer, certificate, issuer, nonce, now)
    except (CertificateError, *judging.BROKEN) as fault:
        raise Unanswered(f"the OCSP answer does not count: {str(fault)[:300] or type(fault).__name__}", reached=True) from None


def _signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    hashed = judging.accepted("the OCSP answer", answer.signature_algorithm_oid)
    signer = issuer if _is_responder(answer, issuer) else _delegate(answer, issuer, now)
    try:
        judging.public(signer).verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), hashed())
    except InvalidSignature:
        raise CertificateError("its signature is wrong") from None


def _is_responder(answer: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    if answer.responder_name is not None:
        return answer.responder_name == certificate.subject
    return answer.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(judging.public(certificate)).digest


def _delegate(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> x509.Certificate:
    """The certificate of a responder that the CA itself charged with it (RFC 6960, 4.2.2.2).

    It must say that nobody need ask about it (4.2.2.2.1): otherwise the question would only begin again.
    """
    found = [one for one in answer.certificates[:10] if _is_responder(answer, one)]
    if len(found) != 1:
        raise CertificateError("nobody knows who signed it")
    judging.signed_by(found[0], issuer)
    judging.valid_at(found[0], now)
    judging.shape(found[0])
    purposes, usage = judging.extension(found[0], x509.ExtendedKeyUsage), judging.extension(found[0], x509.KeyUsage)
    if purposes is None or ExtendedKeyUsageOID.OCSP_SIGNING not in purposes or (usage is not None and not usage.digital_signature):
        raise CertificateError("its signer is not charged with answering for the CA (extended key usage OCSPSigning)")
    if judging.extension(found[0], x509.OCSPNoCheck) is None:
        raise CertificateError("its signer's certificate would have to be asked about itself (no id-pkix-ocsp-nocheck)")
    return found[0]


def _stated(answer: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes, now: datetime) -> Stated:
    _nonce(answer, nonce)
    one, *more = answer.responses
    if more or one.serial_number != certificate.serial_number or not _names(one, issuer):
        raise CertificateError("it speaks of another certificate")
    since, until = one.this_update_utc, one.next_update_utc or one.this_update_utc + _OLDEST
    if since > now + SKEW or until < now or until < since:
        raise CertificateError(f"it is of {since:%Y-%m-%d %H:%M} and counts until {until:%Y-%m-%d %H:%M} UTC")
    if one.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise CertificateError("the responder does not know the certificate")
    kept = min(until, now + KEPT)
    if one.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return Stated(False, kept)
    return Stated(True, kept, one.revocation_time_utc, one.revocation_reason.value if one.revocation_reason else "")


def _nonce(answer: ocsp.OCSPResponse, nonce: bytes) -> None:
    for found in answer.extensions:
        if isinstance(found.value, x509.OCSPNonce):
            if found.value.nonce != nonce:
                raise CertificateError("it answers another question (nonce)")
        elif found.critical:
            raise CertificateError(f"it has an extension that nobody here understands: {found.oid.dotted_string}")


def _names(one: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    if not isinstance(one.hash_algorithm, _NAMING):
        return False
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    hashed = one.hash_algorithm
    return one.issuer_name_hash == _digest(issuer.subject.public_bytes(), hashed) and one.issuer_key_hash == _digest(key, hashed)


def _digest(data: bytes, algorithm: HashAlgorithm) -> bytes:
    made = Hash(algorithm)
    made.update(data)
    return made.finalize()
