"""A server that behaves as the OpenAPI document 1.1.0 of e-invoice.be says; the client e-invoice-api of PyPI agrees (`tests/interop`).

Documents made from UBL are drafts until they are sent, then in TRANSIT until they `arrive` or `fail`; what `comes` is RECEIVED. Files are
fetched where `/ubl` says, without the key, as signed addresses are. Webhooks are signed as docs.e-invoice.be says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

from lxml import etree

from einvoice_peppol.providers.port import Call as Hook
from tests.providers.paying import Call, Reply, Service

KEY, HOOK, TENANT = "key-of-e-invoice-be", "secret-of-the-webhook", "ten-abc123"
STRANGER = "0000000097"
"""A sender that we may not send for."""
_DOCUMENT = re.compile(r"/api/documents/([^/]+)(/send|/timeline|/ubl|/validate)?")
_ROOTS = {"Invoice": "INVOICE", "CreditNote": "CREDIT_NOTE"}


def problem(status: int, detail: str) -> Reply:
    """An error as it is documented."""
    return Reply(status, {"detail": detail})


class EInvoiceBe(Service):
    """e-invoice.be."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.parties: dict[str, dict[str, str]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.sent: list[str] = []
        self.base = ""
        self.on_send: list[Reply | None] = []
        """What calls to send a draft are answered instead; None: it is sent, and the answer is lost."""

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.path.startswith("/files/"):
            data = self.files.get(call.path.removeprefix("/files/"))
            is_signed = call.query.get("signature") == ["1"] and "authorization" not in call.headers
            return Reply(200, data, {"Content-Type": "application/xml"}) if data is not None and is_signed else Reply(403, b"<Error/>")
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return problem(401, "API key is missing, invalid, or inactive")
        if call.path == "/api/documents/ubl" and call.method == "POST":
            return self._create(call)
        if call.path == "/api/inbox/" and call.method == "GET":
            return self._inbox(call)
        found = _DOCUMENT.fullmatch(call.path)
        document = self.documents.get(found[1]) if found else None
        if found is None or document is None:
            return problem(404, "Document with the specified ID doesn't exist")
        return self._document(call, document, found[2])

    def _document(self, call: Call, document: dict[str, Any], what: str | None) -> Reply:
        ref = document["id"]
        if call.method == "DELETE" and what is None:
            if document["state"] != "DRAFT":
                return problem(400, "Document is not in draft state")
            del self.documents[ref]
            return Reply(200, {"is_deleted": True})
        if what == "/send" and call.method == "POST":
            return self._send(call, document)
        if what == "/timeline":
            return Reply(200, {"document_id": ref, "events": self.events[ref]})
        if what == "/ubl":
            about = {"id": ref, "file_name": "document.xml", "file_size": len(self.files[ref]), **self.parties.get(ref, {})}
            return Reply(200, {**about, "signed_url": f"{self.base}/files/{ref}?signature=1"})
        return Reply(200, document)

    def comes(self, data: bytes, sender: tuple[str, str], receiver: tuple[str, str]) -> str:
        """A document comes for us; its id."""
        ref = self._made(data, "INBOUND", "RECEIVED")
        names = ("sender_peppol_scheme", "sender_peppol_id", "receiver_peppol_scheme", "receiver_peppol_id")
        self.parties[ref] = dict(zip(names, (*sender, *receiver), strict=True))
        return ref

    def arrive(self, ref: str) -> None:
        """The other side has it."""
        self.documents[ref]["state"] = "SENT"
        self._event(ref, "send_success")

    def fail(self, ref: str) -> None:
        """It could not be delivered within a day."""
        self.documents[ref]["state"] = "FAILED"
        self._event(ref, "send_failed", {"error": "the receiver's access point does not answer"})

    def _create(self, call: Call) -> Reply:
        data = _file(call)
        if data is None:
            return Reply(422, {"detail": [{"loc": ["body", "file"], "msg": "Field required", "type": "missing"}]})
        try:
            root = etree.QName(etree.fromstring(data)).localname
        except etree.XMLSyntaxError:
            root = ""
        if root not in _ROOTS:
            return problem(415, "UBL file is not valid or empty")
        return Reply(201, self.documents[self._made(data, "OUTBOUND", "DRAFT", _ROOTS[root])])

    def _send(self, call: Call, document: dict[str, Any]) -> Reply:
        trouble = self.on_send.pop(0) if self.on_send else Reply(200)
        if trouble is not None and (trouble.status != 200 or trouble.body is not None):
            return trouble
        answer = self._sent(call, document)
        return Reply(None) if trouble is None else answer

    def _sent(self, call: Call, document: dict[str, Any]) -> Reply:
        if document["state"] not in ("DRAFT", "FAILED"):
            return problem(405, "Document is not in draft state")
        if call.query.get("sender_peppol_id") == [STRANGER]:
            return problem(409, "Document is not allowed to send from the given Peppol ID")
        if b"<cbc:ID>unvalidated" in self.files[document["id"]]:
            return problem(400, "Document UBL is not validated yet or missing Peppol information")
        document["state"] = "TRANSIT"
        self.sent.append(document["id"])
        self.parties[document["id"]] = {name: values[0] for name, values in call.query.items()}
        self._event(document["id"], "send_attempted")
        return Reply(200, document)

    def _inbox(self, call: Call) -> Reply:
        size, page = int(call.query.get("page_size", ["20"])[0]), int(call.query.get("page", ["1"])[0])
        if not 1 <= size <= 100 or page < 1:
            return Reply(422, {"detail": [{"loc": ["query", "page_size"], "msg": "out of bounds", "type": "value_error"}]})
        found = [one for one in reversed(self.documents.values()) if one["direction"] == "INBOUND"]
        pages = -(-len(found) // size)
        items = found[(page - 1) * size : page * size]
        told = {"items": items, "total": len(found), "page": page, "page_size": size, "pages": pages, "has_next_page": page < pages}
        return Reply(200, told)

    def _made(self, data: bytes, direction: str, state: str, kind: str = "INVOICE") -> str:
        ref = f"doc_{hashlib.sha256(f'{len(self.files)}'.encode()).hexdigest()[:20]}"
        created = datetime(2026, 11, 28, 9, 0, len(self.files) % 60, tzinfo=UTC).isoformat()
        self.documents[ref] = {"id": ref, "created_at": created, "direction": direction, "state": state, "document_type": kind}
        self.files[ref], self.events[ref] = data, []
        self._event(ref, "document_created" if direction == "OUTBOUND" else "receive_success")
        return ref

    def _event(self, ref: str, kind: str, details: dict[str, Any] | None = None) -> None:
        self.events[ref].append(
            {"event_type": kind, "timestamp": "2026-11-28T09:00:00Z", "id": f"{ref}-{len(self.events[ref])}", "details": details}
        )


def _file(call: Call) -> bytes | None:
    """The part `file` of a form; None where it has none."""
    form: Any = message_from_bytes(b"Content-Type: " + call.headers.get("content-type", "").encode() + b"\r\n\r\n" + call.body)
    for part in form.get_payload() if form.is_multipart() else []:
        if part.get_param("name", header="content-disposition") == "file":
            return bytes(part.get_payload(decode=True))
    return None


def hook(ref: str, kind: str = "document.sent", shared: str = HOOK, number: int = 1) -> Hook:
    """A webhook as it is sent: the event, with whatever blanks, signed over itself with sorted keys."""
    data = {"document_id": ref}
    text = f"⚡️ New webhook event: {kind}\n\n{json.dumps(data, indent=2)}"
    event = {"id": f"evt-{number}", "tenant_id": TENANT, "created_at": 1762780249, "type": kind, "data": data, "text": text}
    signed = hmac.new(shared.encode(), json.dumps(event, sort_keys=True).encode(), hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-signature": f"sha256={signed}"}
    return Hook(
        headers, json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode(), "https://ap.example/peppol/hooks/e-invoice.be"
    )
