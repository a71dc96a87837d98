"""Our identity from files: a certificate and its key, in PEM (together or apart) or PKCS #12, the key under a password or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key, pkcs12

from einvoice.errors import CertificateError
from einvoice.settings.peppol import Peppol
from einvoice_peppol.pki import judging
from einvoice_peppol.pki.identity import Identity

_MOST = 1_000_000
_READABLE = 0o077


def load(settings: Peppol, now: datetime | None = None) -> Identity:
    """The identity of [peppol] certificate, key and key_password, valid now (at a moment that is given).

    Raises CertificateError, or SettingsError where the password cannot be found.
    """
    own = stated(settings)
    try:
        judging.valid_at(own.certificate, now or datetime.now(UTC))
    except CertificateError as fault:
        raise CertificateError(f"{fault}; name its successor in [peppol] certificate") from None
    return own


def stated(settings: Peppol) -> Identity:
    """The same, valid or not.

    Raises as load does.
    """
    if settings.certificate is None:
        raise CertificateError("no certificate is named; write [peppol] certificate = FILE (PEM or PKCS #12), and key where it is apart")
    password = settings.key_password.reveal() if settings.key_password else None
    return read(settings.certificate, settings.key, password)


@judging.guarded
def read(certificate: Path, key: Path | None = None, password: str | None = None) -> Identity:
    """The identity of files; the certificate is the one that the key belongs to, its issuers those that stand beside it.

    Raises CertificateError where they cannot be read, do not belong together, or the certificate is none of a seat.
    """
    data = _data(certificate)
    if b"-----BEGIN" in data:
        held = _key(_data(key) if key else data, key or certificate, password)
        return _together(held, list(x509.load_pem_x509_certificates(data)), certificate)
    private, found = _pkcs12(data, certificate, password)
    return _together(_key(_data(key), key, password) if key else private, found, certificate)


def is_exposed(path: Path) -> bool:
    """Whether others than its owner may read a file, as far as the system knows."""
    try:
        return bool(path.stat().st_mode & _READABLE)
    except OSError:
        return False


def _together(private: RSAPrivateKey | None, found: Sequence[x509.Certificate], path: Path) -> Identity:
    if private is None:
        raise CertificateError(f"{path} has no key; name its file in [peppol] key")
    numbers = private.public_key().public_numbers()
    own = [one for one in found if judging.public(one).public_numbers() == numbers]
    if not own:
        raise CertificateError(f"none of the {len(found)} certificates of {path} belongs to the key")
    judging.leaf(own[0], "ap")
    judging.seat(own[0])
    return Identity(own[0], private, tuple(one for one in found if one is not own[0]))


def _key(data: bytes, path: Path, password: str | None) -> RSAPrivateKey:
    """The key (PEM or DER) of a file; a password that it does not need is no fault."""
    load_key = load_pem_private_key if b"-----BEGIN" in data else load_der_private_key
    try:
        try:
            key = load_key(data, password.encode() if password else None)
        except TypeError:
            if not password:
                raise CertificateError(f"the key of {path} has a password; name it in [peppol] key_password = 'env:NAME'") from None
            key = load_key(data, None)
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise CertificateError(f"the key of {path} cannot be read: {_words(fault)}; is [peppol] key_password right?") from None
    if not isinstance(key, RSAPrivateKey):
        raise CertificateError(f"the key of {path} is not an RSA key, as the network's certificates have")
    return key


def _pkcs12(data: bytes, path: Path, password: str | None) -> tuple[RSAPrivateKey | None, list[x509.Certificate]]:
    try:
        key, own, others = pkcs12.load_key_and_certificates(data, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        try:
            return None, [x509.load_der_x509_certificate(data)]
        except ValueError:
            said = f"{path} is neither PEM, DER nor PKCS #12, or has another password: {_words(fault)}"
            raise CertificateError(said) from None
    if key is not None and not isinstance(key, RSAPrivateKey):
        raise CertificateError(f"the key of {path} is not an RSA key, as the network's certificates have")
    return key, [one for one in (own, *others) if one is not None]


def _data(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST + 1)
    except OSError as fault:
        raise CertificateError(f"{path}: {fault.strerror}") from None
    if len(data) > _MOST:
        raise CertificateError(f"{path} is larger than any certificate")
    return data


def _words(fault: Exception) -> str:
    return str(fault)[:200] or type(fault).__name__
