"""A server that behaves as Billit says (docs.billit.be): UBL in JSON, its inbox of ten, files in base64, hooks signed with a time.

A sending is answered when it stands in the network; a key that was used makes it once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any

from einvoice_peppol.providers.port import Call as Hook
from tests.providers.paying import Call, Reply, Service

KEY, PARTY, HOOK = "api-key-of-ours", "574991", "hook-secret"
_FILE = re.compile(r"/v1/files/([^/]+)")
_CONFIRM = re.compile(r"/v1/peppol/inbox/(\d+)/confirm")
_RECEIVER = re.compile(r"AccountingCustomerParty>.*?EndpointID schemeID=\"(\d{4})\">([^<]+)<", re.DOTALL)


def refused(code: str, words: str) -> Reply:
    """An error of the business."""
    return Reply(400, {"errors": [{"Code": code, "Description": words}]})


class Billit(Service):
    """Billit; receivers in `unreachable` are not on the network."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[int, str] = {}
        self.keys: dict[str, int] = {}
        self.items: dict[int, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.unreachable: set[str] = set()

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if (call.headers.get("apikey"), call.headers.get("partyid")) != (KEY, PARTY):
            return Reply(401, {"Message": "Authorization has been denied for this request."})
        if call.path == "/v1/peppol/sendxml" and call.method == "POST":
            return self._send(call)
        if call.path == "/v1/peppol/inbox":
            oldest = sorted(self.items)[:10]
            return Reply(200, {"InboxItems": [self.items[number] for number in oldest]})
        if found := _CONFIRM.fullmatch(call.path):
            return Reply(200 if self.items.pop(int(found[1]), None) else 404, b"")
        found = _FILE.fullmatch(call.path)
        if found is None or found[1] not in self.files:
            return Reply(404, {"Message": "Not found"})
        content = base64.b64encode(self.files[found[1]]).decode()
        return Reply(200, {"FileID": found[1], "FileName": f"{found[1]}.xml", "MimeType": "text/xml", "FileContent": content})

    def _send(self, call: Call) -> Reply:
        key = call.headers.get("idempotent-key")
        if key in self.keys:
            return Reply(200, {"InboxItemID": self.keys[key]})
        asked = json.loads(call.body)
        xml = asked.get("XML", "")
        if "<Invoice" not in xml and "<CreditNote" not in xml:
            return refused("GenericError", "Data is Required")
        receiver = _RECEIVER.search(xml)
        if receiver and f"{receiver[1]}:{receiver[2]}" in self.unreachable:
            return refused("TheCustomerDoesNotSupportPeppolForType_0", "De klant ondersteunt geen Peppol voor type Invoice")
        number = 1_117_002 + len(self.sent)
        self.sent[number] = xml
        if key:
            self.keys[key] = number
        return Reply(200, {"InboxItemID": number})

    def receive(self, envelope: bytes, sender: str, receiver: str, document: str) -> int:
        """A document comes; the number of its item."""
        number = 69_791 + len(self.files)
        file = f"b155ec2e-a74c-4972-928b-{len(self.files):012x}"
        self.files[file] = envelope
        self.items[number] = {
            "InboxItemID": number,
            "SenderPeppolID": sender,
            "PeppolDocumentType": document,
            "ReceiverPeppolID": receiver,
            "ReceiverCompanyID": "BE0999999031",
            "CreationDate": "2025-04-07T13:30:32.1327398",
            "PeppolFileID": file,
        }
        return number


def hook(at: datetime, shared: str = HOOK, stated: datetime | None = None, **more: Any) -> Hook:
    """A hook as Billit calls it; `stated` is the time that it says where that is another than the one that was signed."""
    body = {"UpdatedEntityID": 690998, "UpdatedEntityType": "Message", "WebhookUpdateTypeTC": "U", "EntityDetail": {}, **more}
    made = stamped(json.dumps(body).encode(), at, shared)
    if stated is None:
        return made
    signature = made.headers["billit-signature"].partition(",")[2]
    return made._replace(headers={"billit-signature": f"t={int(stated.timestamp())},{signature}"})


def stamped(data: bytes, at: datetime, shared: str = HOOK) -> Hook:
    """Any body as Billit signs it."""
    moment = str(int(at.timestamp()))
    signed = hmac.new(shared.encode(), moment.encode() + b"." + data, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "billit-signature": f"t={moment},s={signed}"}
    return Hook(headers, data, "/peppol/hooks/billit")


def taken(service: Billit) -> list[bytes]:
    """The documents that it sent."""
    return [xml.encode() for xml in service.sent.values()]
