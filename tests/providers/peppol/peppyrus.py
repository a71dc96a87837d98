"""A server that behaves as the OpenAPI document 1.0.0 of Peppyrus says, and its PHP client where that says more (404 for nobody there).

Folders: what was posted stands in Outbox until `delivers` or `fails`; what `comes` stands in Inbox until it is confirmed.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from einvoice_peppol.providers.port import Call as Hook
from tests.providers.paying import Call, Reply, Service

KEY, HOOK = "key-of-peppyrus", "secret-of-the-address"
NOBODY = "0208:0000000097"
_FIELDS = ("sender", "recipient", "processType", "documentType", "fileContent")
_MESSAGE = re.compile(r"/v1/message/([^/]+)(/report|/confirm)?")


class Peppyrus(Service):
    """Peppyrus."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}
        self.broken: dict[str, list[dict[str, str]]] = {}
        self.words: dict[str, str] = {}

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.headers.get("x-api-key") != KEY:
            return Reply(401, b"")
        if call.path == "/v1/message" and call.method == "POST":
            return self._post(call)
        if call.path == "/v1/message/list" and call.method == "GET":
            return self._list(call)
        found = _MESSAGE.fullmatch(call.path)
        message = self.messages.get(found[1]) if found else None
        return Reply(404, "Not found") if found is None or message is None else self._message(call, message, found[2])

    def _message(self, call: Call, message: dict[str, Any], what: str | None) -> Reply:
        ref = message["id"]
        if what == "/report" and call.method == "GET":
            return Reply(200, {"validationRules": self.broken.get(ref, []), "transmissionRules": self.words.get(ref, "")})
        if what == "/confirm" and call.method == "PATCH":
            return self._confirm(message)
        return Reply(200, message)

    def comes(self, data: bytes, sender: str, recipient: str, document: str, process: str) -> str:
        """A document comes for us; its id."""
        asked = {"sender": sender, "recipient": recipient, "processType": process, "documentType": document}
        return self._made({**asked, "fileContent": base64.b64encode(data).decode()}, "IN", "Inbox")

    def delivers(self, ref: str) -> None:
        """The other side has it."""
        self.messages[ref]["folder"] = "Sent"

    def fails(self, ref: str) -> None:
        """It could not be delivered."""
        self.messages[ref]["folder"] = "Failed"
        self.broken[ref] = [{"id": "BR-07", "type": "FATAL", "location": "/", "message": "An Invoice shall contain the Buyer name"}]
        self.words[ref] = "The receiver's access point does not answer"

    def hook(self, ref: str, secret: str | None = HOOK) -> Hook:
        """The webhook of a message: the message itself, unsigned, at the address that was set."""
        address = "https://ap.example/peppol/hooks/peppyrus" + (f"?secret={secret}" if secret is not None else "")
        return Hook({"content-type": "application/json"}, json.dumps(self.messages[ref]).encode(), address)

    def _post(self, call: Call) -> Reply:
        try:
            asked = json.loads(call.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict) or not all(isinstance(asked.get(field), str) and asked[field] for field in _FIELDS):
            return Reply(422, "The body lacks a field")
        if asked["recipient"] == NOBODY:
            return Reply(404, "PEPPOL identifier not found")
        try:
            data = base64.b64decode(asked["fileContent"], validate=True)
        except ValueError:
            return Reply(422, "fileContent is not base64")
        if b"<Invoice" not in data or not asked["documentType"].startswith("busdox-docid-qns::"):
            return Reply(422, "The document could not be validated")
        return Reply(200, self.messages[self._made(asked, "OUT", "Outbox")])

    def _list(self, call: Call) -> Reply:
        wanted = {name: values[0] for name, values in call.query.items()}
        found = [one for one in self.messages.values() if one["folder"].upper() == wanted.get("folder", one["folder"].upper()).upper()]
        if "confirmed" in wanted:
            found = [one for one in found if one["confirmed"] == (wanted["confirmed"] == "true")]
        page, size = int(wanted.get("page", "1")), min(int(wanted.get("perPage", "25")), 100)
        meta = {"pages": max(1, -(-len(found) // size)), "currentPage": page, "itemCount": len(found)}
        return Reply(200, {"items": found[(page - 1) * size : page * size], "meta": meta})

    @staticmethod
    def _confirm(message: dict[str, Any]) -> Reply:
        if message["confirmed"]:
            return Reply(404, "Already confirmed")
        message["confirmed"] = True
        return Reply(200, True)

    def _made(self, asked: dict[str, Any], direction: str, folder: str) -> str:
        ref = str(uuid5(NAMESPACE_URL, f"peppyrus {len(self.messages)}"))
        told = {name: asked[name] for name in _FIELDS}
        created = datetime(2026, 11, 28, 9, 0, len(self.messages) % 60, tzinfo=UTC).isoformat()
        self.messages[ref] = {"id": ref, "direction": direction, "folder": folder, **told, "created": created, "confirmed": False}
        return ref
