"""Stripe's webhooks: events in JSON, signed in `Stripe-Signature` (docs.stripe.com/webhooks/signature).

`t` is the moment of signing in seconds, each `v1` an HMAC-SHA256 in hexadecimal over `t`, a full stop and the body; older than five
minutes, it is a replay. An event says which session changed; what it is now is asked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any

from einvoice.errors import ReceivablesError
from einvoice.receivables.incoming.port import Heard, News, Request, Untrusted

TOLERANCE = 300
"""Seconds between signing and hearing."""
SESSIONS = frozenset(f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired"))
"""Events about a session."""
MONEY = ("charge.refunded", "charge.refund.", "refund.", "charge.dispute.")
"""How events begin that are about money going back; they name the payment intent."""
_REF = re.compile(r"(cs|pi)_[A-Za-z0-9_]{1,120}", re.ASCII)


class StripeHook:
    """Stripe's calls; `secret` is the endpoint's (`whsec_…`)."""

    name = "stripe"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def heard(self, request: Request, now: datetime) -> Heard:
        """Which session or payment intent changed; nothing for events of other kinds.

        Raises Untrusted where it is not signed with the secret, or not now; ReceivablesError for anything else than an event.
        """
        self._trusted(request, now)
        event = _read(request.body)
        kind, about = str(event.get("type")), _about(event)
        ref = about.get("id") if kind in SESSIONS else about.get("payment_intent") if kind.startswith(MONEY) else None
        if not isinstance(ref, str) or not _REF.fullmatch(ref):
            return Heard()
        return Heard((News(str(event["id"]), "payment", ref, text=kind),))

    def _trusted(self, request: Request, now: datetime) -> None:
        parts = [part.strip().partition("=") for part in request.headers.get("stripe-signature", "").split(",")]
        moments = [value for name, _, value in parts if name == "t"]
        if len(moments) != 1 or not re.fullmatch(r"\d{1,12}", moments[0], re.ASCII):
            raise Untrusted("the call has no signature of Stripe's")
        made = hmac.new(self._secret.encode(), f"{moments[0]}.".encode() + request.body, hashlib.sha256).hexdigest()
        if not any(hmac.compare_digest(made.encode(), value.encode()) for name, _, value in parts if name == "v1"):
            raise Untrusted("the signature of Stripe's call is wrong")
        if abs(now.timestamp() - int(moments[0])) > TOLERANCE:
            raise Untrusted("the call of Stripe's was signed too long ago, or in the future")


def _read(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise ReceivablesError("a call of Stripe's is an event in JSON with an id")
    return event


def _about(event: dict[str, Any]) -> dict[str, Any]:
    """The object that an event is about."""
    data = event.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
