"""Whether a webhook is a provider's own: by its signature, or, where the provider signs none, by a secret of ours in its address.

Secrets are compared in constant time. What has no secret set is not believed at all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from einvoice.errors import PeppolError
from einvoice.settings.values import Secret
from einvoice_peppol.providers.port import Call, Untrusted

MOST = 1_000_000
"""So many bytes of a webhook are read."""


def signature(secret: str, data: bytes) -> str:
    """HMAC-SHA256 in small hexadecimal digits (RFC 2104)."""
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def check_signature(secret: Secret | None, data: bytes, stated: str, name: str) -> None:
    """Holds a stated signature against ours over `data`; digits in any case.

    Raises Untrusted, SettingsError where the secret leads to nothing.
    """
    ours = signature(_revealed(secret, name), data)
    if not hmac.compare_digest(ours.encode(), stated.lower().encode("utf-8", "replace")):
        raise Untrusted(f"a webhook says that it comes from {name}, and is not signed with [{name}] webhook_secret")


def check_address(secret: Secret | None, call: Call, name: str) -> None:
    """Holds the `secret` of the address that was called against ours; it must be there once.

    Raises Untrusted, SettingsError where the secret leads to nothing.
    """
    ours = _revealed(secret, name)
    try:
        stated = parse_qs(urlsplit(call.url).query, max_num_fields=20).get("secret", [])
    except ValueError:
        stated = []
    if len(stated) != 1 or not hmac.compare_digest(ours.encode(), stated[0].encode("utf-8", "replace")):
        raise Untrusted(f"a webhook says that it comes from {name}, and its address lacks ?secret= with [{name}] webhook_secret")


def told(call: Call, name: str) -> Mapping[str, Any]:
    """The object that a webhook holds.

    Raises PeppolError.
    """
    if len(call.body) > MOST:
        raise PeppolError(f"a webhook of {name} has more than {MOST:,} bytes")
    try:
        found = json.loads(call.body)
    except (ValueError, RecursionError):
        raise PeppolError(f"a webhook of {name} is no JSON") from None
    if not isinstance(found, dict):
        raise PeppolError(f"a webhook of {name} is no JSON object")
    return found


def _revealed(secret: Secret | None, name: str) -> str:
    if secret is None:
        raise Untrusted(f"a webhook says that it comes from {name}; nothing of it is believed until [{name}] webhook_secret is set")
    return secret.reveal()
