"""Signatures of webhooks as Standard Webhooks says: HMAC-SHA256 over id, time and body, so that the receiver knows who sent what, when.

Headers: `webhook-id` (the event's id: a repeated delivery has the same), `webhook-timestamp` (seconds since 1970, UTC) and
`webhook-signature` (`v1,` and base64; several with spaces between while a secret is being replaced). A secret is `whsec_` and the
base64 of 24 to 64 bytes. https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from einvoice.errors import BadSignature, SettingsError

TOLERANCE = timedelta(minutes=5)
"""How far a receiver's clock may be from ours, and how old a delivery may be."""
_PREFIX, _VERSION = "whsec_", "v1,"


def sign(identity: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """The three headers of a delivery.

    Raises SettingsError for what is no secret.
    """
    moment = str(int(now.timestamp()))
    signatures = " ".join(_signature(identity, moment, body, secret) for secret in secrets)
    return {"webhook-id": identity, "webhook-timestamp": moment, "webhook-signature": signatures}


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime, tolerance: timedelta = TOLERANCE) -> str:
    """The id of a delivery whose signature is right: what a receiver calls, with the body's bytes as they came.

    Raises BadSignature where a header is absent, the time is not within the tolerance, or no signature fits; SettingsError for what is
    no secret.
    """
    told = {name.lower(): value for name, value in headers.items()}
    try:
        identity, moment, signatures = told["webhook-id"], told["webhook-timestamp"], told["webhook-signature"].split()
        age = abs(now.timestamp() - int(moment))
    except (KeyError, ValueError) as fault:
        raise BadSignature(
            f"the delivery has no {fault.args[0] if isinstance(fault, KeyError) else 'webhook-timestamp in seconds'}"
        ) from None
    if age > tolerance.total_seconds():
        raise BadSignature(f"the delivery is {age:.0f} s from now; at most {tolerance.total_seconds():.0f} s are allowed")
    expected = [_signature(identity, moment, body, secret).encode() for secret in secrets]
    given = [signature.encode() for signature in signatures]
    if not sum(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given):  # all are compared, whichever fits
        raise BadSignature("no signature of the delivery fits its body and a secret of ours")
    return identity


def _signature(identity: str, moment: str, body: bytes, secret: str) -> str:
    signed = b".".join((identity.encode(), moment.encode(), body))
    return _VERSION + base64.b64encode(hmac.digest(_key(secret), signed, sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else b""
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise SettingsError("a webhook's secret is whsec_ and the base64 of 24 to 64 bytes; make one: einvoice doctor --new-secret")
    return key
