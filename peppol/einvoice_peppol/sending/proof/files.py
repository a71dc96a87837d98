"""The names of the files of an archive and what each is, and the facts that both directions state."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Row

DOCUMENT = ("document.xml", "the business document, as it was submitted or received")
WRAPPED = ("sbdh.xml", "the document in its envelope (SBDH), as it was signed")
PAYLOAD = ("payload.gz", "the envelope packed: the very bytes whose SHA-256 the signature states for the attachment")
MESSAGE = ("message.mime", "the body of the HTTP request, as it was sent (encrypted for the receiver)")
ENVELOPE = ("envelope.xml", "the SOAP envelope of the message, with the signature of who sent it")
RECEIPT = ("receipt", "the receipt, as it came or as we gave it")
SENDER = ("sender.pem", "the certificate that the message is signed with")
RECEIVER = ("receiver.pem", "the certificate of the receiving access point, which signs the receipt")
HOW_TO = (Path(__file__).parent / "how-to-verify.txt").read_text("utf-8")


class Filled(NamedTuple):
    """What the manifest states of a message besides its files, and how to verify it in words."""

    facts: dict[str, Any]
    how: str


def common(row: Row[Any]) -> dict[str, Any]:
    """What is stated of a message in either direction."""
    names = ("message_id", "instance_id", "kind", "via", "state", "reason", "sender", "receiver", "country", "access_point")
    kinds = ("document_scheme", "document_type", "process_scheme", "process")
    return {name: getattr(row, name) for name in (*names, *kinds)}


def moment(at: datetime | None) -> str | None:
    """A moment as ISO 8601, UTC."""
    return None if at is None else at.isoformat()


def about_certificate(pem: str) -> dict[str, Any]:
    """What a certificate says of itself."""
    found = x509.load_pem_x509_certificate(pem.encode("ascii"))
    return {
        "subject": found.subject.rfc4514_string(),
        "issuer": found.issuer.rfc4514_string(),
        "serial": f"{found.serial_number:x}",
        "valid_from": moment(found.not_valid_before_utc),
        "valid_until": moment(found.not_valid_after_utc),
        "sha256": found.fingerprint(SHA256()).hex(),
    }
