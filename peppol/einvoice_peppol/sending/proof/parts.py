"""Parts of a message taken out of it again: the packed payload that was signed, the SOAP envelope, the certificate within."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from einvoice_peppol.as4 import mime, packaging
from einvoice_peppol.as4.message import DS, WSSE, WSU, Reference
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.sending.proof import files
from einvoice_peppol.sending.proof.archive import Archive

_LONGEST = 1_000_000
_STEP = 1 << 20


def add_envelope(archive: Archive, content_type: str, message: BinaryIO) -> dict[str, Any]:
    """Adds the SOAP envelope of a message, and the certificate that signs it."""
    envelope = next(iter(mime.related(content_type, message))).read(_LONGEST)
    archive.add(*files.ENVELOPE, envelope)
    pem = signer(envelope)
    if pem is None:
        return {}
    archive.add(*files.SENDER, pem.encode("ascii"))
    return {"sender_certificate": files.about_certificate(pem)}


def signer(envelope: bytes) -> str | None:
    """The certificate of an envelope of ours that its signature names (PEM); None where it names none."""
    root = etree.fromstring(envelope, etree.XMLParser(resolve_entities=False, no_network=True))
    named = root.find(f".//{{{DS}}}Signature//{{{WSSE}}}Reference")
    wanted = "" if named is None else str(named.get("URI", "")).removeprefix("#")
    for token in root.iter(f"{{{WSSE}}}BinarySecurityToken"):
        if token.get(f"{{{WSU}}}Id") == wanted and token.text:
            certificate = x509.load_der_x509_certificate(base64.b64decode("".join(token.text.split())))
            return certificate.public_bytes(Encoding.PEM).decode("ascii")
    return None


def attachment(references: Sequence[Reference]) -> Reference | None:
    """What a signature says of the attachment; None where it covers none."""
    return next((each for each in references if each.uri.startswith("cid:")), None)


def digest(stream: BinaryIO) -> str:
    """The SHA-256 of a stream in Base64, as a signature states it."""
    hashed = hashlib.sha256()
    while chunk := stream.read(_STEP):
        hashed.update(chunk)
    return base64.b64encode(hashed.digest()).decode("ascii")


def add_payload(archive: Archive, wrapped: BinaryIO, references: Sequence[Reference], bodies: Bodies) -> bool:
    """Adds the packed envelope, whose hash the signature states; not where another release packed it to other bytes."""
    stated = attachment(references)
    with bodies.scratch() as packed:
        if stated is None or packaging.pack(wrapped, packed) != stated.digest:
            return False
        packed.seek(0)
        archive.add(*files.PAYLOAD, packed, packed=False)
    return True
