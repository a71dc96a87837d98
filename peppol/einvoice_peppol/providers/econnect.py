"""eConnect's Procurement Service Bus (Netherlands), by psb.econnect.eu (endpoints v1) and econnect.eu/docs/build/api.

- Access: OAuth2 client credentials, scope `ap`, a token for an hour (introduction/authentication).
- Sending: `POST {party}/salesInvoice/send`, multipart/form-data, under an id of ours in `X-EConnect-DocumentId`; the same id again is
  answered with 409, which says that the document was processed (basics/idempotency). So what is unknown may be sent again.
- What became of it: hooks, or `GET …/{id}/status`. `InvoiceSent` says that the other side received it, `InvoiceSentError` that it never
  will; after `InvoiceSentRetry` the bus tries again itself.
- Hooks: `X-EConnect-Signature: sha256=…`, HMAC-SHA256 of the body; `sentOn` may be five minutes off (the vendor's own library).
- Receiving: the hook `InvoiceReceived` is the only word of it, there is no list; `GET {party}/purchaseInvoice/{id}/download`. The bus
  forgets a document seven days after it was downloaded, so nothing has to be confirmed.

Left out: invoice responses, which the bus builds itself from a form (`…/response`) and does not take as documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from einvoice.errors import PeppolError, Rejected, SettingsError, TransportError
from einvoice.outbox import Outcome, State
from einvoice.settings.peppol import EConnect as Section
from einvoice_peppol.http import Http
from einvoice_peppol.providers.calling import DOCUMENT, Api, Reply, heard, multipart, segment, text_of
from einvoice_peppol.providers.hooks import check_signature, said
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.port import Call, News, Submission, Taken, Untrusted

_SENT, _REFUSED, _CAME = "InvoiceSent", "InvoiceSentError", "InvoiceReceived"
_SKEW = timedelta(minutes=5)
_EARLIER = 60
"""Seconds before its end from which a token is not used."""


class EConnect:
    """The bus as a provider."""

    name = "econnect"
    recognises_keys = True

    def __init__(self, section: Section, party: str, http: Http, timeout: float = 60.0) -> None:
        self._section = section
        self._party = party
        self._tokens = _Tokens(section, http, timeout)
        self._api = Api("eConnect", http, section.api, self._tokens.headers, timeout)

    def send(self, submission: Submission) -> Outcome:
        """Uploads an invoice or a credit note under the id that its key gives it."""
        if submission.kind != "invoice":
            return Outcome(State.FAILED, reason="eConnect takes invoices and credit notes only; send this by another access point")
        key = guid(submission.key)
        kind, body = multipart("file", "document.xml", "application/xml", submission.data)
        headers = {"content-type": kind, "x-econnect-documentid": key}
        path = f"{segment(self._party)}/salesInvoice/send"
        outcome = self._api.hand_over("POST", path, _judge(key), refused=self._refused(key), body=body, headers=headers)
        return outcome._replace(provider=key) if outcome.state is State.UNKNOWN else outcome  # it can be asked about all the same

    def _refused(self, key: str) -> Callable[[Reply], Outcome]:
        def refused(reply: Reply) -> Outcome:
            if reply.status == 401:
                self._tokens.forget()
            if reply.status == 409:
                return Outcome(State.SENT, provider=key, proof=f"econnect 409 {key}", answered=True)
            return self._api.refused(reply)

        return refused

    def status(self, id: str) -> Outcome | None:  # noqa: A002 - the port's word
        """What the newest of its states says."""
        states = self._asked(f"{segment(self._party)}/salesInvoice/{segment(id)}/status").json()
        told = [state for state in states if isinstance(state, dict)] if isinstance(states, list) else []
        told.sort(key=lambda state: str(state.get("createdOn", "")))
        for state in reversed(told):
            if found := _outcome(str(state.get("name", "")), id, str(state.get("description") or ""), json.dumps(state)):
                return found
        return None

    def waiting(self) -> Iterator[str]:
        """Nothing: the bus has no list of what came, its hook tells each."""
        return iter(())

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the same
        """Downloads what a hook told of, as it came."""
        party, document = _split(id, self._party)
        path = f"{segment(party)}/purchaseInvoice/{segment(document)}/download"
        return Taken(id, document, self._asked(path, headers={"accept": "application/xml"}, most=DOCUMENT).body)

    def confirm(self, id: str) -> None:  # noqa: A002 - the same
        """Nothing: what was downloaded is forgotten there after seven days."""

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:
        """A hook: an invoice of ours arrived or never will, or one came for us."""
        scheme, _, stated = call.headers.get("x-econnect-signature", "").partition("=")
        check_signature(self._section.webhook_secret, call.body, stated if scheme == "sha256" else "", self.name)
        told = heard(call.body)
        _check_moment(told, now)
        return _news(told, said(call.body))

    def _asked(self, path: str, **what: Any) -> Reply:
        try:
            return self._api.ask("GET", path, **what)
        except TransportError:
            self._tokens.forget()  # perhaps it was withdrawn
            raise


def of(section: Section, http: Http, timeout: float = 60.0) -> EConnect | None:
    """The provider that the settings describe; None where they name no client.

    Raises SettingsError where they are incomplete.
    """
    if section.client is None:
        return None
    if section.secret is None or not section.party:
        raise SettingsError("[econnect] client is set, secret or party is not; set all three")
    return EConnect(section, section.party, http, timeout)


class _Tokens:
    """The token that lets us in, asked for when there is none that lasts."""

    def __init__(self, section: Section, http: Http, timeout: float) -> None:
        self._section = section
        self._http = http
        self._timeout = timeout
        self._token = ""
        self._until = 0.0

    def headers(self) -> Mapping[str, str]:
        """What each call states. Raises TransportError, Rejected where the client is not known, SettingsError."""
        if monotonic() >= self._until:
            self._renew()
        return {"authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """Asks for another the next time."""
        self._until = 0.0

    def _renew(self) -> None:
        section = self._section
        assert section.secret is not None
        form = {"grant_type": "client_credentials", "scope": "ap", "client_id": section.client, "client_secret": section.secret.reveal()}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json", "connection": "close"}
        answer = self._http.call("POST", section.token_url, headers=headers, body=urlencode(form).encode(), timeout=self._timeout)
        told = Reply(answer.status, answer.headers, answer.body).object()
        if answer.status != 200:
            raise Rejected(f"eConnect gives no token: HTTP {answer.status} {told.get('error', '')}; see [econnect] client and secret")
        token, lasts = text_of(told, "access_token"), told.get("expires_in")
        if not token.isascii() or not token.isprintable():
            raise Rejected("eConnect gives a token that no header carries")
        self._token = token
        self._until = monotonic() + (lasts if isinstance(lasts, int) and 0 < lasts < 86_400 else 0) - _EARLIER


def _judge(key: str) -> Callable[[Reply], Outcome]:
    def judge(reply: Reply) -> Outcome:
        if reply.object().get("id") != key:
            return Outcome(State.UNKNOWN, reason=f"eConnect: HTTP {reply.status} under another id than ours", answered=True)
        return Outcome(State.SENT, provider=key, proof=f"econnect {reply.status} {key}", answered=True)

    return judge


def _outcome(topic: str, document: str, words: str, proof: str) -> Outcome | None:
    if topic == _SENT:
        return Outcome(State.DELIVERED, provider=document, proof=proof, answered=True)
    if topic == _REFUSED:
        return Outcome(State.BOUNCED, provider=document, proof=proof, reason=words or topic, answered=True)
    return None


def _news(told: Mapping[str, Any], body: str) -> tuple[News, ...]:
    topic = told.get("topic")
    if topic not in (_SENT, _REFUSED, _CAME):
        return ()
    document, party = text_of(told, "documentId"), text_of(told, "partyId")
    key = f"{document}:{topic}"
    if topic == _CAME:
        return (News(key, f"{party}/{document}"),)
    return (News(key, document, _outcome(str(topic), document, str(told.get("message") or ""), body)),)


def _split(id: str, ours: str) -> tuple[str, str]:  # noqa: A002 - the port's word
    party, _, document = id.rpartition("/")
    return party or ours, document


def _check_moment(told: Mapping[str, Any], now: datetime) -> None:
    try:
        moment = datetime.fromisoformat(str(told.get("sentOn")))
    except ValueError:
        raise PeppolError("a hook of econnect does not say when it was sent") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if abs(moment - now) > _SKEW:
        raise Untrusted(f"a hook of econnect was sent at {moment.isoformat()}; it is too old or too new to be believed")
