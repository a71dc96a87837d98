"""The evidence of a message that went out."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row

from einvoice_peppol.bodies import Bodies
from einvoice_peppol.sbdh import wrapping
from einvoice_peppol.sending import evidence, packing, payload, rows
from einvoice_peppol.sending.proof import files, parts
from einvoice_peppol.sending.proof.archive import Archive


def fill(archive: Archive, connection: Connection, row: Row[Any], bodies: Bodies) -> files.Filled:
    """Adds what there is of a message; what was not prepared or sent is missing, and the facts say so."""
    with rows.document(row, bodies) as document:
        archive.add(*files.DOCUMENT, document)
    facts = {"direction": "out", "id": row.id, **files.common(row), **_stated(row)}
    effect = rows.effect_of(connection, row.id)
    if row.via == rows.AS4:
        facts |= _as4(archive, row, effect, bodies)
    if row.receipt is not None:
        facts["receipt"] = {"file": _receipt(archive, row), "content_type": row.receipt_type, "sha256": row.receipt_hash}
    elif effect is not None and effect.proof:
        facts["provider"] = {"id": effect.provider, "proof": effect.proof}
    return files.Filled(facts, files.HOW_TO)


def _stated(row: Row[Any]) -> dict[str, Any]:
    """What only what went out has."""
    moments = {name: files.moment(getattr(row, name)) for name in ("created_at", "prepared_at", "sent_at")}
    names = ("subject", "number", "profile", "verdict", "override", "endpoint", "document_hash")
    return moments | {name: getattr(row, name) for name in names}


def _as4(archive: Archive, row: Row[Any], effect: Row[Any] | None, bodies: Bodies) -> dict[str, Any]:
    """Envelope, packed payload, message, certificates."""
    facts: dict[str, Any] = {}
    with bodies.scratch() as wrapped:
        with rows.document(row, bodies) as document:
            wrapping.wrap(document, packing.header(row), wrapped)
        wrapped.seek(0)
        archive.add(*files.WRAPPED, wrapped)
        if row.signed:
            facts["signed"] = json.loads(row.signed)
            wrapped.seek(0)
            parts.add_payload(archive, wrapped, evidence.references(facts["signed"]), bodies)
    if effect is not None and "content_type" in effect.headers:
        with payload.opened(effect.payload, effect.headers, bodies) as message:
            archive.add(*files.MESSAGE, message, packed=False)
        with payload.opened(effect.payload, effect.headers, bodies) as message:
            facts |= parts.add_envelope(archive, str(effect.headers["content_type"]), message)
        facts["message"] = {"content_type": effect.headers["content_type"], "sha256": effect.headers["sha256"]}
    if row.certificate:
        archive.add(*files.RECEIVER, row.certificate.encode("ascii"))
        facts["receiver_certificate"] = files.about_certificate(row.certificate)
    return facts


def _receipt(archive: Archive, row: Row[Any]) -> str:
    name = f"{files.RECEIPT[0]}.{'mime' if 'multipart' in (row.receipt_type or '').lower() else 'xml'}"
    archive.add(name, files.RECEIPT[1], row.receipt)
    return name
