"""phase4, the access point that most of the network runs: its servlet receives, its client sends, each in a JVM of its own.

`receiving(own, anchors, ca)` and `sending(own, anchors)` start and stop them. What they say is read as lines of JSON; what they log
stands in a file of their folder. Plain http on this machine; certificates are checked against the CA that is given, revocation is not.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity
from tests.interop import maven

_WORD = "peppol"
_START = 60.0  # seconds until a JVM listens, on a busy machine
_ANSWER = 60.0


class Broken(Exception):
    """A peer ended, or did not say what it must; the message has the end of its log."""


class Said:
    """The lines of a peer's standard output, read while it runs."""

    def __init__(self, output: IO[str], log: Path) -> None:
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._log = log
        self.all: list[dict[str, Any]] = []
        threading.Thread(target=self._read, args=(output,), daemon=True).start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def wait(self, event: str, patience: float, **values: object) -> dict[str, Any]:
        """The next line of an event with these values; lines that come before it are kept in `all`. Raises Broken."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise Broken(f"the peer ended: {self._tail()}")
            self.all.append(line)
            if line["event"] == event and all(line.get(name) == value for name, value in values.items()):
                return line
        raise Broken(f"the peer did not say {event} within {patience} s: {self._tail()}")

    def _tail(self) -> str:
        return self._log.read_text("utf-8", errors="replace")[-2_000:]


class Receiver(NamedTuple):
    """A receiving access point: its address, and what it says."""

    url: str
    said: Said
    dumps: Path

    def received(self, message_id: str) -> dict[str, Any]:
        """What it kept of a message: instance_id, sha256, signer, problems. Raises Broken."""
        known = [line for line in self.said.all if line["event"] == "received" and line["message_id"] == message_id]
        return known[0] if known else self.said.wait("received", _ANSWER, message_id=message_id)


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
    ) -> dict[str, Any]:
        """Sends a business document, which phase4 wraps in an SBDH itself; what it says of message and receipt. Raises Broken."""
        paths = self.folder / "receiver.pem", self.folder / "document.xml"
        paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        paths[1].write_bytes(document)
        assert self.process.stdin is not None
        self.process.stdin.write("\t".join(map(str, (url, *paths, sender, receiver, kind, process, country))) + "\n")
        self.process.stdin.flush()
        return self.said.wait("sent", _ANSWER)


@contextmanager
def receiving(own: Identity, anchors: Sequence[x509.Certificate], ca: x509.Certificate, folder: Path) -> Iterator[Receiver]:
    """phase4's servlet on a free port; `anchors` are the CAs from the access points' to the root, `ca` issued every sender.

    Raises maven.Absent where it cannot be had, Broken.
    """
    (folder / "ca.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    with _running("Receiver", own, anchors, [folder / "ca.pem", folder / "dumps"], folder) as (_, said):
        port = said.wait("listening", _START)["port"]
        yield Receiver(f"http://127.0.0.1:{port}/as4", said, folder / "dumps")


@contextmanager
def sending(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Iterator[Sender]:
    """phase4's client. Raises maven.Absent where it cannot be had, Broken."""
    with _running("Sender", own, anchors, [own.seat, folder / "dumps"], folder) as (process, said):
        said.wait("ready", _START)
        yield Sender(process, said, folder)


@contextmanager
def _running(
    main: str, own: Identity, anchors: Sequence[x509.Certificate], arguments: Sequence[str | Path], folder: Path
) -> Iterator[tuple[subprocess.Popen[str], Said]]:
    libraries = maven.built("phase4")
    log = folder / f"{main}.log"
    with log.open("wb") as logged:
        process = maven.started(libraries, main, arguments, _properties(own, anchors, folder), logged)
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process, Said(process.stdout, log)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _properties(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Mapping[str, str]:
    """Key and trust store, named as WSS4J does; phase4 keeps nothing beyond its process."""
    secret = BestAvailableEncryption(_WORD.encode())
    keys, trusted = folder / "keys.p12", folder / "trusted.p12"
    keys.write_bytes(pkcs12.serialize_key_and_certificates(b"cert", own.key, own.certificate, [*own.issuers], secret))
    entries = [pkcs12.PKCS12Certificate(anchor, f"ca{number}".encode()) for number, anchor in enumerate(anchors)]
    trusted.write_bytes(pkcs12.serialize_java_truststore(entries, secret))
    merlin = "org.apache.wss4j.crypto.merlin"
    return {
        f"{merlin}.keystore.type": "PKCS12",
        f"{merlin}.keystore.file": str(keys),
        f"{merlin}.keystore.password": _WORD,
        f"{merlin}.keystore.alias": "cert",
        f"{merlin}.keystore.private.password": _WORD,
        f"{merlin}.truststore.type": "PKCS12",
        f"{merlin}.truststore.file": str(trusted),
        f"{merlin}.truststore.password": _WORD,
        "phase4.manager.inmemory": "true",
        "global.datapath": str(folder / "data"),
        "phase4.dump.path": str(folder / "dumps"),
        "org.slf4j.simpleLogger.defaultLogLevel": "warn",
    }
