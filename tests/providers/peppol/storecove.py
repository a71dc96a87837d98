"""A server that behaves as Storecove's API v2 says (storecove.com/docs, its OpenAPI description): submissions, their evidence, hooks.

A second submission with the same idempotencyGuid is answered with 422, as a wrong one is; evidence is 404 until a submission succeeded.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from einvoice_peppol.providers.port import Call as Hook
from tests.providers.paying import Call, Reply, Service

KEY, ENTITY, HOOK = "api-key-of-ours", 290868, "hook-secret"
_EVIDENCE = re.compile(r"/api/v2/document_submissions/([^/]+)/evidence/sending")
_SCHEMES = {"BE:EN", "BE:VAT", "NL:KVK", "NL:VAT", "DE:VAT", "DE:LWID", "NO:ORG", "GLN", "FR:SIRET"}


def refused(source: str, details: str) -> Reply:
    """A submission that is not taken."""
    return Reply(422, [{"source": source, "details": details}])


class Storecove(Service):
    """Storecove."""

    def __init__(self) -> None:
        super().__init__()
        self.submissions: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.evidence: dict[str, dict[str, Any]] = {}

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return Reply(401, b"")
        if call.path == "/api/v2/document_submissions" and call.method == "POST":
            return self._submit(json.loads(call.body))
        found = _EVIDENCE.fullmatch(call.path)
        shown = self.evidence.get(found[1]) if found else None
        return Reply(404, b"") if shown is None else Reply(200, shown)

    def _submit(self, asked: dict[str, Any]) -> Reply:
        if asked.get("legalEntityId") != ENTITY:
            return Reply(403, b"")
        key = asked.get("idempotencyGuid")
        if key is not None and len(key) != 36:
            return refused("idempotencyGuid", "The length must be 36")
        if key in self.keys:
            return refused("idempotencyGuid", "A document with this idempotencyGuid was submitted before")
        fault = _invalid(asked)
        if fault is not None:
            return fault
        data = base64.b64decode(asked["document"]["rawDocumentData"]["document"])
        guid = str(uuid5(NAMESPACE_URL, f"submission-{len(self.submissions)}"))
        self.submissions[guid] = {**asked, "data": data}
        self.keys[key or guid] = guid
        return Reply(200, {"guid": guid})

    def succeed(self, guid: str, network: str = "peppol") -> None:
        """The receiver's access point gave its receipt."""
        self.evidence[guid] = {
            "guid": guid,
            "network": network,
            "sender": "0208:0428759497",
            "receiver": "0208:0999999031",
            "documents": [{"mime_type": "application/xml", "document": "https://storage.example/1", "expires_at": "2026-11-28T10:00:00Z"}],
            "evidence": {
                "message_id": f"{guid}@storecove",
                "receiving_accesspoint": "CN=PBE000151, OU=PEPPOL TEST AP",
                "timestamp": "2026-11-28T09:00:01Z",
                "transmission_id": f"{guid}@storecove",
                "xml": "<Messaging/>",
            },
        }

    def key_of(self, guid: str) -> str:
        """Whose submission it was."""
        found = next(key for key, one in self.keys.items() if one == guid)
        return str(UUID(found))


def _invalid(asked: dict[str, Any]) -> Reply | None:
    routes = asked.get("routing", {}).get("eIdentifiers", [])
    if not routes or any(route.get("scheme") not in _SCHEMES for route in routes):
        return refused("routing", "No valid electronic identifiers")
    document = asked.get("document", {})
    raw = document.get("rawDocumentData", {})
    if document.get("documentType") != "invoice" or raw.get("parseStrategy") not in ("ubl", "cii"):
        return refused("document", "The document type cannot be sent")
    data = base64.b64decode(raw.get("document", ""), validate=True)
    if b"Invoice" not in data and b"CreditNote" not in data:
        return refused("document.rawDocumentData.document", "The document could not be parsed")
    return None


def hook(event: str, guid: str, shared: str | None = HOOK, kind: str = "document_submission", **more: Any) -> Hook:
    """A hook as Storecove calls it, at the address that it was given."""
    body = {"event_type": kind, "event_group": kind, "event": event, "guid": guid, "details": "", "tenant_id": "", **more}
    return stamped(json.dumps(body).encode(), None, shared)


def stamped(data: bytes, _at: datetime | None = None, shared: str | None = HOOK) -> Hook:
    """Any body at the address that it was given."""
    query = "" if shared is None else f"?secret={shared}"
    return Hook({"content-type": "application/json"}, data, f"/peppol/hooks/storecove{query}")


def sent(service: Storecove) -> list[bytes]:
    """The documents that it took."""
    return [one["data"] for one in service.submissions.values()]
