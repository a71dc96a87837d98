"""Encryption: a session key for one message, under the receiver's; the attachment under that, block by block.

Sources: XML Encryption 1.1 (5.2.4 AES-GCM, 5.5.2 RSA-OAEP), SwA profile 1.1 (5.5), Peppol AS4 profile 2.0.3.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from einvoice.errors import CertificateError
from einvoice_peppol.as4 import canonical, signing
from einvoice_peppol.as4.decryption import AES128_GCM, CIPHERTEXT, CONTENT_ONLY, MGF1_SHA256, RSA_OAEP
from einvoice_peppol.as4.message import DS, XENC, XENC11
from einvoice_peppol.pki.identity import common_name
from einvoice_peppol.xmldsig import SHA256 as SHA256_URI

_KEY_BYTES, _NONCE_BYTES = 16, 12
_OF_KEY = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey"
_WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
_METHOD = (
    f'<xenc:EncryptionMethod Algorithm="{RSA_OAEP}"><ds:DigestMethod xmlns:ds="{DS}" Algorithm="{SHA256_URI}"/>'
    f'<xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{MGF1_SHA256}"/></xenc:EncryptionMethod>'
)


def session_key() -> bytes:
    """A new key."""
    return os.urandom(_KEY_BYTES)


def encrypted(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Nonce, ciphertext and tag of plain bytes."""
    nonce = os.urandom(_NONCE_BYTES)
    cipher = Cipher(AES(key), GCM(nonce)).encryptor()
    yield nonce
    for chunk in chunks:
        yield cipher.update(chunk)
    yield cipher.finalize() + cipher.tag


def header(key: bytes, receiver: Certificate, attachment: str, identifier: str) -> str:
    """The parts of WS-Security that say how the attachment (`cid:…`) is encrypted, and for whom; ids begin with `identifier`.

    Raises CertificateError for a receiver without an RSA key.
    """
    public = receiver.public_key()
    if not isinstance(public, RSAPublicKey):
        raise CertificateError(f"the key of {common_name(receiver)} is no RSA key; the network uses no other")
    sealed = base64.b64encode(public.encrypt(key, OAEP(MGF1(SHA256()), SHA256(), None))).decode("ascii")
    token, held, data = f"{identifier}-receiver", f"{identifier}-key", f"{identifier}-data"
    return (
        f'{signing.token(receiver, token)}<xenc:EncryptedKey xmlns:xenc="{XENC}" Id="{held}">{_METHOD}{signing.key_info(token)}'
        f"<xenc:CipherData><xenc:CipherValue>{sealed}</xenc:CipherValue></xenc:CipherData>"
        f'<xenc:ReferenceList><xenc:DataReference URI="#{data}"/></xenc:ReferenceList></xenc:EncryptedKey>'
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" Id="{data}" MimeType="application/gzip" Type="{CONTENT_ONLY}">'
        f'<xenc:EncryptionMethod Algorithm="{AES128_GCM}"/><ds:KeyInfo xmlns:ds="{DS}">'
        f'<wsse:SecurityTokenReference xmlns:wsse11="{_WSSE11}" wsse11:TokenType="{_OF_KEY}"><wsse:Reference URI="#{held}"/>'
        f"</wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData>"
        f'<xenc:CipherReference URI="{canonical.attribute(attachment)}"><xenc:Transforms>'
        f'<ds:Transform xmlns:ds="{DS}" Algorithm="{CIPHERTEXT}"/></xenc:Transforms></xenc:CipherReference></xenc:CipherData>'
        f"</xenc:EncryptedData>"
    )
