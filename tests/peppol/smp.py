"""A real SMP for tests, over HTTP on this machine, that signs with the identity that it is given, and can misbehave.

    with smp.serving(network.smp("PSMP00001")) as server:
        server.register(participant, document, process, url="http://127.0.0.1:9000/as4", certificate=identity.certificate)
        sml.register(participant, server.url)

What is registered may be changed at any time; each question is answered anew. To misbehave: `server.status = 500`,
`server.alter = lambda signed: …` (bytes after they were signed), `server.inner = lambda text: …` (text before it is signed),
`server.signing = Signing(digest=…)`, `server.identity = …`, `server.delay = 3.0` (seconds before an answer).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

from cryptography.x509 import Certificate

from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity
from tests.peppol import smp_documents as documents
from tests.peppol.smp_documents import AS4, Endpoint, Signing

_Services = dict[DocumentType, list[tuple[Process, list[Endpoint]]]]


class Smp:
    """The server: whom it knows, how it behaves, the paths that it was asked for."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.signing = Signing()
        self.status: int | None = None
        self.alter: Callable[[bytes], bytes] = bytes
        self.inner: Callable[[str], str] = str
        self.delay = 0.0
        self.asked: list[str] = []
        self._known: dict[str, tuple[Participant, _Services]] = {}
        self._redirects: dict[tuple[str, str], tuple[str, str]] = {}
        self._server = _server(self)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def url_of(self, participant: Participant, document: DocumentType) -> str:
        """The address of a participant's document type."""
        return f"{self.url}/{quote(str(participant), safe='')}/services/{quote(str(document), safe='')}"

    def know(self, participant: Participant) -> None:
        """Registers a participant that takes nothing yet."""
        self._known.setdefault(str(participant).lower(), (participant, {}))

    def register(
        self,
        participant: Participant,
        document: DocumentType,
        process: Process,
        *,
        url: str,
        certificate: Certificate | str,
        activation: datetime | str | None = None,
        expiration: datetime | str | None = None,
        profile: str = AS4,
    ) -> None:
        """Adds an endpoint; `certificate` is one, or any text that is to stand in its place."""
        self.know(participant)
        processes = self._known[str(participant).lower()][1].setdefault(document, [])
        stated = certificate if isinstance(certificate, str) else documents.encoded(certificate)
        endpoint = Endpoint(url, stated, activation, expiration, profile)
        for known, endpoints in processes:
            if known == process:
                endpoints.append(endpoint)
                return
        processes.append((process, [endpoint]))

    def redirect(self, participant: Participant, document: DocumentType, href: str, uid: str) -> None:
        """Sends whoever asks for a document type to another SMP."""
        self.know(participant)
        self._known[str(participant).lower()][1].setdefault(document, [])
        self._redirects[str(participant).lower(), str(document)] = (href, uid)

    def forget(self, participant: Participant, document: DocumentType | None = None) -> None:
        """Takes a document type out, or the whole participant."""
        if document is None:
            self._known.pop(str(participant).lower(), None)
        else:
            self._known[str(participant).lower()][1].pop(document, None)

    def rename(self, asked: Participant, answered: Participant) -> None:
        """Answers for one participant with what is registered for another."""
        self._known[str(asked).lower()] = self._known[str(answered).lower()]

    def start(self) -> None:
        """Serves in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, bytes]:
        """The status and the body for a path, as it was sent."""
        self.asked.append(path)
        time.sleep(self.delay)
        who, _, what = path.partition("?")[0].lstrip("/").partition("/services/")
        found = self._known.get(unquote(who).lower())
        if self.status is not None or found is None:
            return self.status or 404, b"<nothing/>"
        participant, services = found
        if not what:
            return 200, documents.group(self.url, participant, [*services])
        document = next((one for one in services if str(one) == unquote(what)), None)
        return (404, b"") if document is None else (200, self._metadata(participant, document, services))

    def _metadata(self, participant: Participant, document: DocumentType, services: _Services) -> bytes:
        to = self._redirects.get((str(participant).lower(), str(document)))
        inner = documents.redirect(*to) if to else documents.information(participant, document, services[document])
        return self.alter(documents.signed(self.inner(inner), self.identity, self.signing))


def _server(smp: Smp) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = smp.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", f"{smp.url}/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A caller that hung up is no matter of the test's."""

    return Server(("127.0.0.1", 0), Handler)


@contextmanager
def serving(identity: Identity) -> Iterator[Smp]:
    """The server, while the block runs."""
    server = Smp(identity)
    server.start()
    try:
        yield server
    finally:
        server.stop()
