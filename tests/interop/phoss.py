"""phoss SMP, by which many publish: its interface for machines, with a backend of XML files, in a JVM of its own.

    with phoss.publishing(network.smp("PNL000901"), anchors, folder) as smp:
        smp.register(participant, document, process, url=…, certificate=…)
        sml.register(participant, smp.url)

Neither an SML nor a directory is told; the user is the one that a new installation has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import requests
from cryptography import x509

from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.pki.identity import Identity
from tests.interop import stores
from tests.interop.processes import START, Broken, running
from tests.peppol import smp_documents as documents

_USER = ("admin@helger.com", "password")
_PATIENCE = 30


class Publisher(NamedTuple):
    """A running SMP."""

    url: str

    def register(
        self,
        participant: Participant,
        document: DocumentType,
        process: Process,
        *,
        url: str,
        certificate: x509.Certificate,
        activation: datetime | None = None,
        expiration: datetime | None = None,
    ) -> None:
        """Registers what a participant takes, by the SMP's own interface. Raises Broken where the SMP refuses."""
        endpoint = documents.Endpoint(url, documents.encoded(certificate), activation, expiration)
        self._state(participant, document, documents.information(participant, document, [(process, [endpoint])]))

    def redirect(self, participant: Participant, document: DocumentType, href: str, uid: str) -> None:
        """Sends whoever asks for a document type to another SMP. Raises Broken."""
        self._state(participant, document, documents.redirect(href, uid))

    def know(self, participant: Participant) -> None:
        """Registers a participant, which takes nothing yet or what it took. Raises Broken."""
        self._put(f"/{quote(str(participant), safe='')}", documents.group(self.url, participant, []))

    def get(self, participant: Participant, document: DocumentType | None = None) -> bytes:
        """What the SMP answers, as it comes. Raises Broken where it does not know."""
        path = f"/{quote(str(participant), safe='')}"
        if document is not None:
            path += f"/services/{quote(str(document), safe='')}"
        answer = requests.get(self.url + path, timeout=_PATIENCE)
        if answer.status_code != 200:
            raise Broken(f"GET {path}: {answer.status_code}")
        return answer.content

    def _state(self, participant: Participant, document: DocumentType, inner: str) -> None:
        self.know(participant)
        metadata = f'<ServiceMetadata xmlns="{documents.SMP}">{inner}</ServiceMetadata>'
        self._put(f"/{quote(str(participant), safe='')}/services/{quote(str(document), safe='')}", metadata.encode())

    def _put(self, path: str, body: bytes) -> None:
        answer = requests.put(self.url + path, data=body, auth=_USER, headers={"content-type": "application/xml"}, timeout=_PATIENCE)
        if answer.status_code != 200:
            raise Broken(f"PUT {path}: {answer.status_code} {answer.text[:1_000]}")


@contextmanager
def publishing(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> Iterator[Publisher]:
    """The SMP, with nobody registered, while the block runs.

    Raises folders.Absent where it cannot be had, Broken.
    """
    (folder / "web").mkdir()
    with running("smp", "Publisher", [folder / "web"], _properties(own, anchors, folder), folder) as (_, said):
        yield Publisher(f"http://127.0.0.1:{said.wait('listening', START)['port']}")


def _properties(own: Identity, anchors: Sequence[x509.Certificate], folder: Path) -> dict[str, str]:
    keys, trusted = stores.kept(own, anchors, folder)
    return {
        "smp.backend": "xml",
        "smp.rest.type": "peppol",
        "smp.identifiertype": "peppol",
        "smp.forceroot": "true",
        "smp.keystore.type": "PKCS12",
        "smp.keystore.path": str(keys),
        "smp.keystore.password": stores.WORD,
        "smp.keystore.key.alias": stores.ALIAS,
        "smp.keystore.key.password": stores.WORD,
        "smp.truststore.type": "PKCS12",
        "smp.truststore.path": str(trusted),
        "smp.truststore.password": stores.WORD,
        "sml.smpid": "INTEROP-SMP",
        "webapp.datapath": str(folder / "data"),
        "webapp.checkfileaccess": "false",
        "global.debug": "false",
        "global.production": "false",
    }
