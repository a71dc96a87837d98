"""Trust anchors: the root and the CAs whose seats we trust, each for one role in one network, installed by a person who saw them.

A folder holds them: `NETWORK/ROLE/SHA-256.pem`, one certificate a file, roles `root`, `ap` and `smp`. A file whose name is not its
fingerprint is refused: it was changed, or put there by hand. No anchor of the test network is ever one in production: its names say
TEST, and that is looked at again whenever it is read.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from einvoice.errors import CertificateError
from einvoice_peppol.pki import judging
from einvoice_peppol.pki.identity import common_name

ROOT, ACCESS_POINTS, SMPS = "root", "ap", "smp"
ROLES = (ROOT, ACCESS_POINTS, SMPS)
NETWORKS = ("test", "production")
_WORDS = {"ACCESS POINT": ACCESS_POINTS, "SERVICE METADATA PUBLISHER": SMPS, "ROOT": ROOT}
_MOST = 100_000


class Anchor(NamedTuple):
    """A certificate that is trusted for a role: to sign CAs (`root`), access points (`ap`) or SMPs (`smp`)."""

    certificate: x509.Certificate
    role: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 hexadecimal digits."""
        return fingerprint(self.certificate)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate (DER), 64 hexadecimal digits."""
    return certificate.fingerprint(SHA256()).hex()


def role_of(certificate: x509.Certificate) -> str | None:
    """The role that a CA's name states, as Peppol's are named; None where it states none."""
    name = common_name(certificate).upper()
    return next((role for words, role in _WORDS.items() if words in name), None) if "PEPPOL" in name else None


def is_test(certificate: x509.Certificate) -> bool:
    """Whether a certificate says that it is for tests: the word TEST in its subject's or its issuer's name."""
    values = (str(field.value) for name in (certificate.subject, certificate.issuer) for field in name)
    return any(re.search(r"\bTEST\b", value.upper()) for value in values)


def suited(certificate: x509.Certificate, role: str, network: str) -> None:
    """Whether a certificate may be an anchor of a role in a network.

    Raises CertificateError.
    """
    if network not in NETWORKS or role not in ROLES:
        raise CertificateError(f"there is no role {role!r} in a network {network!r}; the roles are {', '.join(ROLES)}")
    judging.authority(certificate)
    stated, called = role_of(certificate), common_name(certificate)
    if stated is not None and stated != role:
        raise CertificateError(f"{called} is by its name an anchor for {stated!r}, not for {role!r}")
    if network == "production" and is_test(certificate):
        raise CertificateError(f"{called} is for the test network; nothing in production is trusted because of it")
    if network == "production" and stated is None:
        raise CertificateError(f"{called} is no CA of Peppol's PKI, and the production network knows no other")
    if network == "test" and stated is not None and not is_test(certificate):
        raise CertificateError(f"{called} is for the production network; install it with --network production")
    if (role == ROOT) != (certificate.issuer == certificate.subject):
        raise CertificateError(f"{called} is {'not ' if role == ROOT else ''}self-signed: it cannot be an anchor for {role!r}")


def read(folder: Path, network: str) -> tuple[Anchor, ...]:
    """The anchors that are installed for a network, roots first.

    Raises CertificateError where a file is not what it was when it was installed.
    """
    return tuple(_anchor(path, role, network) for role in ROLES for path in sorted((folder / network / role).glob("*.pem")))


def install(folder: Path, network: str, found: Sequence[Anchor]) -> list[Anchor]:
    """Keeps anchors; those that were not there before. Whoever calls has had a person compare their fingerprints.

    Raises CertificateError where one may not be an anchor, before any is kept.
    """
    for anchor in found:
        suited(anchor.certificate, anchor.role, network)
    fresh = []
    for anchor in found:
        path = _path(folder, network, anchor)
        if not path.exists():
            _write(path, anchor.certificate.public_bytes(Encoding.PEM))
            fresh.append(anchor)
    return fresh


def remove(folder: Path, network: str, prints: str) -> list[Anchor]:
    """Removes the anchors of a fingerprint; those that were there."""
    gone = [anchor for anchor in read(folder, network) if anchor.fingerprint == prints]
    for anchor in gone:
        _path(folder, network, anchor).unlink()
    return gone


def _anchor(path: Path, role: str, network: str) -> Anchor:
    mend = "remove the file, and install the anchor again with `einvoice peppol trust install`"
    try:
        with path.open("rb") as stream:
            certificate = x509.load_pem_x509_certificate(stream.read(_MOST))
    except (OSError, ValueError) as fault:
        raise CertificateError(f"{path} is no trust anchor: {fault}; {mend}") from None
    if path.stem != fingerprint(certificate):
        raise CertificateError(f"{path} does not hold the certificate that was installed; {mend}")
    suited(certificate, role, network)
    return Anchor(certificate, role)


def _path(folder: Path, network: str, anchor: Anchor) -> Path:
    return folder / network / anchor.role / f"{anchor.fingerprint}.pem"


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        os.fchmod(stream.fileno(), 0o644)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(path)


def issuers(found: Sequence[Anchor], role: str, certificate: x509.Certificate) -> Iterator[x509.Certificate]:
    """The anchors of a role that bear the name of a certificate's issuer."""
    return (anchor.certificate for anchor in found if anchor.role == role and anchor.certificate.subject == certificate.issuer)
