"""A server that behaves as eConnect says of its Procurement Service Bus (psb.econnect.eu, econnect.eu/docs/build).

Tokens by client credentials for an hour; uploads as multipart/form-data, each made once for its X-EConnect-DocumentId, 409 for a second
one; states by topic; what came to be downloaded and deleted; hooks signed with HMAC-SHA256 over the body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs, unquote

from einvoice_peppol.providers.port import Call as Hook
from tests.providers.paying import Call, Reply, Service

CLIENT, SECRET, PARTY, HOOK = "our-client", "kYw0rd-of-ours", "0106:12345678", "hook-secret"
START = datetime(2026, 11, 28, 9, tzinfo=UTC)
_SEND = re.compile(r"/api/v1/([^/]+)/salesInvoice/send")
_STATUS = re.compile(r"/api/v1/([^/]+)/salesInvoice/([^/]+)/status")
_CAME = re.compile(r"/api/v1/([^/]+)/purchaseInvoice/([^/]+?)(/download)?")
_DOCUMENT_ID = re.compile(r"[A-Za-z0-9-]{6,}")


def problem(status: int, code: str, message: str) -> Reply:
    """An error as the bus gives it."""
    return Reply(status, {"code": code, "message": message, "requestId": "0128d5a8", "dateTime": START.isoformat(), "helpLink": None})


class EConnect(Service):
    """The bus and its identity server."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []
        self.given = 0
        self.taken: dict[str, bytes] = {}
        self.states: dict[str, list[dict[str, Any]]] = {}
        self.came: dict[str, bytes] = {}

    def reply(self, call: Call) -> Reply:
        """The same; where answers are lost, those to tokens are not."""
        with self.lock:
            held, self.cuts = (self.cuts, 0) if call.path == "/connect/token" else (0, self.cuts)
            made = super().reply(call)
            self.cuts += held
            return made

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.path == "/connect/token" and call.method == "POST":
            return self._token(call)
        if call.headers.get("authorization", "")[7:] not in self.tokens:
            return problem(401, "API401", "Authentication failed")
        for pattern, answer in ((_SEND, self._send), (_STATUS, self._status), (_CAME, self._download)):
            found = pattern.fullmatch(call.path)
            if found is not None and unquote(found[1]) != PARTY:
                return problem(403, "API403", "Access forbidden. Please check PartyId authorization")
            if found is not None:
                return answer(call, found)
        return problem(404, "API404", "Not found")

    def _token(self, call: Call) -> Reply:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if (form.get("grant_type"), form.get("scope")) != ("client_credentials", "ap"):
            return Reply(400, {"error": "invalid_request"})
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Reply(400, {"error": "invalid_client"})
        self.given += 1
        self.tokens.append(f"token-{self.given}")
        return Reply(200, {"access_token": self.tokens[-1], "expires_in": 3600, "token_type": "Bearer"})

    def _send(self, call: Call, found: re.Match[str]) -> Reply:
        key = call.headers.get("x-econnect-documentid", "")
        if not _DOCUMENT_ID.fullmatch(key):
            return problem(400, "API400", "The documentId is not valid")
        document = _upload(call)
        if document is None:
            return problem(400, "API400", "No file was uploaded")
        if key in self.taken:
            return problem(409, "API409", "The document is already processed")
        if b"<Invoice" not in document and b"<CreditNote" not in document:
            return problem(400, "PSB400", "The document type is not recognized")
        self.taken[key] = document
        self.states[key] = []
        return Reply(200, {"id": key})

    def _status(self, call: Call, found: re.Match[str]) -> Reply:
        states = self.states.get(unquote(found[2]))
        return problem(404, "API404", "Not found") if states is None else Reply(200, states)

    def _download(self, call: Call, found: re.Match[str]) -> Reply:
        document = self.came.get(unquote(found[2]))
        if document is None:
            return problem(404, "API404", "Not found")
        if call.method == "DELETE":
            del self.came[unquote(found[2])]
            return Reply(200, b"")
        return Reply(200, document, {"Content-Type": "application/xml"})

    def tell(self, key: str, topic: str, message: str = "") -> None:
        """A document goes on to a state."""
        states = self.states.setdefault(key, [])
        at = START + timedelta(minutes=len(states))
        states.insert(0, {"id": f"{key}-{len(states)}", "name": topic, "description": message, "createdOn": at.isoformat()})


def _upload(call: Call) -> bytes | None:
    kind = call.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return None
    whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + call.body)
    for part in whole.walk():
        if part.get_param("name", header="content-disposition") == "file":
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            return data
    return None


def hook(topic: str, key: str, at: datetime, shared: str = HOOK, message: str = "") -> Hook:
    """A hook as the bus calls it."""
    body = {
        "topic": topic,
        "partyId": PARTY,
        "hookId": "111",
        "documentId": key,
        "message": message or f"'Invoice' {topic}.",
        "details": {"attempt": "1", "protocol": "As4", "messageId": f"{key}@econnect.eu"},
        "createdOn": at.isoformat(),
        "sentOn": at.isoformat(),
    }
    return stamped(json.dumps(body).encode(), at, shared)


def stamped(data: bytes, _at: datetime, shared: str = HOOK) -> Hook:
    """Any body as the bus signs it."""
    signed = hmac.new(shared.encode(), data, hashlib.sha256).hexdigest()
    return Hook({"content-type": "application/json", "x-econnect-signature": f"sha256={signed}"}, data, "/peppol/hooks/econnect")


def taken(service: EConnect) -> list[bytes]:
    """The documents that it took."""
    return list(service.taken.values())
