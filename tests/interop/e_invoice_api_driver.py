"""Runs e-invoice-api in its own environment against a server, and tells as JSON what it understood.

Asked: base, key, document (a path), sender and receiver (scheme and value each), inbox (ids that came).
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    module: Any = import_module("e_invoice_api")

    def made(key: str) -> Any:
        return module.EInvoice(api_key=key, base_url=asked["base"], max_retries=0, _strict_response_validation=True)

    client, stranger = made(asked["key"]), made("another-key")
    data = Path(asked["document"]).read_bytes()
    (scheme, sender), (other, receiver) = asked["sender"], asked["receiver"]
    file = ("document.xml", data, "application/xml")
    who = {
        "sender_peppol_scheme": scheme,
        "sender_peppol_id": sender,
        "receiver_peppol_scheme": other,
        "receiver_peppol_id": receiver,
    }
    draft = client.documents.ubl.create_from_ubl(file=file)
    sent = client.documents.send(draft.id, **who)
    again = client.documents.ubl.create_from_ubl(file=file)
    about = client.documents.ubl.get(asked["inbox"][0])
    listed = [one.id for one in client.inbox.list(page_size=2)]
    refused = client.documents.ubl.create_from_ubl(file=file)
    said = {
        "draft": [draft.id, draft.state, draft.direction],
        "sent": [sent.id, sent.state],
        "got": client.documents.retrieve(sent.id).state,
        "timeline": [one.event_type for one in client.documents.retrieve_timeline(sent.id).events],
        "deleted": client.documents.delete(again.id).is_deleted,
        "inbox": listed,
        "ubl": [about.id, about.sender_peppol_scheme, about.sender_peppol_id, about.receiver_peppol_id, about.file_size, about.signed_url],
        "wrong key": _fault(lambda: stranger.documents.retrieve(sent.id)),
        "no such document": _fault(lambda: client.documents.retrieve("doc_none")),
        "sent twice": _fault(lambda: client.documents.send(sent.id, **who)),
        "deleted though sent": _fault(lambda: client.documents.delete(sent.id)),
        "not our sender": _fault(lambda: client.documents.send(refused.id, **{**who, "sender_peppol_id": asked["stranger"]})),
        "no UBL": _fault(lambda: client.documents.ubl.create_from_ubl(file=("document.xml", b"<Order/>", "application/xml"))),
        "a page too large": _fault(lambda: list(client.inbox.list(page_size=101))),
    }
    json.dump(said, sys.stdout)


def _fault(call: Callable[[], Any]) -> list[Any]:
    """The kind of the fault that the client raises, and the status that it found."""
    try:
        call()
    except Exception as fault:
        return [type(fault).__name__, getattr(fault, "status_code", None)]
    return ["none", None]


if __name__ == "__main__":
    main()
