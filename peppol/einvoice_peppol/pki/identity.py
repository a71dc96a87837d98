"""Our identity in the network: the certificate of our seat, its private key, and the CAs that lead to it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID


class Identity(NamedTuple):
    """A certificate and its private key (RSA); `issuers` are the CAs between it and the trust anchor."""

    certificate: Certificate
    key: RSAPrivateKey
    issuers: tuple[Certificate, ...] = ()

    @property
    def seat(self) -> str:
        """The seat id, the certificate's CN: `PNL000123`."""
        return common_name(self.certificate)


class Trust(Protocol):
    """Whoever judges certificates."""

    def check(self, certificate: Certificate, role: str, now: datetime) -> str:
        """The seat id of a certificate that is trusted for a role, `ap` (access point) or `smp`, at a moment.

        It checks the chain to an anchor of this role, validity, key usage, the shape of the seat id, and revocation.
        Raises CertificateError.
        """


def common_name(certificate: Certificate) -> str:
    """The CN of a certificate's subject, empty where it has none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""
