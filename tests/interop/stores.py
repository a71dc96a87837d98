"""Key and trust stores as Java reads them (PKCS #12), of identities for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from einvoice_peppol.pki.identity import Identity

WORD = "peppol"
ALIAS = "cert"


def kept(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> tuple[Path, Path]:
    """The stores of an identity and of whom it trusts, in a folder; both open with WORD."""
    secret = BestAvailableEncryption(WORD.encode())
    keys, trusted = folder / "keys.p12", folder / "trusted.p12"
    keys.write_bytes(pkcs12.serialize_key_and_certificates(ALIAS.encode(), own.key, own.certificate, [*own.issuers], secret))
    entries = [pkcs12.PKCS12Certificate(anchor, f"ca{number}".encode()) for number, anchor in enumerate(anchors)]
    trusted.write_bytes(pkcs12.serialize_java_truststore(entries, secret))
    return keys, trusted
