"""Recommand, by docs.recommand.eu/reference and the source of its server (github.com/recommand/recommand-peppol, api/).

- Access: HTTP Basic with a key and its secret.
- Sending: `POST api/v1/{company}/send` with the XML as it is, its document type and process; the company there says who sends. The answer
  comes when the receiver's access point has answered: 400 refuses the document and names what is wrong with it, 422 says that it did not
  reach the receiver. A 400 that names no field, and a 422 without a context, may be any fault, also one after the document left: they leave
  open what happened. There is no key: what is asked for twice is sent twice, so what is unknown is for a person.
- What became of it: `GET api/v1/documents/{id}`; `sentOverPeppol` and the receipt (`receivedPeppolSignalMessage`).
- Receiving: `GET api/v1/inbox` lists what is unread, `POST api/v1/documents/{id}/mark-as-read` takes it off.
- Hooks are not signed. The address that Recommand is given carries a secret of ours (`?secret=…`), and a hook says no more than which
  document came: it is asked for over the API.

Left out: the mails that Recommand sends where a receiver is not on the network; nothing but the network counts here.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from einvoice.errors import PeppolError, Rejected, SettingsError
from einvoice.outbox import Outcome, State
from einvoice.settings.peppol import Recommand as Section
from einvoice_peppol.http import Http
from einvoice_peppol.identifiers import DocumentType, Participant, Process, documents, participants
from einvoice_peppol.identifiers.values import DOCUMENTS
from einvoice_peppol.providers.calling import DOCUMENT, Api, Reply, heard, segment, taken, text_of
from einvoice_peppol.providers.hooks import check_address
from einvoice_peppol.providers.port import Call, News, Submission, Taken
from einvoice_peppol.providers.texts import text

_CAME = "document.received"
_SILENT = b"No additional context available"
_TOLD = ("id", "peppolMessageId", "peppolConversationId", "envelopeId", "receivedPeppolSignalMessage", "updatedAt")


class Recommand:
    """Recommand as a provider."""

    name = "recommand"
    recognises_keys = False

    def __init__(self, section: Section, company: str, http: Http, timeout: float = 60.0) -> None:
        self._section = section
        self._company = company
        self._api = Api("Recommand", http, section.api, self._headers, timeout)

    def send(self, submission: Submission) -> Outcome:
        """Sends a document, and waits for what the network says."""
        if submission.document.scheme != DOCUMENTS:
            return Outcome(State.FAILED, reason="Recommand takes no document types with a wildcard; send this by another access point")
        xml = text(submission.data)
        if xml is None:
            return Outcome(State.FAILED, reason="Recommand takes XML in UTF-8 only; write the document in UTF-8")
        sent = {
            "recipient": submission.receiver.id,
            "documentType": "xml",
            "document": xml,
            "doctypeId": submission.document.value,
            "processId": submission.process.value,
        }
        return self._api.hand_over("POST", f"api/v1/{segment(self._company)}/send", _judge, refused=self._refused, sent=sent)

    def _refused(self, reply: Reply) -> Outcome:
        errors = reply.object().get("errors")
        names_a_field = isinstance(errors, dict) and bool(set(errors) - {"root"})
        if (reply.status == 400 and not names_a_field) or (reply.status == 422 and _SILENT in reply.body):
            words = f"Recommand: HTTP {reply.status} that does not say what is wrong: {json.dumps(errors)[:300]}"
            return Outcome(State.UNKNOWN, reason=words, answered=True)
        return self._api.refused(reply)

    def status(self, id: str) -> Outcome | None:  # noqa: A002 - the port's word
        """What Recommand keeps of a document that it sent."""
        document = self._document(id)
        if document.get("direction") != "outgoing":
            raise Rejected(f"Recommand's {id} is no document of ours")
        proof = json.dumps({name: document.get(name) for name in _TOLD})
        if document.get("sentOverPeppol") is True:
            return Outcome(State.DELIVERED, provider=id, proof=proof, answered=True)
        return Outcome(State.BOUNCED, provider=id, proof=proof, reason="it was not sent over the network", answered=True)

    def waiting(self) -> Iterator[str]:
        """What is unread."""
        found = self._api.ask("GET", "api/v1/inbox", query={"companyId": self._company}, most=DOCUMENT).object().get("documents")
        if not isinstance(found, list):
            raise Rejected("Recommand's inbox is not the list that is documented")
        for document in found:
            if isinstance(document, dict) and document.get("direction") == "incoming":
                yield text_of(document, "id")

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the same
        """A document that came, with what its envelope said."""
        found = self._document(id)
        if found.get("direction") != "incoming":
            raise Rejected(f"Recommand's {id} did not come for us")
        return Taken(
            id,
            str(found.get("peppolMessageId") or id),
            text_of(found, "xml").encode(),
            sender=_participant(found.get("senderId")),
            receiver=_participant(found.get("receiverId")),
            document=_document_type(found.get("docTypeId")),
            process=Process(str(found["processId"])) if found.get("processId") else None,
            country=_country(found.get("countryC1")),
            at=_moment(found.get("createdAt")),
        )

    def confirm(self, id: str) -> None:  # noqa: A002 - the same
        """Marks it as read."""
        self._api.ask("POST", f"api/v1/documents/{segment(id)}/mark-as-read", sent={"read": True})

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:  # noqa: ARG002 - the port's; nothing here states a time
        """A hook: which document came."""
        check_address(self._section.webhook_secret, call, self.name)
        told = heard(call.body)
        if told.get("eventType") != _CAME:
            return ()
        document = text_of(told, "documentId")
        return (News(f"{document}:{_CAME}", document),)

    def _document(self, id: str) -> Mapping[str, Any]:  # noqa: A002 - the port's word
        found = self._api.ask("GET", f"api/v1/documents/{segment(id)}", most=DOCUMENT).object().get("document")
        if not isinstance(found, dict):
            raise Rejected(f"Recommand's answer about {id} has no document")
        return found

    def _headers(self) -> Mapping[str, str]:
        assert self._section.secret is not None
        pair = f"{self._section.key}:{self._section.secret.reveal()}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def of(section: Section, http: Http, timeout: float = 60.0) -> Recommand | None:
    """The provider that the settings describe; None where they have no key.

    Raises SettingsError where they are incomplete.
    """
    if section.key is None:
        return None
    if section.secret is None or not section.company:
        raise SettingsError("[recommand] key is set, secret or company is not; set all three")
    return Recommand(section, section.company, http, timeout)


def _judge(reply: Reply) -> Outcome:
    told = reply.object()
    if told.get("success") is not True or told.get("sentOverPeppol") is not True:
        return Outcome(State.UNKNOWN, reason=f"Recommand: HTTP {reply.status} does not say that it was sent", answered=True)
    return taken(reply, "recommand", told.get("id"))


def _participant(stated: object) -> Participant | None:
    try:
        return participants.parse(str(stated), strict=False) if stated else None
    except PeppolError:
        return None


def _document_type(stated: object) -> DocumentType | None:
    try:
        return documents.parse(str(stated)) if stated else None
    except PeppolError:
        return None


def _country(stated: object) -> str | None:
    return stated if isinstance(stated, str) and len(stated) == 2 else None


def _moment(stated: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(stated))
    except ValueError:
        return None
    return found if found.tzinfo else None
