"""phase4, the access point that most of the network runs: its servlet receives, its client sends, each in a JVM of its own.

`receiving(own, anchors, ca)` and `sending(own, anchors)` start and stop them. What they say is read as lines of JSON; what they log
stands in a file of their folder. Plain http on this machine; certificates are checked against the CA that is given, revocation is not.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity
from tests.interop import stores
from tests.interop.processes import START, Said, running

_ANSWER = 120.0


class Receiver(NamedTuple):
    """A receiving access point: its address, and what it says."""

    url: str
    said: Said
    dumps: Path

    def received(self, message_id: str) -> dict[str, Any]:
        """What it kept of a message: instance_id, sha256, signer, problems. Raises Broken."""
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
        country: str = "NL",
        mls: tuple[Participant, str] | None = None,
    ) -> dict[str, Any]:
        """Sends a business document, which phase4 wraps in an SBDH itself; what it says of message and receipt. Raises Broken."""
        paths = self.folder / "receiver.pem", self.folder / "document.xml"
        paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        paths[1].write_bytes(document)
        assert self.process.stdin is not None
        self.process.stdin.write("\t".join(map(str, (url, *paths, sender, receiver, kind, process, country, *(mls or ("", ""))))) + "\n")
        self.process.stdin.flush()
        return self.said.wait("sent", _ANSWER)


@contextmanager
def receiving(own: Identity, anchors: Sequence[x509.Certificate], ca: x509.Certificate, folder: Path) -> Iterator[Receiver]:
    """phase4's servlet on a free port; `anchors` are the CAs from the access points' to the root, `ca` issued every sender.

    Raises folders.Absent where it cannot be had, Broken.
    """
    (folder / "ca.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    with running("phase4", "Receiver", [folder / "ca.pem", folder / "dumps"], _properties(own, anchors, folder), folder) as (_, said):
        port = said.wait("listening", START)["port"]
        yield Receiver(f"http://127.0.0.1:{port}/as4", said, folder / "dumps")


@contextmanager
def sending(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Iterator[Sender]:
    """phase4's client. Raises folders.Absent where it cannot be had, Broken."""
    with running("phase4", "Sender", [own.seat, folder / "dumps"], _properties(own, anchors, folder), folder) as (process, said):
        said.wait("ready", START)
        yield Sender(process, said, folder)


def _properties(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Mapping[str, str]:
    """Key and trust store, named as WSS4J does; phase4 keeps nothing beyond its process."""
    keys, trusted = stores.kept(own, anchors, folder)
    merlin = "org.apache.wss4j.crypto.merlin"
    return {
        f"{merlin}.keystore.type": "PKCS12",
        f"{merlin}.keystore.file": str(keys),
        f"{merlin}.keystore.password": stores.WORD,
        f"{merlin}.keystore.alias": stores.ALIAS,
        f"{merlin}.keystore.private.password": stores.WORD,
        f"{merlin}.truststore.type": "PKCS12",
        f"{merlin}.truststore.file": str(trusted),
        f"{merlin}.truststore.password": stores.WORD,
        "phase4.manager.inmemory": "true",
        "global.datapath": str(folder / "data"),
        "phase4.dump.path": str(folder / "dumps"),
        "org.slf4j.simpleLogger.defaultLogLevel": "warn",
    }
