"""The certificates of a file, whatever holds them: PEM, DER, PKCS #7, PKCS #12, a Java key store (JKS), a zip of these.

Passwords protect nothing here: what is trusted is decided by a person who compares fingerprints. So the usual ones are tried.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from einvoice.errors import CertificateError

MOST = 5_000_000
PASSWORDS = (None, "", "peppol", "changeit")
_JKS = b"\xfe\xed\xfe\xed"
_FILES, _CERTIFICATES, _ENTRY = 100, 500, 1_000_000
_BROKEN = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


def read(path: Path, password: str | None = None) -> list[x509.Certificate]:
    """The certificates of a file, each once, in its order.

    Raises CertificateError where there are none, or too many.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST + 1)
    except OSError as fault:
        raise CertificateError(f"{path}: {fault.strerror}") from None
    if len(data) > MOST:
        raise CertificateError(f"{path} is larger than {MOST:,} bytes: no file of certificates is")
    found = list(dict.fromkeys(of(data, password)))
    if not 0 < len(found) <= _CERTIFICATES:
        how = f"{len(found)} certificates" if found else "no certificates that can be read"
        raise CertificateError(f"{path} holds {how}; it takes PEM, DER, PKCS #7, PKCS #12, JKS, or a zip of these")
    return found


def of(data: bytes, password: str | None = None) -> list[x509.Certificate]:
    """The certificates of bytes; none where they are nothing that is known."""
    try:
        if data.startswith(b"PK\x03\x04"):
            return [one for inner in _zipped(data) for one in of(inner, password)]
        if data.startswith(_JKS):
            return list(_jks(data))
        if b"-----BEGIN PKCS7" in data:
            return pkcs7.load_pem_pkcs7_certificates(data)
        if b"-----BEGIN CERTIFICATE" in data:
            return x509.load_pem_x509_certificates(data)
    except (*_BROKEN, struct.error, UnicodeDecodeError, zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError):
        return []
    return _der(data, password)


def _der(data: bytes, password: str | None) -> list[x509.Certificate]:
    """One certificate, PKCS #7 or PKCS #12: each begins alike."""
    try:
        return [x509.load_der_x509_certificate(data)]
    except _BROKEN:
        pass
    try:
        return pkcs7.load_der_pkcs7_certificates(data)
    except _BROKEN:
        return _pkcs12(data, (password,) if password is not None else PASSWORDS)


def _pkcs12(data: bytes, passwords: tuple[str | None, ...]) -> list[x509.Certificate]:
    for word in passwords:
        try:
            held = pkcs12.load_pkcs12(data, None if word is None else word.encode())
        except _BROKEN:
            continue
        return [one.certificate for one in (held.cert, *held.additional_certs) if one is not None]
    return []


def _zipped(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        for entry in held.infolist()[:_FILES]:
            if not entry.is_dir():
                with held.open(entry) as stream:
                    inner = stream.read(_ENTRY)
                if not inner.startswith(b"PK\x03\x04"):
                    yield inner


def _jks(data: bytes) -> Iterator[x509.Certificate]:
    """The trusted certificates of a Java key store: after a header, entries of kind 2; keys (kind 1) are passed over."""
    stream = io.BytesIO(data)
    _, version, count = struct.unpack(">III", stream.read(12))
    for _ in range(min(count, _CERTIFICATES)):
        (kind,) = struct.unpack(">I", stream.read(4))
        _counted(stream, ">H")  # its name
        stream.read(8)  # when it was put there
        chain = 1
        if kind == 1:
            _counted(stream, ">I")  # the key, under a password
            (chain,) = struct.unpack(">I", stream.read(4))
        for _ in range(min(chain, _CERTIFICATES)):
            if version == 2:
                _counted(stream, ">H")  # the kind of certificate: X.509
            certificate = _counted(stream, ">I")
            if kind == 2:
                yield x509.load_der_x509_certificate(certificate)


def _counted(stream: io.BytesIO, form: str) -> bytes:
    (length,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    return stream.read(min(length, MOST))
