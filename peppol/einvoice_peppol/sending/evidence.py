"""What proves that a message was taken, as text: the references of its signature, and the receipt as it came."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from einvoice.errors import PeppolError
from einvoice_peppol.as4.message import Reference


class Receipt(NamedTuple):
    """A receipt as it came: its Content-Type and its bytes."""

    content_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The hash of its bytes, hexadecimal."""
        return sha256(self.data).hexdigest()

    def text(self) -> str:
        """As an outcome of the outbox carries it."""
        return json.dumps({"content_type": self.content_type, "receipt": b64encode(self.data).decode("ascii")})


def read(text: str | None) -> Receipt:
    """The receipt that an outcome carries.

    Raises PeppolError where it carries none.
    """
    try:
        stated = json.loads(text or "")
        return Receipt(stated["content_type"], b64decode(stated["receipt"], validate=True))
    except (ValueError, KeyError, TypeError):
        raise PeppolError("this outcome carries no receipt: it proves nothing") from None


def stated(references: Iterable[Reference]) -> list[dict[str, Any]]:
    """References as JSON values."""
    return [{"uri": each.uri, "transforms": [list(one) for one in each.transforms], "digest": each.digest} for each in references]


def references(values: Iterable[dict[str, Any]]) -> tuple[Reference, ...]:
    """The references that JSON values state."""
    return tuple(Reference(each["uri"], tuple((one[0], one[1]) for one in each["transforms"]), each["digest"]) for each in values)
