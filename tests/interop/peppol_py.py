"""peppol-py 1.2.5, a sender by other people: looks the receiver up, builds the message, posts it, and judges the answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from einvoice_peppol.pki.identity import Identity
from tests.interop import environments
from tests.interop.processes import Broken

ZONE = "participant.sml.test.tech.peppol.org."
"""The zone that peppol-py asks; a test's server of the DNS must have it."""
_HERE = Path(__file__).parent
_PATIENCE = 120


def send(document: bytes, own: Identity, receiver: x509.Certificate, dns: str, folder: Path) -> dict[str, Any]:
    """Sends an invoice to whom it names; `dns` is the server that knows the receiver (`127.0.0.1:5353`).

    What peppol-py says: `accepted`, and `sent` with the address, the status and the answer. Raises folders.Absent where it cannot be
    had, Broken.
    """
    python = environments.python("peppol-py", "peppol-py==1.2.5", "xmlsec==1.3.17")
    host, _, port = dns.rpartition(":")
    asked = {**_files(document, own, receiver, folder), "xmlsec1": str(_xmlsec1(python, folder)), "dns": [host, int(port)]}
    command: list[str | Path] = [python, "-P", _HERE / "peppol_py_driver.py"]
    ran = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if ran.returncode:
        raise Broken(f"peppol-py ended with {ran.returncode}: {ran.stderr[-2_000:]}")
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


def _files(document: bytes, own: Identity, receiver: x509.Certificate, folder: Path) -> dict[str, str]:
    contents = {
        "document": document,
        "key": own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "certificate": own.certificate.public_bytes(Encoding.PEM),
        "receiver": receiver.public_bytes(Encoding.PEM),
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {name: str(folder / name) for name in contents}


def _xmlsec1(python: Path, folder: Path) -> Path:
    """An executable `xmlsec1` of the environment."""
    program = folder / "xmlsec1"
    program.write_text(f'#!/bin/sh\nexec "{python}" "{_HERE / "xmlsec1.py"}" "$@"\n', "utf-8")
    program.chmod(0o755)
    return program
