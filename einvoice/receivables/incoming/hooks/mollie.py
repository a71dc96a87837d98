"""Mollie's webhooks.

The classic one tells the id of a payment only, in a form (docs.mollie.com/reference/webhooks): it is not signed, and need not be, since
what the payment is now is asked with our key. The newer one is an event in JSON, signed in `X-Mollie-Signature` with HMAC-SHA256 over
the body (docs.mollie.com/reference/webhooks-best-practices); it is believed with a right signature only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from einvoice.errors import ReceivablesError
from einvoice.receivables.incoming.port import Heard, News, Request, Untrusted

_PAYMENT = re.compile(r"tr_[A-Za-z0-9]{1,60}", re.ASCII)
_SIGNED = "x-mollie-signature"
_LONGEST = 4096


class MollieHook:
    """Mollie's calls; `secret` is that of the newer webhooks, None where they are not used."""

    name = "mollie"

    def __init__(self, secret: str | None = None) -> None:
        self._secret = secret

    def heard(self, request: Request, now: datetime) -> Heard:
        """Which payment changed.

        Raises Untrusted where a signature is wrong, or missing on what must have one; ReceivablesError for anything else than a webhook.
        """
        if _SIGNED in request.headers or request.headers.get("content-type", "").startswith("application/json"):
            return self._event(request)
        return self._classic(request, now)

    @staticmethod
    def _classic(request: Request, now: datetime) -> Heard:
        try:
            form = parse_qs(request.body.decode("ascii"), max_num_fields=10) if len(request.body) <= _LONGEST else {}
        except (UnicodeDecodeError, ValueError):
            form = {}
        payment = (form.get("id") or [""])[0]
        if not _PAYMENT.fullmatch(payment):
            raise ReceivablesError("a webhook of Mollie tells the id of a payment, such as id=tr_…")
        return Heard((News(f"{payment}:{now.isoformat()}", "payment", payment, at=now),))

    def _event(self, request: Request) -> Heard:
        if self._secret is None:
            raise Untrusted("a signed webhook of Mollie, but [mollie] webhook_secret is not set")
        made = hmac.new(self._secret.encode(), request.body, hashlib.sha256).hexdigest()
        given = [each.strip().removeprefix("sha256=") for each in request.headers.get(_SIGNED, "").split(",")]
        if not any(hmac.compare_digest(made.encode(), each.encode()) for each in given):
            raise Untrusted("the signature of Mollie's webhook is wrong")
        event = _read(request.body)
        payment = next((ref for ref in _entities(event) if _PAYMENT.fullmatch(ref)), None)
        if payment is None:
            return Heard()
        key = str(event.get("id") or hashlib.sha256(request.body).hexdigest())
        key = f"{key}:{hashlib.sha256(request.body).hexdigest()[:16]}" if key == payment else key
        return Heard((News(key, "payment", payment, text=str(event.get("type") or event.get("status") or "")),))


def _read(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise ReceivablesError("a signed webhook of Mollie is an event in JSON")
    return event


def _entities(event: dict[str, Any]) -> list[str]:
    """The ids that an event may be about: the entity's, that of what is embedded, or the payment itself as a snapshot."""
    embedded = event.get("_embedded")
    inside = embedded.get("entity") if isinstance(embedded, dict) else None
    more = [inside.get("id"), inside.get("paymentId")] if isinstance(inside, dict) else []
    return [str(ref) for ref in (event.get("entityId"), *more, event.get("paymentId"), event.get("id")) if ref]
