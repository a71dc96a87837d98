"""A server that behaves as Recommand says (docs.recommand.eu/reference): Basic authentication, sending at once, the inbox, unsigned hooks.

What is asked for twice is sent twice: there is no key. The answer to a sending comes when the other access point has answered.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any

from einvoice_peppol.providers.port import Call as Hook
from tests.providers.paying import Call, Reply, Service

KEY, SECRET, COMPANY, HOOK = "key_01", "secret-of-ours", "c_01JQ", "hook-secret"
_DOCUMENT = re.compile(r"/api/v1/documents/([^/]+?)(/mark-as-read)?")
_BASIC = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()


def refused(status: int, words: str, where: str | None = None) -> Reply:
    """An error as Recommand gives it; `where` is the field that is wrong."""
    errors = {"root": [words]} if where is None else {"root": ["Document validation failed."], where: [words]}
    return Reply(status, {"success": False, "errors": errors})


class Recommand(Service):
    """Recommand; receivers in `unreachable` are not on the network."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, dict[str, Any]] = {}
        self.unreachable: set[str] = set()

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.headers.get("authorization") != _BASIC:
            return refused(401, "Unauthorized")
        if call.path == f"/api/v1/{COMPANY}/send" and call.method == "POST":
            return self._send(call)
        if call.path == "/api/v1/inbox":
            return self._inbox(call)
        return self._document(call)

    def _document(self, call: Call) -> Reply:
        found = _DOCUMENT.fullmatch(call.path)
        document = self.documents.get(found[1]) if found else None
        if found is None or document is None:
            return refused(404, "Document not found")
        if found[2]:
            document["readAt"] = "2026-11-28T09:30:00.000Z" if json.loads(call.body or b"{}").get("read", True) else None
            return Reply(200, {"success": True})
        return Reply(200, {"success": True, "document": document})

    def _send(self, call: Call) -> Reply:
        asked = json.loads(call.body)
        if asked.get("documentType") != "xml" or not isinstance(asked.get("document"), str):
            return refused(400, "Invalid document type provided.")
        if "<Invoice" not in asked["document"] and "<CreditNote" not in asked["document"]:
            return refused(400, "BR-01: An Invoice shall have a Specification identifier", "CustomizationID")
        if asked["recipient"] in self.unreachable:
            return refused(422, "Failed to send document over Peppol network. The recipient is not registered.")
        made = self.keep("outgoing", asked["document"].encode(), receiverId=asked["recipient"], docTypeId=asked["doctypeId"])
        made["processId"] = asked["processId"]
        told = ("id", "teamId", "companyId", "sentOverPeppol", "sentOverEmail", "emailRecipients", "peppolMessageId", "envelopeId")
        return Reply(200, {"success": True, **{name: made[name] for name in told}})

    def _inbox(self, call: Call) -> Reply:
        company = call.query.get("companyId", [None])[0]
        waiting = [
            {name: value for name, value in one.items() if name not in ("xml", "parsed")}
            for one in self.documents.values()
            if one["direction"] == "incoming" and one["readAt"] is None and company in (None, one["companyId"])
        ]
        return Reply(200, {"success": True, "documents": waiting})

    def keep(self, direction: str, xml: bytes, **more: Any) -> dict[str, Any]:
        """A document that was sent or came, as it is shown."""
        number = len(self.documents) + 1
        made = {
            "id": f"doc_{number:02}",
            "teamId": "team_01",
            "companyId": COMPANY,
            "direction": direction,
            "senderId": "0208:0428759497",
            "receiverId": "0208:0999999031",
            "docTypeId": "",
            "processId": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
            "countryC1": "BE",
            "type": "invoice",
            "readAt": None,
            "createdAt": "2026-11-28T09:00:00.000Z",
            "updatedAt": "2026-11-28T09:00:00.000Z",
            "xml": xml.decode(),
            "parsed": None,
            "validation": None,
            "sentOverPeppol": True,
            "sentOverEmail": False,
            "emailRecipients": [],
            "labels": [],
            "peppolMessageId": f"message-{number}@recommand",
            "peppolConversationId": f"conversation-{number}",
            "receivedPeppolSignalMessage": "<Messaging/>" if direction == "outgoing" else None,
            "envelopeId": f"envelope-{number}",
            **more,
        }
        self.documents[made["id"]] = made
        return made


def hook(document: str, shared: str | None = HOOK, event: str = "document.received") -> Hook:
    """A hook as Recommand calls it, at the address that it was given."""
    body = {"eventType": event, "documentId": document, "teamId": "team_01", "companyId": COMPANY}
    return stamped(json.dumps(body).encode(), None, shared)


def stamped(data: bytes, _at: datetime | None = None, shared: str | None = HOOK) -> Hook:
    """Any body at the address that it was given."""
    query = "" if shared is None else f"?secret={shared}"
    return Hook({"content-type": "application/json"}, data, f"/peppol/hooks/recommand{query}")


def sent(service: Recommand) -> list[bytes]:
    """The documents that it sent."""
    return [one["xml"].encode() for one in service.documents.values() if one["direction"] == "outgoing"]
