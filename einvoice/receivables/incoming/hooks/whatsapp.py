"""The calls of the WhatsApp Cloud API: statuses and answers (developers.facebook.com: Webhooks, Payload Examples).

`X-Hub-Signature-256` is `sha256=` and the HMAC-SHA256 of the body with the app's secret, in hexadecimal. A webhook is set up by a GET with
`hub.verify_token`, which is answered with its `hub.challenge`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from einvoice.errors import ReceivablesError
from einvoice.outbox import Outcome, State
from einvoice.receivables.incoming.hooks.failures import failure
from einvoice.receivables.incoming.port import Answer, Heard, News, Request, Untrusted

_ARRIVED = frozenset({"delivered", "read"})
_MORE = {"channel": "whatsapp"}


class WhatsAppHook:
    """WhatsApp's calls; `secret` is the app's, `token` what the webhook is set up with."""

    name = "whatsapp"

    def __init__(self, secret: str, token: str | None = None) -> None:
        self._secret = secret.encode()
        self._token = token

    def heard(self, request: Request, now: datetime) -> Heard:  # noqa: ARG002 - the port's signature
        """What became of messages, and what was answered; the challenge of a GET that sets the webhook up.

        Raises Untrusted where it is not signed with the secret, ReceivablesError for what cannot be understood.
        """
        if request.method == "GET":
            return self._set_up(request)
        made = "sha256=" + hmac.new(self._secret, request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made.encode(), request.headers.get("x-hub-signature-256", "").encode()):
            raise Untrusted("the signature of WhatsApp's call is missing or wrong")
        try:
            found = json.loads(request.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ReceivablesError("a call of WhatsApp's is an object in JSON")
        return Heard(tuple(news for value in _values(found) for news in (*_statuses(value), *_replies(value))))

    def _set_up(self, request: Request) -> Heard:
        asked = parse_qs(urlsplit(request.url).query, max_num_fields=20)
        stated = asked.get("hub.verify_token", [""])[0]
        if self._token is None or asked.get("hub.mode") != ["subscribe"] or not hmac.compare_digest(stated.encode(), self._token.encode()):
            raise Untrusted("the webhook is set up with another token")
        return Heard((), Answer(200, asked.get("hub.challenge", [""])[0].encode()))


def _values(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The values of every change in a call."""
    for entry in _list(found.get("entry")):
        for change in _list(entry.get("changes")):
            if isinstance(change.get("value"), dict):
                yield change["value"]


def _statuses(value: dict[str, Any]) -> Iterator[News]:
    for one in _list(value.get("statuses")):
        ref, status = one.get("id"), one.get("status")
        if not isinstance(ref, str) or not isinstance(status, str):
            continue
        if status in _ARRIVED:
            yield News(
                f"{ref}:{status}", "status", ref, Outcome(State.DELIVERED, ref, proof=f"WhatsApp: {status}"), at=_moment(one), more=_MORE
            )
        elif status == "failed":
            errors = _list(one.get("errors"))
            first = errors[0] if errors else {}
            made = failure("whatsapp", ref, f"WhatsApp: failed {first.get('title') or ''}".strip(), first.get("code"))
            yield News(f"{ref}:{status}", "status", ref, made, at=_moment(one), more=_MORE)


def _replies(value: dict[str, Any]) -> Iterator[News]:
    for one in _list(value.get("messages")):
        text = one.get("text", {}).get("body") if isinstance(one.get("text"), dict) else None
        button = one.get("button", {}).get("text") if isinstance(one.get("button"), dict) else None
        ref, sender = one.get("id"), one.get("from")
        if isinstance(ref, str) and isinstance(sender, str):
            context = one.get("context")
            answered = context.get("id") if isinstance(context, dict) else None
            words = text or button or f"({one.get('type') or 'something'} without text)"
            yield News(ref, "reply", answered, sender=f"+{sender.lstrip('+')}", text=str(words), at=_moment(one), more=_MORE)


def _list(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _moment(one: dict[str, Any]) -> datetime | None:
    stamp = str(one.get("timestamp") or "")
    return datetime.fromtimestamp(int(stamp), UTC) if stamp.isascii() and stamp.isdigit() and len(stamp) < 12 else None
