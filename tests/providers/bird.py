"""A server that behaves as Bird's Channels API says (docs.bird.com/api: Channels API, Notifications API)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from einvoice.receivables.incoming.port import Request
from tests.providers.paying import Call, Reply, Service

KEY, SIGNING, WORKSPACE, CHANNEL = "bird-key", "bird-signing", "workspace-1", "channel-1"
WRONG = "+31600000001"


def problem(status: int, code: str, message: str, *fields: str, **headers: str) -> Reply:
    """An error as Bird gives it, with the fields that are wrong."""
    return Reply(status, {"code": code, "message": message, "details": {field: ["invalid"] for field in fields}}, headers)


class Bird(Service):
    """Bird."""

    too_many = problem(429, "TooManyRequests", "rate limit", **{"Retry-After": "3"})

    def __init__(self) -> None:
        super().__init__()
        self.made: list[dict[str, Any]] = []

    def answers(self, call: Call) -> Reply:
        """Takes a message."""
        if call.headers.get("authorization") != f"AccessKey {KEY}":
            return problem(401, "Unauthorized", "access key is not valid")
        if call.path != f"/workspaces/{WORKSPACE}/channels/{CHANNEL}/messages":
            return problem(404, "NotFound", "channel not found")
        sent = json.loads(call.body)
        contacts = sent.get("receiver", {}).get("contacts") or []
        if not contacts or contacts[0].get("identifierKey") != "phonenumber" or contacts[0].get("identifierValue") == WRONG:
            return problem(422, "InvalidPayload", "invalid", "receiver.contacts[0].identifierValue")
        if sent.get("body", {}).get("type") != "text" or not sent["body"].get("text", {}).get("text"):
            return problem(422, "InvalidPayload", "invalid", "body")
        made = {**sent, "id": f"00000000-0000-4000-8000-{len(self.made):012x}"}
        self.made.append(made)
        return Reply(202, {"id": made["id"], "status": "accepted", "channelId": CHANNEL})


def signed(url: str, event: dict[str, Any], now: datetime, secret: str = SIGNING) -> Request:
    """An event as Bird sends it."""
    body, stamp = json.dumps(event).encode(), str(int(now.timestamp()))
    text = stamp.encode() + b"\n" + url.encode() + b"\n" + hashlib.sha256(body).digest()
    signature = base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()
    headers = {"messagebird-signature": signature, "messagebird-request-timestamp": stamp, "content-type": "application/json"}
    return Request("POST", url, headers, body)
