"""MessageBird's calls: status reports and answers (developers.messagebird.com: Handle status reports, Verify HTTP requests).

`MessageBird-Signature-JWT` is a JSON Web Token, HS256 with the signing key: `url_hash` is the SHA-256 of the address, `payload_hash` that
of the body, where there is one; `nbf` and `exp` say when it holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from einvoice.errors import ReceivablesError
from einvoice.outbox import Outcome, State
from einvoice.receivables.incoming.hooks.failures import failure
from einvoice.receivables.incoming.port import Heard, News, Request, Untrusted

_LEEWAY = 60
_LASTS = 3_600
"""Seconds: of clocks that differ; after which a token counts as a replay though it would still hold."""
_GONE = frozenset({"delivery_failed", "expired"})


class MessageBirdHook:
    """MessageBird's calls; `secret` is the signing key."""

    name = "messagebird"

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def heard(self, request: Request, now: datetime) -> Heard:
        """What became of an SMS, or what was answered.

        Raises Untrusted where it is not signed with the key for this address and body, or not now; ReceivablesError for what cannot
        be understood.
        """
        self._trusted(request, now)
        said = _said(request)
        ref, status = said.get("id", ""), said.get("status", "").lower()
        if status and ref:
            return Heard(_status(ref, status, said))
        text = said.get("body") or said.get("payload") or said.get("message") or ""
        sender = said.get("originator") or said.get("sender") or ""
        if sender and text:
            number = sender if sender.startswith("+") else f"+{sender}"
            return Heard(
                (
                    News(
                        ref or hashlib.sha256(request.body or request.url.encode()).hexdigest(),
                        "reply",
                        sender=number,
                        text=text,
                        more={"channel": "sms"},
                    ),
                )
            )
        return Heard()

    def _trusted(self, request: Request, now: datetime) -> None:
        claims = _claims(request.headers.get("messagebird-signature-jwt", ""), self._secret)
        moment = now.timestamp()
        begins, ends = claims.get("nbf", moment), claims.get("exp", 0)
        if not all(isinstance(each, int | float) for each in (begins, ends)):
            raise Untrusted("the token of MessageBird's call has no times")
        if not begins - _LEEWAY <= moment <= min(ends, begins + _LASTS) + _LEEWAY:
            raise Untrusted("the token of MessageBird's call holds no longer, or not yet")
        body = _sha256(request.body) if request.body else None
        if not _same(claims.get("url_hash"), _sha256(request.url.encode())) or not _same(claims.get("payload_hash"), body):
            raise Untrusted("the token of MessageBird's call is for another address or body")


def _status(ref: str, status: str, said: dict[str, str]) -> tuple[News, ...]:
    key, more = f"{ref}:{said.get('recipient', '')}:{status}", {"channel": "sms"}
    if status == "delivered":
        return (
            News(
                key, "status", ref, Outcome(State.DELIVERED, ref, proof=f"MessageBird: {said.get('statusDatetime') or status}"), more=more
            ),
        )
    if status in _GONE:
        made = failure("messagebird", ref, "MessageBird:", status, said.get("statusReason"), said.get("statusErrorCode"))
        return (News(key, "status", ref, made, more=more),)
    return ()


def _said(request: Request) -> dict[str, str]:
    """What a call says: in its address, in a form, or in JSON."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query, max_num_fields=100).items()}
    if not request.body:
        return query
    try:
        if "json" in request.headers.get("content-type", ""):
            found = json.loads(request.body)
            return query | {str(name): str(value) for name, value in found.items() if isinstance(value, str | int)}
        return query | dict(parse_qsl(request.body.decode(), max_num_fields=100))
    except (ValueError, AttributeError):
        raise ReceivablesError("a call of MessageBird's is a form or an object in JSON") from None


def _claims(token: str, secret: bytes) -> dict[str, Any]:
    """What a token states, if it is signed with the key."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Untrusted("MessageBird's call has no token")
    made = hmac.new(secret, f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
    try:
        header, claims, stated = (_unpacked(part) for part in parts)
        is_signed = hmac.compare_digest(made, stated)
        found = json.loads(claims) if is_signed and json.loads(header).get("alg") == "HS256" else None
    except (ValueError, binascii.Error, AttributeError):
        raise Untrusted("the token of MessageBird's call is none") from None
    if not isinstance(found, dict):
        raise Untrusted("the token of MessageBird's call is not signed with the key")
    return found


def _unpacked(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _same(stated: object, made: str | None) -> bool:
    """Whether a stated hash is the one that was made; both absent are the same."""
    if stated is None or made is None:
        return stated is None and made is None
    return isinstance(stated, str) and hmac.compare_digest(stated.encode(), made.encode())
