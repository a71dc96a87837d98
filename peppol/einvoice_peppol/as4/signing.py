"""The signature of a message or signal: WS-Security with the signer's certificate as a token (WSS 1.1.1, X.509 token profile)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from einvoice_peppol.as4 import canonical
from einvoice_peppol.as4.message import DS, EXCLUSIVE, SOAP, WSSE, WSU, Reference
from einvoice_peppol.as4.verification import BASE64, X509_V3
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.xmldsig import RSA_SHA256

_INFO = (
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
    f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"></ds:SignatureMethod>{{}}</ds:SignedInfo>'
)


def token(certificate: Certificate, identifier: str) -> str:
    """A certificate as a BinarySecurityToken."""
    data = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
    return (
        f'<wsse:BinarySecurityToken EncodingType="{BASE64}" ValueType="{X509_V3}" wsu:Id="{identifier}">{data}</wsse:BinarySecurityToken>'
    )


def key_info(identifier: str) -> str:
    """A ds:KeyInfo that refers to a token directly."""
    named = f'<wsse:Reference URI="#{identifier}" ValueType="{X509_V3}"/>'
    return f'<ds:KeyInfo xmlns:ds="{DS}"><wsse:SecurityTokenReference>{named}</wsse:SecurityTokenReference></ds:KeyInfo>'


def signature(references: Sequence[Reference], own: Identity, identifier: str) -> str:
    """A ds:Signature over references, by our key; `identifier` is the Id of our token."""
    info = _INFO.format("".join(map(canonical.as_xml, references)))
    value = base64.b64encode(own.key.sign(info.encode(), PKCS1v15(), SHA256())).decode("ascii")
    return f'<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue>{key_info(identifier)}</ds:Signature>'


def envelope(messaging: str, body: str, security: str) -> bytes:
    """The envelope of SOAP 1.2 around the two signed blocks; `security` are the parts of WS-Security, empty for none."""
    guarded = (
        f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" S12:mustUnderstand="true">{security}</wsse:Security>' if security else ""
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<S12:Envelope xmlns:S12="{SOAP}"><S12:Header>{messaging}{guarded}</S12:Header>'
        f"{body}</S12:Envelope>"
    ).encode()
