"""Says everything about a message that came: who sent what to whom, what became of it, and what proves it.

The proof is the SOAP envelope with its signature, the certificate that made it, and our receipt; `export` writes each."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Row

USAGE = "MESSAGE"
EXAMPLES = """\
  einvoice inbox show 17
  einvoice inbox show 17 --format json
"""


def options(parser: ArgumentParser) -> None:
    """What `inbox show` understands."""
    from einvoice.cli.inbox.common import format_option, message_argument

    message_argument(parser)
    format_option(parser)


def run(options: Namespace) -> int:
    """Prints it."""
    from einvoice.cli.inbox.common import as_json, clean, looking
    from einvoice.cli.printing import json_text
    from einvoice_peppol.inbox import browsing

    with looking() as connection:
        row = browsing.find(connection, options.message)
    found = as_json(row) | {"certificate": _certificate(row), "proof": _proof(row)}
    if options.format == "json":
        print(json_text(found, indent=1))
        return 0
    for name, value in found.items():
        if value not in (None, {}):
            shown = ", ".join(f"{key} {what}" for key, what in value.items()) if isinstance(value, dict) else value
            print(f"{name.replace('_', ' '):<14}  {clean(shown)}")
    return 0


def _certificate(row: Row[Any]) -> dict[str, str] | None:
    if not row.certificate:
        return None
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(row.certificate.encode("ascii"))
    return {
        "subject": certificate.subject.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "sha256": certificate.fingerprint(SHA256()).hex(),
    }


def _proof(row: Row[Any]) -> dict[str, str]:
    """The SHA-256 of each part that proves the message."""
    from hashlib import sha256

    parts = {"envelope": row.envelope, "receipt": row.receipt}
    return {name: f"sha256:{sha256(data).hexdigest()}" for name, data in parts.items() if data}
