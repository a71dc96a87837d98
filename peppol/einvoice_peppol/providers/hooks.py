"""Whether a webhook is a provider's own: by its signature, or, where the provider signs none, by a secret of ours in its address.

Secrets are compared in constant time. Where no secret is set nothing is believed.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

from einvoice.settings.values import Secret
from einvoice_peppol.providers.calling import is_signed
from einvoice_peppol.providers.port import Call, Untrusted

_LONG = 100_000


def check_signature(secret: Secret | None, signed: bytes, stated: str, name: str) -> None:
    """Holds a stated HMAC-SHA256 against ours over what was signed.

    Raises Untrusted, SettingsError where the secret leads to nothing.
    """
    if not is_signed(_revealed(secret, name), signed, stated):
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


def said(body: bytes) -> str:
    """A webhook as the proof of what it says: its text, or its SHA-256 where it is long."""
    return body.decode("utf-8", "replace") if len(body) <= _LONG else f"sha256 {hashlib.sha256(body).hexdigest()}"


def _revealed(secret: Secret | None, name: str) -> str:
    if secret is None:
        raise Untrusted(f"a webhook says that it comes from {name}; nothing of it is believed until [{name}] webhook_secret is set")
    return secret.reveal()
