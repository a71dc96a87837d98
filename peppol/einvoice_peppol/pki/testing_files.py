"""A PKI for tests in files (PEM), so that several programs and several days share it: CAs, seats, and the anchors in one file."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from einvoice.errors import CertificateError
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.pki.testing import TestNetwork

ANCHORS = "anchors.pem"
_CAS = ("root", "ap-ca", "smp-ca")


def kept(folder: Path, make: Callable[[], TestNetwork]) -> TestNetwork:
    """The network of a folder; what is made where nothing is there yet."""
    made = make()
    if all((folder / f"{name}.pem").exists() for name in _CAS):
        root, ap_ca, smp_ca = (read(folder, name) for name in _CAS)
        return replace(made, root=root, ap_ca=ap_ca, smp_ca=smp_ca, now=datetime.now(UTC).replace(microsecond=0))
    for name, one in zip(_CAS, (made.root, made.ap_ca, made.smp_ca), strict=True):
        write(folder, name, one)
    (folder / ANCHORS).write_bytes(b"".join(pem(one.certificate) for one in (made.root, made.ap_ca, made.smp_ca)))
    return made


def write(folder: Path, name: str, own: Identity) -> tuple[Path, Path]:
    """Writes `NAME.pem`, the certificate and its issuers, and `NAME.key`, which only its owner may read; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(b"".join(map(pem, (own.certificate, *own.issuers))))
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, key


def read(folder: Path, name: str) -> Identity:
    """What `write` wrote.

    Raises CertificateError.
    """
    try:
        certificate, *issuers = x509.load_pem_x509_certificates((folder / f"{name}.pem").read_bytes())
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    except (OSError, ValueError) as fault:
        raise CertificateError(f"{folder / name} is no CA or seat for tests: {fault}; remove the folder, and it is made again") from None
    if not isinstance(key, RSAPrivateKey):
        raise CertificateError(f"{folder / name}.key is no RSA key; remove the folder, and it is made again")
    return Identity(certificate, key, tuple(issuers))


def pem(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM)
