"""Billit (Belgium), by docs.billit.be.

- Access: the headers `ApiKey` and `PartyID`.
- Sending: `POST v1/peppol/sendxml` with the UBL in JSON (send-ubl-to-peppol-1). 200 says that it stands in the network, 400 that it will
  not be sent (possible-errors). A key goes along, as `Idempotent-Key` (headers) and as `Idempotency-Key` (idempotent-tokens): the pages
  differ. A key is kept only after a success, and what a second request is answered with is not said: what is unknown is for a person.
- What became of it: nothing is published that tells the state of what `sendxml` took. The receiver's answers come into the inbox.
- Receiving: `GET v1/peppol/inbox`, the ten oldest; `GET v1/files/{id}`, base64, the document within its envelope as it came;
  `POST v1/peppol/inbox/{item}/confirm` takes it off the list.
- Hooks: `Billit-Signature: t=…,s=…`, HMAC-SHA256 of the time, a point and the body (verify-signature). They name orders, not items of the
  inbox, so one is no more than a hint to look there.

Left out: orders (`v1/orders`), for which Billit writes the UBL itself.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from einvoice.errors import PeppolError, Rejected, SettingsError
from einvoice.outbox import Outcome, State
from einvoice.settings.peppol import Billit as Section
from einvoice.settings.values import Secret
from einvoice_peppol.http import Http
from einvoice_peppol.identifiers import Participant, participants
from einvoice_peppol.providers.calling import DOCUMENT, Api, Reply, heard, let_in, segment, taken, text_of
from einvoice_peppol.providers.hooks import check_signature
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.port import Call, News, Submission, Taken, Untrusted
from einvoice_peppol.providers.texts import text

_SKEW = timedelta(minutes=5)


class Billit:
    """Billit as a provider."""

    name = "billit"
    recognises_keys = False

    def __init__(self, section: Section, key: Secret, party: str, http: Http, timeout: float = 60.0) -> None:
        self._section = section
        self._key = key
        self._party = party
        self._api = Api("Billit", http, section.api, self._headers, timeout)
        self._items: dict[str, Mapping[str, Any]] = {}

    def send(self, submission: Submission) -> Outcome:
        """Sends an invoice or a credit note in UBL."""
        if submission.kind != "invoice" or "CrossIndustryInvoice" in submission.document.value:
            return Outcome(State.FAILED, reason="Billit takes invoices and credit notes in UBL only; send this by another access point")
        xml = text(submission.data)
        if xml is None:
            return Outcome(State.FAILED, reason="Billit takes XML in UTF-8 only; write the document in UTF-8")
        key = guid(submission.key)
        headers = {"idempotent-key": key, "idempotency-key": key}
        return self._api.hand_over("POST", "v1/peppol/sendxml", _judge, refused=self._refused, sent={"XML": xml}, headers=headers)

    def _refused(self, reply: Reply) -> Outcome:
        if b"idempoten" in reply.body[:4_000].lower():
            return Outcome(State.UNKNOWN, reason=f"Billit: HTTP {reply.status} about a key that it has seen", answered=True)
        return self._api.refused(reply)

    def status(self, id: str) -> Outcome | None:  # noqa: A002, ARG002 - the port's words
        """Nothing: no call of it is published."""
        return None

    def waiting(self) -> Iterator[str]:
        """The items of the inbox, ten at a time; the next ten come where those before were confirmed."""
        seen: set[str] = set()
        while fresh := [name for name in self._listed() if name not in seen]:
            seen.update(fresh)
            yield from fresh

    def _listed(self) -> list[str]:
        found = self._api.ask("GET", "v1/peppol/inbox").object().get("InboxItems")
        if not isinstance(found, list):
            raise Rejected("Billit's inbox is not the list that is documented")
        items = [item for item in found if isinstance(item, dict) and isinstance(item.get("InboxItemID"), int)]
        self._items = {str(item["InboxItemID"]): item for item in items}
        return list(self._items)

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the same
        """The file of an item: the document within the envelope that it came in, or alone."""
        item = self._items.get(id)
        if item is None:
            self._listed()
            item = self._items.get(id)
        if item is None:
            raise Rejected(f"{id} is not in Billit's inbox", "404")
        file = self._api.ask("GET", f"v1/files/{segment(text_of(item, 'PeppolFileID'))}", most=DOCUMENT).object()
        try:
            data = b64decode(text_of(file, "FileContent"), validate=True)
        except ValueError:
            raise Rejected(f"Billit's file of {id} is not in base64") from None
        return Taken(id, id, data, _participant(item.get("SenderPeppolID")), _participant(item.get("ReceiverPeppolID")))

    def confirm(self, id: str) -> None:  # noqa: A002 - the same
        """Takes it off the list."""
        try:
            self._api.ask("POST", f"v1/peppol/inbox/{segment(id)}/confirm", body=b"")
        except Rejected as fault:
            if fault.code != "404":  # confirmed before
                raise
        self._items.pop(id, None)

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:
        """A hook: something happened, look into the inbox."""
        stated = dict(part.strip().partition("=")[::2] for part in call.headers.get("billit-signature", "").split(","))
        moment = stated.get("t", "")
        check_signature(self._section.webhook_secret, moment.encode("utf-8", "replace") + b"." + call.body, stated.get("s", ""), self.name)
        if not moment.isascii() or not moment.isdigit() or len(moment) > 11 or abs(datetime.fromtimestamp(int(moment), UTC) - now) > _SKEW:
            raise Untrusted("a hook of billit is too old or too new to be believed")
        told = heard(call.body)
        if told.get("UpdatedEntityType") not in ("Message", "Order"):
            return ()
        return (News(f"{told['UpdatedEntityType']}:{hashlib.sha256(call.body).hexdigest()[:32]}", ""),)

    def _headers(self) -> Mapping[str, str]:
        return {"apikey": let_in("Billit", self._key.reveal()), "partyid": self._party}


def of(section: Section, http: Http, timeout: float = 60.0) -> Billit | None:
    """The provider that the settings describe; None where they have no key.

    Raises SettingsError where they are incomplete.
    """
    if section.key is None:
        return None
    party = section.party or ""
    if not party.isascii() or not party.isdigit():
        raise SettingsError("[billit] key is set, party is no number; set it to the PartyID of the company at Billit")
    return Billit(section, section.key, party, http, timeout)


def _judge(reply: Reply) -> Outcome:
    return taken(reply, "billit", reply.object().get("InboxItemID"))


def _participant(stated: object) -> Participant | None:
    try:
        return participants.parse(str(stated), strict=False) if stated else None
    except PeppolError:
        return None
