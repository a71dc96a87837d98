"""A prepared row as an effect of the outbox, and as the columns that say what was prepared."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row

from einvoice.outbox import Effect, Resend
from einvoice_peppol.bodies import Body
from einvoice_peppol.sending import rows
from einvoice_peppol.sending.evidence import stated
from einvoice_peppol.sending.packing import Packed
from einvoice_peppol.sending.payload import carried


def made(connection: Connection, row: Row[Any], packed: Packed | None) -> Effect:
    """The effect: the finished message for an access point, sent until it is proven; or the document for a hosted access point."""
    return _hosted(connection, row) if packed is None else _as4(connection, row, packed)


def evidence(packed: Packed | None) -> dict[str, Any]:
    """The columns that a finished message fills."""
    if packed is None:
        return {}
    return {
        "message_id": packed.message_id,
        "endpoint": packed.service.url,
        "access_point": packed.service.seat,
        "certificate": packed.certificate,
        "signed": json.dumps(stated(packed.references)),
    }


def _as4(connection: Connection, row: Row[Any], packed: Packed) -> Effect:
    data, headers = carried(packed.body)
    headers |= {
        "content_type": packed.content_type,
        "message_id": packed.message_id,
        "signed": stated(packed.references),
        "certificate": packed.certificate,
        "sha256": packed.body.sha256,
    }
    return Effect(
        key=rows.next_key(connection, row),
        owner=rows.OWNER,
        subject=rows.subject(row.id),
        channel=rows.CHANNEL,
        address=packed.service.url,
        payload=data,
        headers=headers,
        resend=Resend.SAME_BYTES,
    )


def _hosted(connection: Connection, row: Row[Any]) -> Effect:
    """The business document, and what a hosted access point wants to know of it; `channel` names it (`peppol:peppyrus`)."""
    data, headers = carried(Body(row.document_hash, row.size, row.document, row.file))
    names = ("sender", "receiver", "document_scheme", "document_type", "process_scheme", "process", "country", "number", "kind")
    headers |= {name: getattr(row, name) for name in names} | {"instance_id": row.instance_id, "sha256": row.document_hash}
    return Effect(
        key=rows.next_key(connection, row),
        owner=rows.OWNER,
        subject=rows.subject(row.id),
        channel=f"{rows.CHANNEL}:{row.via}",
        address=row.receiver,
        payload=data,
        headers=headers,
        resend=Resend.ONCE,
    )
