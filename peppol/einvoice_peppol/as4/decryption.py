"""Decryption: the session key with ours, the attachment with that key, and nothing used before its tag was checked.

Sources: XML Encryption 1.1 (5.2.4 AES-GCM, 5.5.2 RSA-OAEP), SwA profile 1.1 (5.5), CEF eDelivery AS4 1.14 (3.2.6). Whatever goes wrong
with keys and ciphertext has the same words: which step failed is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from einvoice.errors import SignatureError
from einvoice_peppol import xmldsig
from einvoice_peppol.as4 import ebms
from einvoice_peppol.as4.envelope import elements
from einvoice_peppol.as4.message import DS, WSSE, XENC, XENC11
from einvoice_peppol.as4.verification import Security, token
from einvoice_peppol.pki.identity import Identity

RSA_OAEP = f"{XENC11}rsa-oaep"
MGF1_SHA256 = f"{XENC11}mgf1sha256"
AES128_GCM = f"{XENC11}aes128-gcm"
_SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"
CONTENT_ONLY = f"{_SWA}Attachment-Content-Only"
CIPHERTEXT = f"{_SWA}Attachment-Ciphertext-Transform"
_NONCE, _TAG, _KEY = 12, 16, 16
_FAILED = "the payload cannot be decrypted"


class Encrypted(NamedTuple):
    """What the envelope says of an encrypted attachment: the session key under ours, and the attachment (`cid:…`)."""

    key: bytes
    attachment: str


def read(parts: Security, own: Identity) -> Encrypted:
    """What is encrypted, for whom and how.

    Raises Refused: EBMS:0103 where nothing is, or by other algorithms than the network's, EBMS:0102 where it is for somebody else.
    """
    if parts.key is None or parts.data is None:
        _policy("the message is not encrypted")
    kinds = _children(parts.key, f"{{{XENC}}}EncryptionMethod", f"{{{DS}}}KeyInfo", f"{{{XENC}}}CipherData", f"{{{XENC}}}ReferenceList")
    _oaep(kinds[0])
    if token(parts, kinds[1], ebms.FAILED_DECRYPTION) != own.certificate.public_bytes(Encoding.DER):
        _fail("the session key is encrypted for another certificate than ours")
    (value,) = _children(kinds[2], f"{{{XENC}}}CipherValue")
    (reference,) = _children(kinds[3], f"{{{XENC}}}DataReference")
    if not parts.data.get("Id") or reference.get("URI") != f"#{parts.data.get('Id')}":
        _fail("the session key is not that of the encrypted payload")
    try:
        return Encrypted(xmldsig.base64_of(value), _attachment(parts))
    except SignatureError:
        _fail("the session key is not Base64")


def session_key(encrypted: Encrypted, own: Identity) -> bytes:
    """The session key.

    Raises Refused (EBMS:0102).
    """
    try:
        key = own.key.decrypt(encrypted.key, OAEP(MGF1(SHA256()), SHA256(), None))
    except ValueError:
        _fail(_FAILED)
    if len(key) != _KEY:
        _fail(_FAILED)
    return key


def decrypted(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The plain bytes of nonce, ciphertext and tag. They are worth nothing until the last one came: only then the tag is checked.

    Raises Refused (EBMS:0102) at the end, where it does not fit.
    """
    source = iter(chunks)
    held = b""
    while len(held) < _NONCE + _TAG:
        if (chunk := next(source, None)) is None:
            _fail(_FAILED)
        held += chunk
    cipher = Cipher(AES(key), GCM(held[:_NONCE])).decryptor()
    held = held[_NONCE:]
    yield cipher.update(held[:-_TAG])
    held = held[-_TAG:]
    for chunk in source:
        held += chunk
        yield cipher.update(held[:-_TAG])
        held = held[-_TAG:]
    try:
        yield cipher.finalize_with_tag(held)
    except (InvalidTag, ValueError):
        _fail(_FAILED)


def _oaep(method: etree._Element) -> None:
    parts = elements(method, ebms.POLICY_NONCOMPLIANCE)
    stated = sorted((part.tag, part.get("Algorithm", "")) for part in parts)
    wanted = [(f"{{{DS}}}DigestMethod", xmldsig.SHA256), (f"{{{XENC11}}}MGF", MGF1_SHA256)]
    if method.get("Algorithm") != RSA_OAEP or stated != wanted:
        _policy("the session key is not encrypted by RSA-OAEP with SHA-256 and MGF1 with SHA-256")


def _attachment(parts: Security) -> str:
    data, key = parts.data, parts.key
    assert data is not None
    assert key is not None
    if data.get("Type") != CONTENT_ONLY:
        _policy("what is encrypted is not the content of an attachment")
    method, key_info, cipher_data = _children(data, f"{{{XENC}}}EncryptionMethod", f"{{{DS}}}KeyInfo", f"{{{XENC}}}CipherData")
    if method.get("Algorithm") != AES128_GCM or elements(method, ebms.POLICY_NONCOMPLIANCE):
        _policy("the payload is not encrypted by AES-128-GCM")
    (about,) = _children(key_info, f"{{{WSSE}}}SecurityTokenReference")
    (named,) = _children(about, f"{{{WSSE}}}Reference")
    if not key.get("Id") or named.get("URI") != f"#{key.get('Id')}":
        _fail("the payload is encrypted by another key than the message's")
    (reference,) = _children(cipher_data, f"{{{XENC}}}CipherReference")
    (transforms,) = _children(reference, f"{{{XENC}}}Transforms")
    (transform,) = _children(transforms, f"{{{DS}}}Transform")
    if transform.get("Algorithm") != CIPHERTEXT or elements(transform, ebms.POLICY_NONCOMPLIANCE):
        _policy("the payload is encrypted by another transform than that of attachments")
    return str(reference.get("URI", ""))


def _children(parent: etree._Element, *names: str) -> list[etree._Element]:
    parts = elements(parent, ebms.FAILED_DECRYPTION)
    if [part.tag for part in parts] != list(names):
        wanted = ", ".join(etree.QName(name).localname for name in names)
        _fail(f"{etree.QName(parent).localname} does not hold exactly {wanted}")
    return parts


def _policy(why: str) -> NoReturn:
    raise ebms.Refused(ebms.POLICY_NONCOMPLIANCE, why)


def _fail(why: str) -> NoReturn:
    raise ebms.Refused(ebms.FAILED_DECRYPTION, why)
