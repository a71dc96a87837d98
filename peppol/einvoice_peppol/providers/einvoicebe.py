"""e-invoice.be (Belgium), as its OpenAPI document 1.1.0 (`https://api.e-invoice.be/api/openapi.json`) and docs.e-invoice.be say.

| Call | For |
|---|---|
| `POST /api/documents/ubl` | a draft of an invoice or a credit note, which goes nowhere yet; 415, 422: refused |
| `POST /api/documents/{id}/send` | sends a draft from one participant to another; 400, 406, 409: refused, 405: it is no draft any more |
| `DELETE /api/documents/{id}` | removes a draft that was refused |
| `GET /api/documents/{id}`, `…/timeline` | its state: DRAFT, TRANSIT, SENT (delivered), FAILED; why it failed |
| `GET /api/inbox/`, `GET /api/documents/{id}/ubl` | what came, page by page; a document's parties, and where its file is for an hour |

It knows no keys of ours, so a document goes out once. Making the draft sends nothing: where that breaks off it is made again. Where sending
the draft breaks off, the draft's id is kept and its state says later what became of it. Nothing tells it that we have what came: its
inbox always lists everything, and we know what we have.
Webhooks are signed (docs.e-invoice.be, Webhooks): `X-Signature: sha256=` and the HMAC-SHA256 of the event as JSON with sorted keys, as
Python writes it. Its documents name `document.received`, `document.sent`, `document.sent.failed`; other events are not heard.
Accepting and rejecting what came is left out: the guide names the calls, the OpenAPI document has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from einvoice.errors import BadIdentifier, PeppolError, Rejected, TransportError
from einvoice.outbox import Outcome, State
from einvoice.settings.peppol import EInvoiceBe as Section
from einvoice_peppol.http import Http
from einvoice_peppol.identifiers import Participant, participants
from einvoice_peppol.providers import hooks
from einvoice_peppol.providers.calling import DOCUMENT, Api, Reply, heard, let_in, multipart, segment, text_of
from einvoice_peppol.providers.port import Call, News, Submission, Taken

NAME = "e-invoice.be"
_SECTION = "einvoicebe"
_PAGE, _PAGES = 100, 10_000
_UBL = (
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote",
)
_REFUSED = frozenset({400, 406, 409})
_LONGEST_ID = 150


def of(section: Section, http: Http, timeout: float = 60.0) -> EInvoiceBe | None:
    """The adapter that the settings lead to, None where they name no key.

    Raises SettingsError, PeppolError where the key leads to nothing that can be sent.
    """
    return None if section.key is None else EInvoiceBe(section, http, timeout)


class EInvoiceBe:
    """The adapter; one thread uses it at a time."""

    name = NAME
    recognises_keys = False

    def __init__(self, section: Section, http: Http, timeout: float = 60.0) -> None:
        assert section.key is not None
        headers = {"authorization": f"Bearer {let_in(_SECTION, section.key.reveal())}"}
        self._section = section
        self._http = http
        self._timeout = timeout
        self._api = Api(NAME, http, section.api, lambda: headers, timeout)

    def send(self, submission: Submission) -> Outcome:
        """See Provider."""
        if not submission.document.value.startswith(_UBL):
            return Outcome(State.FAILED, reason=f"{NAME} takes invoices and credit notes in UBL, nothing else", answered=True)
        kind, body = multipart("file", "document.xml", "application/xml", submission.data)
        made = self._api.hand_over("POST", "/api/documents/ubl", self._drafted, body=body, headers={"content-type": kind})
        if made.state is State.UNKNOWN:  # a draft goes nowhere
            return made._replace(state=State.PLANNED)
        if made.state is not State.SENT or made.provider is None:
            return made
        return self._sent(made.provider, submission)

    def status(self, id: str) -> Outcome | None:  # noqa: A002 - the port's word
        """See Provider. A draft may still become one that was sent: it is open."""
        state = text_of(self._document(id), "state")
        if state == "SENT":
            return Outcome(State.DELIVERED, provider=id, proof=f"{NAME} {id}: {state}")
        if state == "FAILED":
            return Outcome(State.BOUNCED, provider=id, reason=self._failure(id))
        return Outcome(State.SENT, provider=id) if state == "TRANSIT" else None

    def waiting(self) -> Iterator[str]:
        """See Provider. Everything in the inbox: it has no word for what was confirmed."""
        for page in range(1, _PAGES + 1):
            query = {"page": str(page), "page_size": str(_PAGE), "sort_by": "created_at", "sort_order": "desc"}
            told = self._api.ask("GET", "/api/inbox/", query=query, most=DOCUMENT).object()
            items = told.get("items")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise Rejected(f"{NAME}: the list of the inbox is not as documented")
            yield from (text_of(item, "id") for item in items)
            if not items or told.get("has_next_page") is not True:
                return

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the port's word
        """See Provider."""
        document = self._document(id)
        if document.get("direction") not in (None, "INBOUND") or document.get("state") not in (None, "RECEIVED"):
            raise Rejected(f"{NAME}: document {id} did not come for us")
        file = self._api.ask("GET", f"/api/documents/{segment(id)}/ubl").object()
        url = text_of(file, "signed_url")
        if not url.startswith("https://") and self._section.api.startswith("https://"):
            raise Rejected(f"{NAME}: the file of document {id} is said to be where nobody fetches from: {url[:100]}")
        data = self._http.call("GET", url, headers={"connection": "close"}, timeout=self._timeout, most=DOCUMENT)
        if data.status != 200:
            raise TransportError(f"{NAME}: the file of document {id} cannot be fetched: HTTP {data.status}", sent=False)
        if file.get("file_size") and file["file_size"] != len(data.body):
            raise TransportError(f"{NAME}: the file of document {id} came with {len(data.body):,} of its {file['file_size']!r} bytes")
        return Taken(
            id=id,
            message_id=id,
            data=data.body,
            sender=_participant(file, "sender"),
            receiver=_participant(file, "receiver"),
            at=_moment(document.get("created_at")),
        )

    def confirm(self, id: str) -> None:  # noqa: A002 - the port's word
        """See Provider. It has no word for that."""

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:  # noqa: ARG002 - an old event says what was, and nothing follows twice
        """See Provider."""
        event = heard(call.body)
        stated = call.headers.get("x-signature", "").strip()
        signed = json.dumps(event, sort_keys=True).encode()
        hooks.check_signature(self._section.webhook_secret, signed, stated.removeprefix("sha256=") if "sha256=" in stated else "", _SECTION)
        kind, data = event.get("type"), event.get("data")
        if not isinstance(data, dict):
            raise PeppolError(f"the webhook of {NAME} has no data")
        key, ref = text_of(event, "id"), text_of(data, "document_id")
        if kind == "document.received":
            return (News(key, ref),)
        if kind == "document.sent":
            return (News(key, ref, Outcome(State.DELIVERED, provider=ref, proof=f"{NAME} {key}: {kind} {ref}")),)
        if kind == "document.sent.failed":
            return (News(key, ref, Outcome(State.BOUNCED, provider=ref, reason=f"{NAME} could not deliver it")),)
        return ()

    def _sent(self, ref: str, submission: Submission) -> Outcome:
        """Sends a draft."""
        query = {
            "sender_peppol_scheme": submission.sender.scheme,
            "sender_peppol_id": submission.sender.value,
            "receiver_peppol_scheme": submission.receiver.scheme,
            "receiver_peppol_id": submission.receiver.value,
        }
        path = f"/api/documents/{segment(ref)}/send"
        found = self._api.hand_over("POST", path, lambda reply: self._on_its_way(reply, ref), refused=self._refused, query=query)
        if found.state in (State.PLANNED, State.FAILED):
            with suppress(PeppolError):  # a draft that stays is only untidy
                self._api.ask("DELETE", f"/api/documents/{segment(ref)}")
        return found._replace(provider=ref) if found.state in (State.UNKNOWN, State.SENT) else found

    def _refused(self, reply: Reply) -> Outcome:
        words = self._api.words(reply)
        if reply.status in _REFUSED:
            return Outcome(State.FAILED, reason=words, answered=True)
        if reply.status == 405:  # it is on its way already
            return Outcome(State.UNKNOWN, reason=words, answered=True)
        return self._api.refused(reply)

    def _on_its_way(self, reply: Reply, ref: str) -> Outcome:
        document = reply.object()
        state = document.get("state")
        if document.get("id") == ref and state in ("TRANSIT", "SENT"):
            return Outcome(State.SENT, provider=ref, proof=f"{NAME} {reply.status} {ref}: {state}", answered=True)
        if document.get("id") == ref and state == "FAILED":
            return Outcome(State.FAILED, reason=f"{NAME} could not send document {ref}", answered=True)
        return Outcome(State.UNKNOWN, reason=f"{NAME}: HTTP {reply.status} without the state of what it sent", answered=True)

    @staticmethod
    def _drafted(reply: Reply) -> Outcome:
        ref = reply.object().get("id")
        if not isinstance(ref, str) or not 0 < len(ref) <= _LONGEST_ID:
            return Outcome(State.PLANNED, reason=f"{NAME}: HTTP {reply.status} without the id of the draft")
        return Outcome(State.SENT, provider=ref)

    def _document(self, ref: str) -> Mapping[str, Any]:
        found = self._api.ask("GET", f"/api/documents/{segment(ref)}", most=DOCUMENT).object()
        if found.get("id") != ref:
            raise Rejected(f"{NAME}: it was asked for document {ref}, and answers with another")
        return found

    def _failure(self, ref: str) -> str:
        """Why a document could not be delivered, in the provider's words."""
        words = f"{NAME} could not deliver it"
        with suppress(Rejected):
            events = self._api.ask("GET", f"/api/documents/{segment(ref)}/timeline").object().get("events")
            failed = (
                [one for one in events if isinstance(one, dict) and one.get("event_type") == "send_failed"]
                if isinstance(events, list)
                else []
            )
            if failed and failed[-1].get("details"):
                words = f"{words}: {json.dumps(failed[-1]['details'], ensure_ascii=False)[:500]}"
        return words


def _participant(file: Mapping[str, Any], role: str) -> Participant | None:
    """The sender or the receiver that a file names, None where it names none."""
    scheme, value = file.get(f"{role}_peppol_scheme"), file.get(f"{role}_peppol_id")
    if not isinstance(scheme, str) or not isinstance(value, str) or not scheme or not value:
        return None
    try:
        return participants.parse(f"{scheme}:{value}", strict=False)
    except BadIdentifier as fault:
        raise Rejected(f"{NAME}: the {role} of a document is none of the network: {fault}") from None


def _moment(stated: object) -> datetime | None:
    """A moment as ISO 8601 has it; None for anything else."""
    try:
        found = datetime.fromisoformat(str(stated))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
