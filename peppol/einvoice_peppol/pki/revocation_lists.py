"""Revocation lists (CRL, RFC 5280 section 5 and 6.3): complete ones only, by the CA itself, in date."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509

from einvoice.errors import CertificateError
from einvoice_peppol.pki import judging
from einvoice_peppol.pki.statements import SKEW, Stated, Unanswered

MOST = 5_000_000
"""Bytes of a list: some 130,000 certificates, where G3 has some hundreds."""
KEPT = timedelta(hours=6)
"""So long a list is relied upon at most before it is fetched again."""


def addresses(certificate: x509.Certificate) -> list[str]:
    """Where the complete list of a certificate's own CA is said to be."""
    points = judging.extension(certificate, x509.CRLDistributionPoints) or ()
    whole = (point.full_name for point in points if point.full_name and point.reasons is None and point.crl_issuer is None)
    return [name.value for names in whole for name in names if isinstance(name, x509.UniformResourceIdentifier)]


def read(data: bytes, url: str, issuer: x509.Certificate, now: datetime) -> x509.CertificateRevocationList:
    """The list (DER, or PEM) of a CA, fetched from an address, as it counts at a moment.

    Raises Unanswered.
    """
    try:
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_crl(data) if is_pem else x509.load_der_x509_crl(data)
        _by(found, issuer)
        _complete(found, url)
        current(found, now)
    except (CertificateError, *judging.BROKEN) as fault:
        raise Unanswered(f"the revocation list does not count: {str(fault)[:300] or type(fault).__name__}", reached=True) from None
    return found


def current(found: x509.CertificateRevocationList, now: datetime) -> None:
    """Whether a list is in date.

    Raises CertificateError.
    """
    until = found.next_update_utc
    if until is None or found.last_update_utc > now + SKEW or until < now:
        ends = f"{until:%Y-%m-%d %H:%M}" if until else "nobody knows when"
        raise CertificateError(f"it is of {found.last_update_utc:%Y-%m-%d %H:%M} and counts until {ends} UTC")


def stated(found: x509.CertificateRevocationList, certificate: x509.Certificate, now: datetime) -> Stated:
    """What a list that counts states about a certificate.

    Raises Unanswered where its entry cannot be read.
    """
    kept = min(found.next_update_utc or now, now + KEPT)
    try:
        entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is None:
            return Stated(False, kept)
        return Stated(True, kept, entry.revocation_date_utc, _reason(entry))
    except judging.BROKEN as fault:
        raise Unanswered(f"the revocation list cannot be read: {fault}", reached=True) from None


def _by(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> None:
    usage = judging.extension(issuer, x509.KeyUsage)
    if usage is None or not usage.crl_sign or found.issuer != issuer.subject:
        raise CertificateError("it is not by the CA of the certificate")
    judging.accepted("it", found.signature_algorithm_oid)
    if not found.is_signature_valid(judging.public(issuer)):
        raise CertificateError("its signature is wrong")


def _complete(found: x509.CertificateRevocationList, url: str) -> None:
    for one in found.extensions:
        if isinstance(one.value, x509.DeltaCRLIndicator):
            raise CertificateError("it holds changes only")
        if isinstance(one.value, x509.IssuingDistributionPoint):
            _whole(one.value, url)
        elif one.critical:
            raise CertificateError(f"it has an extension that nobody here understands: {one.oid.dotted_string}")


def _whole(point: x509.IssuingDistributionPoint, url: str) -> None:
    """A list may be one of several parts of a CA's; then it must be the one that the certificate named, and restricted in no other way."""
    names = [name.value for name in point.full_name or () if isinstance(name, x509.UniformResourceIdentifier)]
    is_part = (
        point.indirect_crl
        or point.only_contains_ca_certs
        or point.only_contains_user_certs
        or point.only_contains_attribute_certs
        or point.only_some_reasons
    )
    if is_part or point.relative_name is not None or (names and url not in names):
        raise CertificateError("it is a part that says nothing of this certificate")


def _reason(entry: x509.RevokedCertificate) -> str:
    try:
        return str(entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value)
    except x509.ExtensionNotFound:
        return ""
