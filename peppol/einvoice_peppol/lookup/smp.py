"""Asks an SMP: what a participant takes, and where (SMP 1.4.0, 4 and 5).

`GET {smp}/{participant}` is the unsigned list of its document types, `GET {smp}/{participant}/services/{document type}` the signed
endpoints of one; identifiers are percent-encoded. One redirect to another SMP is followed, never one of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from lxml import etree

from einvoice.errors import DocumentError, LookupFailed, ParticipantNotFound, ServiceNotFound, TransportError
from einvoice.formats import guard
from einvoice_peppol.http import Http
from einvoice_peppol.identifiers.values import DocumentType, Participant
from einvoice_peppol.lookup import addresses, signature, subjects
from einvoice_peppol.lookup import metadata as stated
from einvoice_peppol.lookup.metadata import Group, Metadata, Redirect
from einvoice_peppol.lookup.signature import Signed
from einvoice_peppol.pki.identity import Trust

MOST = 2_000_000
"""Bytes that are read of an answer."""
_NOTHING = frozenset({404, 410})


class Client(NamedTuple):
    """Whoever asks SMPs: by whom requests go, who is trusted, what time it is; `local` networks are on this machine."""

    http: Http
    trust: Trust
    clock: Callable[[], datetime]
    local: bool = False
    timeout: float = 20.0

    def group(self, smp: str, participant: Participant) -> Group:
        """The document types of a participant; unsigned, so that it proves nothing.

        Raises ParticipantNotFound where the SMP does not know the participant, LookupFailed.
        """
        root = self._ask(f"{smp}/{_encoded(participant)}")
        if root is None:
            raise ParticipantNotFound(f"{participant.id} is not registered: the SMP {smp}, where it belongs, does not know it")
        found = stated.group(root)
        _is_about(found.participant, participant)
        return found

    def metadata(self, smp: str, participant: Participant, document: DocumentType) -> tuple[Metadata, str]:
        """The endpoints of a document type, exactly as it is registered, and the id of the SMP that signed them.

        Raises ServiceNotFound, ParticipantNotFound, LookupFailed.
        """
        root = self._ask(f"{smp}/{_encoded(participant)}/services/{_encoded(document)}")
        if root is None:
            self.group(smp, participant)
            raise ServiceNotFound(f"{participant.id} is registered, and takes no documents of the type {document}")
        signed = signature.verified(root, self.trust, self.clock(), MOST)
        found = stated.metadata(signed.root)
        if found.redirect:
            found, signed = self._redirected(found.redirect, participant, document)
        _is_about(found.participant, participant)
        if found.document != document:
            raise LookupFailed(f"the SMP was asked for {document} and answers for {found.document}")
        return found, signed.smp

    def _redirected(self, to: Redirect, participant: Participant, document: DocumentType) -> tuple[Metadata, Signed]:
        """What the other SMP says; it must be signed by the certificate that the redirect names, and redirect no further."""
        try:
            url = addresses.checked(to.url, self.local)
        except ValueError as fault:
            raise LookupFailed(f"the SMP redirects to an address that is not accepted: {fault}") from None
        root = self._ask(url)
        if root is None:
            raise ServiceNotFound(
                f"{participant.id} takes no documents of the type {document}: the SMP that its own redirects to knows none"
            )
        signed = signature.verified(root, self.trust, self.clock(), MOST)
        if not subjects.is_subject(to.certificate, signed.signer):
            raise LookupFailed(
                f"{url} is signed by {signed.signer.subject.rfc4514_string()}, not by {to.certificate!r} that the redirect names"
            )
        found = stated.metadata(signed.root)
        if found.redirect:
            raise LookupFailed(f"{url} redirects once more, to {found.redirect.url[:200]!r}; one redirect is all that the network allows")
        return found, signed

    def _ask(self, url: str) -> etree._Element | None:
        """The document at an address, None where there is none."""
        try:
            answer = self.http.call("GET", url, headers={"accept": "application/xml, text/xml"}, timeout=self.timeout, most=MOST)
            if answer.status in _NOTHING:
                return None
            if answer.status != 200:
                raise LookupFailed(f"the SMP answers {answer.status} to {url}; try again later")
            return guard.tree(answer.body, MOST)
        except TransportError as fault:
            raise LookupFailed(f"the SMP could not be asked: {fault}; try again later") from None
        except DocumentError as fault:
            raise LookupFailed(f"what the SMP answers to {url} cannot be read: {fault}") from None


def _encoded(identifier: Participant | DocumentType) -> str:
    return quote(str(identifier), safe="")


def _is_about(found: str, participant: Participant) -> None:
    """Raises LookupFailed unless an answer is about the participant that was asked for."""
    if found.lower() != str(participant).lower():
        raise LookupFailed(f"the SMP was asked for {participant} and answers for {found[:200]!r}")
