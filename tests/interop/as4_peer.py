"""`as4` 0.2.0, an implementation of the profile by other people, as an access point that receives or sends, in its own environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity
from tests.interop import environments
from tests.interop.processes import START, Said, spoken

_DRIVER = Path(__file__).parent / "as4_driver.py"
_ANSWER = 60.0


class Receiver(NamedTuple):
    """A receiving access point: its address, and what it says."""

    url: str
    said: Said

    def received(self, message_id: str) -> dict[str, Any]:
        """What it kept of a message: accepted, sha256, seat, sender, receiver. Raises Broken."""
        return self.said.about("received", _ANSWER, message_id=message_id)


class Sender(NamedTuple):
    """A sending access point."""

    process: subprocess.Popen[str]
    said: Said
    folder: Path

    def send(
        self,
        url: str,
        certificate: x509.Certificate,
        document: bytes,
        sender: Participant,
        receiver: Participant,
        kind: DocumentType,
        process: Process,
        *,
        instance_id: str,
        country: str = "NL",
    ) -> dict[str, Any]:
        """Sends a business document, which `as4` wraps itself; what it says of the answer. Raises Broken."""
        paths = {"certificate": self.folder / "receiver.pem", "document": self.folder / "document.xml"}
        paths["certificate"].write_bytes(certificate.public_bytes(Encoding.PEM))
        paths["document"].write_bytes(document)
        asked = {"url": url, "sender": sender.id, "receiver": receiver.id, "kind": kind.value, "process": process.value}
        asked |= {name: str(path) for name, path in paths.items()} | {"instance_id": instance_id, "country": country}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self.said.wait("sent", _ANSWER)


@contextmanager
def receiving(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Iterator[Receiver]:
    """`as4` on a free port; `anchors` are the CAs from the access points' to the root. Raises folders.Absent, Broken."""
    with _running("receive", own, anchors, folder) as (_, said):
        yield Receiver(f"http://127.0.0.1:{said.wait('listening', START)['port']}/as4", said)


@contextmanager
def sending(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Iterator[Sender]:
    """`as4` as a client. Raises folders.Absent, Broken."""
    with _running("send", own, anchors, folder) as (process, said):
        said.wait("ready", START)
        yield Sender(process, said, folder)


@contextmanager
def _running(what: str, own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Iterator[tuple[subprocess.Popen[str], Said]]:
    python = environments.python("as4", "as4==0.2.0")
    (folder / "own.pem").write_bytes(own.certificate.public_bytes(Encoding.PEM))
    (folder / "own.key").write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "ca.pem").write_bytes(b"".join(anchor.public_bytes(Encoding.PEM) for anchor in anchors))
    with spoken([python, "-P", _DRIVER, what, folder], folder / f"as4-{what}.log") as running:
        yield running
