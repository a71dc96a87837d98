"""Storecove, by storecove.com/docs and the OpenAPI description of its API v2.

- Access: `Authorization: Bearer`, a key.
- Sending: `POST document_submissions` with the legal entity, the receiver under Storecove's own names of schemes, and the document in
  base64 to be parsed. **Storecove reads it and writes it anew**: what reaches the receiver is not our bytes.
- `idempotencyGuid`: only the first document under it is processed, any other is answered with 422, and so is a wrong document. A 422 that
  names the guid, or nothing, is therefore unknown; and what is unknown is not sent again by itself.
- What became of it: `GET document_submissions/{guid}/evidence/sending`, 404 until it succeeded. That it failed is told by hooks alone.
- Hooks: nothing is published about a signature. The address that Storecove is given carries a secret of ours (`?secret=…`).

Left out, because what is published does not suffice: receiving (the description of `received_documents/{guid}/{format}` calls it
experimental and gives its answer one field, the guid; `purchase_invoices` is deprecated), and the queue of hooks to be fetched.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime

from einvoice.errors import Rejected, SettingsError
from einvoice.outbox import Outcome, State
from einvoice.settings.peppol import Storecove as Section
from einvoice.settings.values import Secret
from einvoice_peppol.http import Http
from einvoice_peppol.providers.calling import Api, Reply, heard, let_in, segment, taken, text_of
from einvoice_peppol.providers.hooks import check_address, said
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.port import Call, News, Submission, Taken

SCHEMES = {
    "0007": "SE:ORGNR",
    "0009": "FR:SIRET",
    "0060": "DUNS",
    "0088": "GLN",
    "0106": "NL:KVK",
    "0190": "NL:OINO",
    "0192": "NO:ORG",
    "0199": "LEI",
    "0204": "DE:LWID",
    "0208": "BE:EN",
    "0211": "IT:IVA",
    "9914": "AT:VAT",
    "9920": "ES:VAT",
    "9925": "BE:VAT",
    "9930": "DE:VAT",
    "9944": "NL:VAT",
}
"""Storecove's names of the network's schemes (storecove.com/docs, receiver identifiers)."""
_NETWORK = "peppol"
_OURS = "document_submission"


class Storecove:
    """Storecove as a provider that sends."""

    name = "storecove"
    recognises_keys = False

    def __init__(self, section: Section, key: Secret, entity: int, http: Http, timeout: float = 60.0) -> None:
        self._section = section
        self._key = key
        self._entity = entity
        self._api = Api("Storecove", http, section.api, self._headers, timeout)

    def send(self, submission: Submission) -> Outcome:
        """Submits an invoice or a credit note."""
        scheme = SCHEMES.get(submission.receiver.scheme)
        if submission.kind != "invoice":
            return Outcome(State.FAILED, reason="Storecove takes invoices and credit notes only; send this by an access point of its own")
        if scheme is None:
            return Outcome(
                State.FAILED, reason=f"Storecove's name of the scheme {submission.receiver.scheme} is not known; send it otherwise"
            )
        syntax = "cii" if "CrossIndustryInvoice" in submission.document.value else "ubl"
        sent = {
            "legalEntityId": self._entity,
            "idempotencyGuid": guid(submission.key),
            "routing": {"eIdentifiers": [{"scheme": scheme, "id": submission.receiver.value.upper()}], "emails": []},
            "document": {
                "documentType": "invoice",
                "rawDocumentData": {"document": b64encode(submission.data).decode(), "parseStrategy": syntax},
            },
        }
        return self._api.hand_over("POST", "document_submissions", _judge, refused=self._refused, sent=sent)

    def _refused(self, reply: Reply) -> Outcome:
        if reply.status == 422 and not _is_about_the_document(reply):
            return Outcome(State.UNKNOWN, reason="Storecove: HTTP 422 that may say that it has this document already", answered=True)
        return self._api.refused(reply)

    def status(self, id: str) -> Outcome | None:  # noqa: A002 - the port's word
        """Its evidence, where there is any."""
        try:
            found = self._api.ask("GET", f"document_submissions/{segment(id)}/evidence/sending").object()
        except Rejected as fault:
            if fault.code == "404":
                return None
            raise
        if str(found.get("network", "")).lower() != _NETWORK or not isinstance(found.get("evidence"), dict):
            raise Rejected(f"Storecove's evidence for {id} is none of the network")
        proof = {name: found.get(name) for name in ("sender", "receiver", "evidence")}
        return Outcome(State.DELIVERED, provider=id, proof=json.dumps(proof), answered=True)

    def waiting(self) -> Iterator[str]:
        """Nothing: receiving by Storecove is left out."""
        return iter(())

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the same
        """Receiving by Storecove is left out."""
        raise Rejected(f"{id}: what Storecove publishes does not suffice to receive by it")

    def confirm(self, id: str) -> None:  # noqa: A002 - the same
        """Nothing was received."""

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:  # noqa: ARG002 - the port's; nothing here states a time
        """A hook: a submission of ours arrived or never will."""
        check_address(self._section.webhook_secret, call, self.name)
        told = heard(call.body)
        event = told.get("event")
        if told.get("event_type") != _OURS or event not in ("succeeded", "failed", "no_action_taken"):
            return ()
        submission, words = text_of(told, "guid"), str(told.get("details") or event)
        proof = said(call.body)
        if event == "succeeded":
            outcome = Outcome(State.DELIVERED, provider=submission, proof=proof, answered=True)
        else:
            outcome = Outcome(State.BOUNCED, provider=submission, proof=proof, reason=words, answered=True)
        return (News(f"{submission}:{event}", submission, outcome),)

    def _headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {let_in('Storecove', self._key.reveal())}"}


def of(section: Section, http: Http, timeout: float = 60.0) -> Storecove | None:
    """The provider that the settings describe; None where they have no key.

    Raises SettingsError where they are incomplete.
    """
    if section.key is None:
        return None
    entity = section.legal_entity or ""
    if not entity.isascii() or not entity.isdigit():
        raise SettingsError("[storecove] key is set, legal_entity is no number; set it to the id of the legal entity at Storecove")
    return Storecove(section, section.key, int(entity), http, timeout)


def _judge(reply: Reply) -> Outcome:
    return taken(reply, "storecove", reply.object().get("guid"))


def _is_about_the_document(reply: Reply) -> bool:
    """Whether a refusal names what is wrong, and that is not the guid."""
    try:
        faults = reply.json()
    except Rejected:
        return False
    if not isinstance(faults, list) or not faults:
        return False
    return all(isinstance(fault, dict) and fault.get("details") and "idempoten" not in json.dumps(fault).lower() for fault in faults)
