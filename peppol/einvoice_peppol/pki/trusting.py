"""Judges certificates: the chain to an anchor of the right role, validity, purpose, strength, the seat id, and revocation.

Only what is installed for a role is an anchor: the CA of access points says nothing about SMPs, and a test CA nothing in production.
Sources: RFC 5280 section 6, Peppol PKI certificate policy (G3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509 import Certificate
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from einvoice.errors import CertificateError
from einvoice_peppol.pki.identity import common_name

SEAT = re.compile(r"P[A-Z]{2}[0-9]{6}")
_ROLES = {"ap": "access point", "smp": "service metadata publisher"}
_HASHES = (SHA256, SHA384, SHA512)
_LEAST_BITS = 2_048
_KNOWN = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)


class Revocation(Protocol):
    """Whoever knows of revoked certificates."""

    def check(self, certificate: Certificate, issuer: Certificate, now: datetime) -> None:
        """Nothing where it is good. Raises CertificateError where it is revoked, or could not be checked and must be."""


class Anchored:
    """Trusts what the anchors of a role issued. `anchors` are CAs by role, `roots` lead to them where they are installed.

    `revocation` None asks nobody: for tests, and for programs that have asked before.
    """

    def __init__(
        self,
        anchors: Mapping[str, Sequence[Certificate]],
        roots: Sequence[Certificate] = (),
        *,
        revocation: Revocation | None = None,
    ) -> None:
        self._anchors = anchors
        self._roots = tuple(roots)
        self._revocation = revocation

    def check(self, certificate: Certificate, role: str, now: datetime) -> str:
        """See `identity.Trust`."""
        try:
            return self._check(certificate, role, now)
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as fault:  # parts are parsed when they are first read
            raise CertificateError(f"the certificate cannot be read: {fault}") from None

    def _check(self, certificate: Certificate, role: str, now: datetime) -> str:
        name = common_name(certificate)
        if role == "ap" and not SEAT.fullmatch(name):
            raise CertificateError(f"the certificate is of {name!r}, which is no seat id such as PNL000123")
        issuer = self._issuer(certificate, role, name)
        for each, whose in ((certificate, name), (issuer, common_name(issuer))):
            _valid(each, whose, now)
            _strong(each, whose)
        _purpose(certificate, name)
        self._rooted(issuer, now)
        if self._revocation is not None:
            self._revocation.check(certificate, issuer, now)
        return name

    def _issuer(self, certificate: Certificate, role: str, name: str) -> Certificate:
        anchors = self._anchors.get(role, ())
        if not anchors:
            raise CertificateError(
                f"no CA of {_ROLES.get(role, role)}s is installed; install it with: einvoice peppol trust install --from FILE --role {role}"
            )
        for anchor in anchors:
            if anchor.subject == certificate.issuer and _signed(certificate, anchor):
                return anchor
        issuer = certificate.issuer.rfc4514_string()
        raise CertificateError(f"the certificate of {name} was issued by {issuer}, which is not trusted for a {_ROLES.get(role, role)}")

    def _rooted(self, issuer: Certificate, now: datetime) -> None:
        """Where roots are installed, the CA must come from one of them."""
        _authority(issuer)
        if not self._roots or issuer in self._roots:
            return
        for root in self._roots:
            if root.subject == issuer.issuer and _signed(issuer, root):
                _valid(root, common_name(root), now)
                _authority(root)
                return
        raise CertificateError(f"{common_name(issuer)} was not issued by a root that is installed; install its root")


def _signed(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _valid(certificate: Certificate, name: str, now: datetime) -> None:
    if now < certificate.not_valid_before_utc:
        raise CertificateError(f"the certificate of {name} is valid from {certificate.not_valid_before_utc:%Y-%m-%d}, not yet")
    if now > certificate.not_valid_after_utc:
        raise CertificateError(f"the certificate of {name} ended on {certificate.not_valid_after_utc:%Y-%m-%d}; its owner must renew it")


def _strong(certificate: Certificate, name: str) -> None:
    if not isinstance(certificate.signature_hash_algorithm, _HASHES):
        raise CertificateError(f"the certificate of {name} is signed with {certificate.signature_algorithm_oid._name}, which is too weak")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise CertificateError(f"the key of {name} is no RSA key of at least {_LEAST_BITS} bits")


def _purpose(certificate: Certificate, name: str) -> None:
    """A leaf that may sign and be encrypted for, and nothing that we do not understand."""
    extensions = _extensions(certificate, name)
    usage = extensions.get(ExtensionOID.KEY_USAGE)
    if not isinstance(usage, x509.KeyUsage) or not (usage.digital_signature and usage.key_encipherment):
        raise CertificateError(f"the certificate of {name} may not be used to sign and to encrypt for: its key usage says so")
    extended = extensions.get(ExtensionOID.EXTENDED_KEY_USAGE)
    if not isinstance(extended, x509.ExtendedKeyUsage) or ExtendedKeyUsageOID.CLIENT_AUTH not in extended:
        raise CertificateError(f"the certificate of {name} is not for client authentication, which every certificate of Peppol is")
    constraints = extensions.get(ExtensionOID.BASIC_CONSTRAINTS)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        raise CertificateError(f"the certificate of {name} is a CA's; an access point has one of its own")


def _authority(certificate: Certificate) -> None:
    name = common_name(certificate)
    extensions = _extensions(certificate, name)
    constraints = extensions.get(ExtensionOID.BASIC_CONSTRAINTS)
    usage = extensions.get(ExtensionOID.KEY_USAGE)
    may_sign = isinstance(usage, x509.KeyUsage) and usage.key_cert_sign
    if not (isinstance(constraints, x509.BasicConstraints) and constraints.ca and may_sign):
        raise CertificateError(f"{name} is no certificate authority")


def _extensions(certificate: Certificate, name: str) -> dict[x509.ObjectIdentifier, x509.ExtensionType]:
    try:
        found = list(certificate.extensions)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as fault:
        raise CertificateError(f"the certificate of {name} cannot be understood: {fault}") from None
    unknown = [each.oid.dotted_string for each in found if each.critical and each.oid not in _KNOWN]
    if unknown:
        raise CertificateError(f"the certificate of {name} has a critical extension that is not known: {', '.join(unknown)}")
    return {each.oid: each.value for each in found}
