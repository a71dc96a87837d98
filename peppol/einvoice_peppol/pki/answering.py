"""What a CA for tests says about its certificates: OCSP answers and revocation lists, true ones and every kind that must not count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from einvoice_peppol.pki import making
from einvoice_peppol.pki.identity import Identity

STATUSES = {
    "good": ocsp.OCSPCertStatus.GOOD,
    "revoked": ocsp.OCSPCertStatus.REVOKED,
    "unknown": ocsp.OCSPCertStatus.UNKNOWN,
}


class Saying(NamedTuple):
    """How a CA answers. `since` and `until` are reckoned from now; None as `until` leaves the next update out.

    `signer` signs instead of the CA, `shown` are certificates beside it; `serial` and `issuer` are those of another certificate, `nonce`
    another nonce (empty: none).
    """

    status: str = "good"
    since: timedelta = timedelta(minutes=-1)
    until: timedelta | None = timedelta(days=1)
    signer: Identity | None = None
    shown: tuple[x509.Certificate, ...] = ()
    serial: int | None = None
    issuer: x509.Certificate | None = None
    nonce: bytes | None = None


GOOD = Saying()


def responder(ca: Identity, name: str, now: datetime, **altered: object) -> Identity:
    """Whom a CA charges with answering for it (RFC 6960, 4.2.2.2); fields of Plan altered make one that it did not."""
    since = now - timedelta(days=1)
    purposes = (ExtendedKeyUsageOID.OCSP_SIGNING,)
    plan = making.Plan((name,), since, making.years(since, 1), usage=("digital_signature",), purposes=purposes, no_check=True)
    return making.identity(plan._replace(**altered), f"responder/{name}", ca)  # type: ignore[arg-type]


def ocsp_answer(asked: ocsp.OCSPRequest, ca: Identity, now: datetime, saying: Saying) -> bytes:
    """The answer (DER) to a question."""
    signer = saying.signer or ca
    is_revoked = saying.status == "revoked"
    named = saying.issuer or ca.certificate
    built = ocsp.OCSPResponseBuilder().add_response_by_hash(
        _hashed(named.subject.public_bytes(), asked.hash_algorithm) if saying.issuer else asked.issuer_name_hash,
        asked.issuer_key_hash,
        asked.serial_number if saying.serial is None else saying.serial,
        asked.hash_algorithm,
        STATUSES[saying.status],
        now + saying.since,
        None if saying.until is None else now + saying.until,
        now - timedelta(hours=1) if is_revoked else None,
        x509.ReasonFlags.key_compromise if is_revoked else None,
    )
    built = built.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    built = built.certificates(saying.shown) if saying.shown else built
    nonce = _nonce(asked) if saying.nonce is None else saying.nonce
    built = built.add_extension(x509.OCSPNonce(nonce), critical=False) if nonce else built
    return built.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def revocation_list(
    ca: Identity, now: datetime, revoked: Iterable[int] = (), saying: Saying = GOOD, extensions: Iterable[x509.ExtensionType] = ()
) -> bytes:
    """A list (DER) of revoked serial numbers; `extensions` are critical ones."""
    signer = saying.signer or ca
    until = saying.until if saying.until is not None else timedelta(days=1)
    built = x509.CertificateRevocationListBuilder().issuer_name((saying.issuer or ca.certificate).subject)
    built = built.last_update(now + saying.since).next_update(now + until).add_extension(x509.CRLNumber(1), critical=False)
    for one in extensions:
        built = built.add_extension(one, critical=True)
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(hours=1))
        built = built.add_revoked_certificate(entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False).build())
    return built.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _nonce(asked: ocsp.OCSPRequest) -> bytes:
    try:
        return asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return b""


def _hashed(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    made = hashes.Hash(algorithm)
    made.update(data)
    return made.finalize()
