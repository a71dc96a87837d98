"""The finished bytes of a message as an effect of the outbox carries them: themselves, or the name of their file in the spool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from einvoice_peppol.bodies import Bodies, Body

SPOOL = "spool"
"""The header of an effect that names the file of the spool; it has none where the payload is the bytes themselves."""


def carried(body: Body) -> tuple[bytes, dict[str, Any]]:
    """Payload and headers for a body."""
    if body.data is not None:
        return body.data, {}
    return json.dumps({"spool": body.file, "size": body.size}).encode(), {SPOOL: body.file}


def size(payload: bytes, headers: Mapping[str, Any]) -> int:
    """How many bytes they are."""
    return len(payload) if headers.get(SPOOL) is None else int(json.loads(payload)["size"])


def opened(payload: bytes, headers: Mapping[str, Any], bodies: Bodies) -> BinaryIO:
    """The bytes, from their beginning.

    Raises PeppolError where the spool has lost them.
    """
    name = headers.get(SPOOL)
    if name is None:
        return bodies.open(Body("", len(payload), payload))
    return bodies.open(Body(str(name), size(payload, headers), file=str(name)))
