"""A real responder on this machine: OCSP by POST at /ocsp, revocation lists below /crl, as CAs for tests say; one that can misbehave.

with responder.running() as said:
    network = testing.network(ocsp=said.ocsp_url, crl=said.crl_url)
    said.serves(network)
    said.revoked.add(network.access_point().certificate.serial_number)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography import x509
from cryptography.x509 import ocsp

from einvoice_peppol.pki import answering
from einvoice_peppol.pki.answering import Saying
from einvoice_peppol.pki.identity import Identity
from einvoice_peppol.pki.testing import TestNetwork


class Responder:
    """Answers for the CAs of a network. `ocsp` and `crl` are how it does, None: with status 503; `raw` bytes stand in for either.

    `revoked` are serial numbers; `asked` counts the questions by way, `delay` is in seconds.
    """

    def __init__(self) -> None:
        self.cas: dict[str, Identity] = {}
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0)
        self.ocsp: Saying | None = Saying()
        self.crl: Saying | None = Saying()
        self.revoked: set[int] = set()
        self.extensions: tuple[x509.ExtensionType, ...] = ()
        self.raw: bytes | None = None
        self.delay = 0.0
        self.asked = {"ocsp": 0, "crl": 0}
        self.port = 0

    def serves(self, network: TestNetwork) -> None:
        """Answers for a network's CAs."""
        self.cas = {"root": network.root, "ap": network.ap_ca, "smp": network.smp_ca}

    @property
    def ocsp_url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}/ocsp"

    @property
    def crl_url(self) -> str:
        """Below what the lists are."""
        return f"http://127.0.0.1:{self.port}/crl"

    def answer(self, path: str, body: bytes) -> bytes | None:
        """What it answers, None: that it cannot."""
        way = "ocsp" if path == "/ocsp" else "crl"
        self.asked[way] += 1
        time.sleep(self.delay)
        saying = self.ocsp if way == "ocsp" else self.crl
        if saying is None or self.raw is not None:
            return self.raw if saying is not None else None
        if way == "crl":
            ca = self.cas[path.removeprefix("/crl/").removesuffix(".crl")]
            return answering.revocation_list(ca, self.now(), self.revoked, saying, self.extensions)
        asked = ocsp.load_der_ocsp_request(body)
        ca = next(ca for ca in self.cas.values() if self._is_of(asked, ca))
        status = "revoked" if asked.serial_number in self.revoked else saying.status
        return answering.ocsp_answer(asked, ca, self.now(), saying._replace(status=status))

    @staticmethod
    def _is_of(asked: ocsp.OCSPRequest, ca: Identity) -> bool:
        made = ocsp.OCSPRequestBuilder().add_certificate(ca.certificate, ca.certificate, asked.hash_algorithm).build()
        return made.issuer_key_hash == asked.issuer_key_hash


@contextmanager
def running() -> Iterator[Responder]:
    """A responder; tell it whom it serves when the certificates that name it are made."""
    responder = Responder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])))

        def do_GET(self) -> None:
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            found = responder.answer(self.path, body)
            self.send_response(503 if found is None else 200)
            self.send_header("content-length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    responder.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield responder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
