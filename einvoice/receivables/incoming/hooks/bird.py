"""Bird's calls: what became of messages, and answers (docs.bird.com/api/notifications-api: Verifying a webhook subscription).

`messagebird-signature` is the Base64 of an HMAC-SHA256 with the signing key over the timestamp, the address and the SHA-256 of the body,
as bytes, with line breaks between; the timestamp stands in `messagebird-request-timestamp`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from einvoice.errors import ReceivablesError
from einvoice.outbox import Outcome, State
from einvoice.receivables.incoming.hooks.failures import failure
from einvoice.receivables.incoming.port import Heard, News, Request, Untrusted

TOLERANCE = 300
"""Seconds between signing and hearing."""
_ARRIVED = frozenset({"delivered", "read"})
_REFUSED = frozenset({"sending_failed", "delivery_failed", "skipped", "rejected"})
_EVENTS = {f"{channel}.{way}": (channel, way) for channel in ("sms", "whatsapp") for way in ("inbound", "outbound", "interaction")}


class BirdHook:
    """Bird's calls; `secret` is the signing key of the subscription."""

    name = "bird"

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def heard(self, request: Request, now: datetime) -> Heard:
        """What became of a message, or what was answered; nothing for events of other kinds.

        Raises Untrusted where it is not signed with the key, or not now; ReceivablesError for anything else than an event.
        """
        self._trusted(request, now)
        try:
            event = json.loads(request.body)
        except ValueError:
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("payload"), dict):
            raise ReceivablesError("a call of Bird's is an event in JSON with a payload")
        channel, way = _EVENTS.get(str(event.get("event")), ("", ""))
        payload: dict[str, Any] = event["payload"]
        if not channel or not isinstance(payload.get("id"), str):
            return Heard()
        return Heard(_reply(payload, channel) if way == "inbound" else _status(payload, channel))

    def _trusted(self, request: Request, now: datetime) -> None:
        stamp = request.headers.get("messagebird-request-timestamp", "")
        signed = f"{stamp}\n{request.url}\n".encode() + hashlib.sha256(request.body).digest()
        made = base64.b64encode(hmac.new(self._secret, signed, hashlib.sha256).digest())
        if not hmac.compare_digest(made, request.headers.get("messagebird-signature", "").encode()):
            raise Untrusted("the signature of Bird's call is missing or wrong")
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or abs(now.timestamp() - int(stamp)) > TOLERANCE:
            raise Untrusted("the call of Bird's was signed too long ago, or in the future")


def _status(payload: dict[str, Any], channel: str) -> tuple[News, ...]:
    """What became of a message that we sent; an interaction names it as `messageId`."""
    ref, status = str(payload.get("messageId") or payload["id"]), str(payload.get("status") or payload.get("type") or "").lower()
    key, more = f"{ref}:{status}", {"channel": channel}
    if status in _ARRIVED:
        return (News(key, "status", ref, Outcome(State.DELIVERED, ref, proof=f"Bird: {status}"), more=more),)
    if status in _REFUSED:
        told = payload.get("failure")
        why = (told.get("code"), told.get("description")) if isinstance(told, dict) else (payload.get("reason"),)
        return (News(key, "status", ref, failure("bird", ref, f"Bird: {status}", *why), more=more),)
    return ()


def _reply(payload: dict[str, Any], channel: str) -> tuple[News, ...]:
    """What somebody wrote."""
    sender, body = _inside(payload, "sender", "contact", "identifierValue"), _inside(payload, "body", "text", "text")
    if not isinstance(sender, str) or not isinstance(body, str):
        return ()
    answered = _inside(payload, "replyTo", "id")
    ref = answered if isinstance(answered, str) else None
    return (News(payload["id"], "reply", ref, sender=sender, text=body, more={"channel": channel}),)


def _inside(found: Any, *names: str) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
