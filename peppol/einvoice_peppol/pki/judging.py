"""What is looked at in a certificate without asking anybody: who signed it, with what, until when, for what use (RFC 5280, 6.1).

`cryptography.x509.verification` is not used. It knows the web's profile: before release 45 it demands a subject alternative name, which
no seat of Peppol has, its verifiers of other profiles exist from 45 on while we run on 42, and its interface is still declared
unstable. The network's chains are of one shape (root, CA, seat), so each step is stated here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier, SignatureAlgorithmOID

from einvoice.errors import CertificateError
from einvoice_peppol.pki.identity import common_name

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)

SEAT = re.compile(r"P[A-Z]{2}[0-9]{6}", re.ASCII)
"""The seat id that OpenPeppol gives a service provider: P, its country, six digits."""
SIGNATURES: dict[ObjectIdentifier, type[HashAlgorithm]] = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: SHA256,
    SignatureAlgorithmOID.RSA_WITH_SHA384: SHA384,
    SignatureAlgorithmOID.RSA_WITH_SHA512: SHA512,
}
"""The signatures that count: of certificates, OCSP answers and CRLs alike. G3 uses the first."""
SMALLEST, LARGEST, LEAST_EXPONENT = 2048, 8192, 65_537
LONGEST = 20_000
"""Bytes of a certificate (DER); those of G3 have about 1,700."""
BROKEN = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    Warning,
)
"""What the library raises, early or late, where bytes are not what they should be; a warning where somebody made it an error."""
_UNDERSTOOD = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.SubjectAlternativeName)
_REFUSED = (x509.NameConstraints, x509.PolicyConstraints)


def seat(certificate: x509.Certificate) -> str:
    """The seat id of a leaf certificate, its one CN.

    Raises CertificateError.
    """
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1 or not SEAT.fullmatch(str(names[0].value)):
        stated = ", ".join(repr(name.value) for name in names) or "none"
        raise CertificateError(f"the CN of a seat is one seat id such as PNL000123; this certificate's is {stated[:100]}")
    return str(names[0].value)


def leaf(certificate: x509.Certificate, role: str) -> None:
    """Whether a certificate is made for an access point or an SMP, whoever signed it and whenever.

    Its key signs; that of an access point takes keys, too. Raises CertificateError.
    """
    shape(certificate)
    constraints = extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise CertificateError(f"{_called(certificate)} is a CA, not a seat")
    usage = extension(certificate, x509.KeyUsage)
    if usage is None or usage.key_cert_sign or usage.crl_sign:
        raise CertificateError(f"{_called(certificate)}: its key usage is {'missing' if usage is None else 'that of a CA'}")
    if not usage.digital_signature or (role == "ap" and not usage.key_encipherment):
        raise CertificateError(f"{_called(certificate)}: its key is not for signing and taking keys (key usage)")
    purposes = extension(certificate, x509.ExtendedKeyUsage)
    if purposes is None or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise CertificateError(f"{_called(certificate)}: its extended key usage does not name client authentication")


def authority(certificate: x509.Certificate, below: int = 0) -> None:
    """Whether a certificate is that of a CA, with room for so many CAs below it.

    Raises CertificateError.
    """
    shape(certificate)
    constraints = extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise CertificateError(f"{_called(certificate)} is not the certificate of a CA")
    if constraints.path_length is not None and constraints.path_length < below:
        raise CertificateError(f"{_called(certificate)} may have {constraints.path_length} CAs below it (path length), not {below}")
    usage = extension(certificate, x509.KeyUsage)
    if usage is None or not usage.key_cert_sign:
        raise CertificateError(f"{_called(certificate)}: its key is not for signing certificates (key usage)")


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """Whether a CA signed a certificate: names, key identifiers and the signature itself.

    Raises CertificateError.
    """
    if certificate.issuer != issuer.subject:
        raise CertificateError(f"{_called(certificate)} names another issuer than {_called(issuer)}")
    stated, own = extension(certificate, x509.AuthorityKeyIdentifier), extension(issuer, x509.SubjectKeyIdentifier)
    if stated is not None and own is not None and stated.key_identifier not in (None, own.digest):
        raise CertificateError(f"{_called(certificate)} was issued with another key of {_called(issuer)}")
    accepted(_called(certificate), certificate.signature_algorithm_oid)
    public(issuer)
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        raise CertificateError(f"{_called(certificate)} is not signed by {_called(issuer)}, which it names as issuer") from None


def accepted(what: str, algorithm: ObjectIdentifier) -> type[HashAlgorithm]:
    """The digest of a signature algorithm that counts.

    Raises CertificateError.
    """
    hashed = SIGNATURES.get(algorithm)
    if hashed is None:
        raise CertificateError(f"{what} is signed with {algorithm.dotted_string}, which is not accepted; RSA with SHA-256 or better is")
    return hashed


def valid_at(certificate: x509.Certificate, now: datetime) -> None:
    """Whether a certificate is valid at a moment.

    Raises CertificateError.
    """
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not since <= now <= until:
        word = "has expired" if now > until else "is not valid yet"
        raise CertificateError(f"{_called(certificate)} {word}: it is valid from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC")


def public(certificate: x509.Certificate) -> RSAPublicKey:
    """The RSA key of a certificate, of a size that counts.

    Raises CertificateError.
    """
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise CertificateError(f"{_called(certificate)}: its key is not an RSA key")
    if not SMALLEST <= key.key_size <= LARGEST or not LEAST_EXPONENT <= key.public_numbers().e < 2**32:
        raise CertificateError(f"{_called(certificate)}: its RSA key has {key.key_size} bits and exponent {key.public_numbers().e}")
    return key


def extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    """An extension of a certificate, None where it has none of this kind."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def guarded(judge: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """A judge that answers whatever is wrong inside a certificate (a library decodes parts of it late) with CertificateError."""

    def judged(*given: _Given.args, **more: _Given.kwargs) -> _Answer:
        try:
            return judge(*given, **more)
        except BROKEN as fault:
            raise CertificateError(f"the certificate cannot be read: {str(fault)[:200] or type(fault).__name__}") from None

    return judged


def shape(certificate: x509.Certificate) -> None:
    """What holds for leaf and CA: version 3, a size, a key, a signature that counts, no critical extension that we do not know."""
    if certificate.version is not x509.Version.v3 or len(certificate.tbs_certificate_bytes) > LONGEST:
        raise CertificateError(f"{_called(certificate)} is no X.509 certificate of version 3, or larger than any in the network")
    if certificate.serial_number <= 0:
        raise CertificateError(f"{_called(certificate)} has a serial number that no CA gives (RFC 5280, 4.1.2.2)")
    public(certificate)
    accepted(_called(certificate), certificate.signature_algorithm_oid)
    for one in certificate.extensions:
        if isinstance(one.value, _REFUSED) or (one.critical and not isinstance(one.value, _UNDERSTOOD)):
            raise CertificateError(f"{_called(certificate)} has an extension that nobody here understands: {one.oid.dotted_string}")


def _called(certificate: x509.Certificate) -> str:
    return f"the certificate of {common_name(certificate)[:80]!r}"
