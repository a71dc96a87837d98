"""A server that behaves as the WhatsApp Cloud API says (developers.facebook.com: Cloud API, Messages, Error Codes, Webhooks)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

from einvoice.receivables.incoming.port import Request
from tests.providers.paying import Call, Reply, Service

TOKEN, SECRET, VERIFY, PHONE, TEMPLATE = "whatsapp-token", "whatsapp-secret", "whatsapp-verify", "1550000001", "invoice_reminder"
WRONG = "31600000001"


def problem(status: int, code: int, message: str, **headers: str) -> Reply:
    """An error as the Graph API gives it."""
    return Reply(status, {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}, headers)


class WhatsApp(Service):
    """The WhatsApp Cloud API."""

    too_many = problem(400, 130429, "(#130429) Rate limit hit", **{"Retry-After": "3"})

    def __init__(self) -> None:
        super().__init__()
        self.made: list[dict[str, Any]] = []

    def answers(self, call: Call) -> Reply:
        """Takes a message."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, 190, "Error validating access token")
        if not re.fullmatch(rf"/v\d+\.\d/{PHONE}/messages", call.path):
            return problem(400, 100, "Unsupported post request")
        return self._taken(json.loads(call.body))

    def _taken(self, sent: dict[str, Any]) -> Reply:
        if sent.get("messaging_product") != "whatsapp" or not str(sent.get("to", "")).isdigit():
            return problem(400, 100, "(#100) Invalid parameter")
        template = sent.get("template", {})
        if sent.get("type") != "template" or template.get("name") != TEMPLATE:
            return problem(404, 132001, "(#132001) Template name does not exist in the translation")
        texts = [part["text"] for component in template["components"] for part in component["parameters"]]
        if any("\n" in text or "\t" in text or "     " in text for text in texts):
            return problem(400, 132000, "(#132000) Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
        if sent["to"] == WRONG:
            return problem(400, 131026, "Message undeliverable")
        made = {**sent, "id": f"wamid.{len(self.made):020x}", "text": texts[0]}
        self.made.append(made)
        return Reply(200, {"messaging_product": "whatsapp", "contacts": [{"input": sent["to"]}], "messages": [{"id": made["id"]}]})


def signed(url: str, value: dict[str, Any], secret: str = SECRET) -> Request:
    """A webhook as WhatsApp sends it."""
    found = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
    body = json.dumps(found).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Request("POST", url, {"x-hub-signature-256": signature, "content-type": "application/json"}, body)
