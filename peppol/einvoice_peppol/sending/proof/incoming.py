"""The evidence of a message that came in."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from einvoice_peppol.bodies import Bodies, Body
from einvoice_peppol.sbdh.unwrapping import unwrap
from einvoice_peppol.sending.proof import files
from einvoice_peppol.sending.proof.archive import Archive


def fill(archive: Archive, row: Row[Any], bodies: Bodies) -> files.Filled:
    """Adds what was kept of a message: its document, as it was sent and without its envelope, its SOAP envelope, our receipt."""
    body = Body(row.document_hash, row.size, row.document, row.file)
    with bodies.scratch() as document:
        with bodies.open(body) as wrapped:
            unwrap(wrapped, document)
        document.seek(0)
        archive.add(*files.DOCUMENT, document)
    with bodies.open(body) as wrapped:
        archive.add(*files.WRAPPED, wrapped)
    facts = {"direction": "in", "id": row.id, **files.common(row)}
    facts |= {name: files.moment(getattr(row, name)) for name in ("sent_at", "received_at", "handed_at")}
    if row.envelope is not None:
        archive.add(*files.ENVELOPE, row.envelope)
    if row.certificate:
        archive.add(*files.SENDER, row.certificate.encode("ascii"))
        facts["sender_certificate"] = files.about_certificate(row.certificate)
    if row.signed:
        facts["signed"] = _stated(row.signed)
    if row.receipt is not None:
        name = f"{files.RECEIPT[0]}.xml"
        facts["receipt"] = {"file": name, "sha256": archive.add(name, files.RECEIPT[1], row.receipt)}
    return files.Filled(facts, files.HOW_TO)


def _stated(signed: str) -> list[dict[str, Any]]:
    """The references as the inbox keeps them, each as an object."""
    return [{"uri": uri, "transforms": transforms, "digest": digest} for uri, transforms, digest in json.loads(signed)]
