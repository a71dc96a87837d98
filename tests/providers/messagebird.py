"""A server that behaves as MessageBird's REST API says (developers.messagebird.com: SMS messaging, Verify HTTP requests)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from einvoice.receivables.incoming.port import Request
from tests.providers.paying import Call, Reply, Service

KEY, SIGNING = "live_messagebird", "messagebird-signing"
WRONG = "31600000001"


def problem(status: int, code: int, description: str, parameter: str | None = None, **headers: str) -> Reply:
    """An error as MessageBird gives it."""
    return Reply(status, {"errors": [{"code": code, "description": description, "parameter": parameter}]}, headers)


class MessageBird(Service):
    """MessageBird."""

    too_many = problem(429, 101, "too many requests", **{"Retry-After": "3"})

    def __init__(self) -> None:
        super().__init__()
        self.made: list[dict[str, Any]] = []

    def answers(self, call: Call) -> Reply:
        """Takes an SMS."""
        if call.headers.get("authorization") != f"AccessKey {KEY}":
            return problem(401, 2, "Request not allowed (incorrect access_key)", "access_key")
        if call.path != "/messages":
            return problem(404, 20, "message not found")
        sent = json.loads(call.body)
        for name, code in (("originator", 9), ("body", 9), ("recipients", 9)):
            if not sent.get(name):
                return problem(422, code, f"{name} is required", name)
        if sent["recipients"] == [WRONG]:
            return problem(422, 9, "no (correct) recipients found", "recipient")
        made = {**sent, "id": f"{len(self.made):032x}"}
        self.made.append(made)
        return Reply(201, {"id": made["id"], "href": f"/messages/{made['id']}", "direction": "mt", "type": "sms"})


def signed(url: str, said: dict[str, str], now: datetime, secret: str = SIGNING, body: bytes = b"") -> Request:
    """A status report as MessageBird makes it: a GET whose address says all."""
    address = f"{url}?{urlencode(said)}" if said else url
    claims: dict[str, Any] = {"iss": "MessageBird", "nbf": int(now.timestamp()), "exp": int(now.timestamp()) + 60, "jti": "1"}
    claims["url_hash"] = hashlib.sha256(address.encode()).hexdigest()
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    text = ".".join(_packed(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    token = f"{text}.{_packed(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"
    return Request("POST" if body else "GET", address, {"messagebird-signature-jwt": token, "content-type": "application/json"}, body)


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
