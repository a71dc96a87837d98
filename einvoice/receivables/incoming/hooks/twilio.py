"""Twilio's calls: status callbacks, answers, keys that were pressed (twilio.com/docs/usage/security, Messages and Calls resources).

`X-Twilio-Signature` is the Base64 of an HMAC-SHA1 with the auth token over the address as Twilio called it and, of a form, each name and
value, sorted by name. There is no time in it: what comes twice is one news by its key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.sax.saxutils import escape, quoteattr

from einvoice.errors import ReceivablesError
from einvoice.outbox import Outcome, State
from einvoice.receivables.channels.twilio import words_of
from einvoice.receivables.incoming.hooks.failures import failure
from einvoice.receivables.incoming.port import Answer, Heard, News, Request, Untrusted

_ARRIVED = frozenset({"delivered", "read"})
_REFUSED = frozenset({"undelivered", "failed"})
_MISSED = frozenset({"busy", "no-answer", "canceled"})
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_STARTS = frozenset({"START", "STOP"})


class TwilioHook:
    """Twilio's calls; `token` is the account's auth token."""

    name = "twilio"

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def heard(self, request: Request, now: datetime) -> Heard:  # noqa: ARG002 - the port's signature
        """What became of a message or call, what was answered, which key was pressed.

        Raises Untrusted where it is not signed with the token, ReceivablesError for what is no form.
        """
        fields = _fields(request)
        self._trusted(request, fields)
        said = dict(fields)
        if "CallSid" in said:
            return _of_call(said, request.url)
        if "MessageStatus" in said or ("SmsStatus" in said and "Body" not in said):
            return Heard(_of_message(said), Answer(204))
        if "Body" in said and "From" in said:
            return Heard((_reply(said),), _xml(_EMPTY))
        return Heard((), Answer(204))

    def _trusted(self, request: Request, fields: list[tuple[str, str]]) -> None:
        stated = request.headers.get("x-twilio-signature", "")
        signed = request.url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
        made = base64.b64encode(hmac.new(self._token, signed.encode(), hashlib.sha1).digest())
        if not hmac.compare_digest(made, stated.encode()):
            raise Untrusted("the signature of Twilio's call is missing or wrong")


def _fields(request: Request) -> list[tuple[str, str]]:
    """The fields of the form that a POST brings; a GET has all it says in its address."""
    if request.method == "GET":
        return []
    try:
        return parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=bool(request.body), max_num_fields=200)
    except ValueError:
        raise ReceivablesError("a call of Twilio's is a form") from None


def _of_message(said: dict[str, str]) -> tuple[News, ...]:
    """What became of a message."""
    ref, status = said.get("MessageSid", ""), (said.get("MessageStatus") or said.get("SmsStatus") or "").lower()
    error = said.get("ErrorCode")
    key, more = f"{ref}:{status}", {"channel": "whatsapp" if said.get("To", "").startswith("whatsapp:") else "sms"}
    if status in _ARRIVED:
        return (News(key, "status", ref, Outcome(State.DELIVERED, ref, proof=f"Twilio: {status}"), more=more),)
    if status in _REFUSED:
        return (News(key, "status", ref, failure("twilio", ref, f"Twilio: {status}", error), more=more),)
    return ()


def _reply(said: dict[str, str]) -> News:
    """What somebody wrote; Twilio names STOP and START whatever the words were."""
    sender = said["From"]
    named = said.get("OptOutType", "").upper()
    more = {"channel": "whatsapp" if sender.startswith("whatsapp:") else "sms"}
    text = named if named in _STARTS else said["Body"]
    return News(
        said.get("MessageSid", ""),
        "reply",
        said.get("OriginalRepliedMessageSid"),
        sender=sender.removeprefix("whatsapp:"),
        text=text,
        more=more,
    )


def _of_call(said: dict[str, str], url: str) -> Heard:
    """What became of a call: somebody answered it, pressed a key, or nobody was there."""
    ref, status, more = said["CallSid"], said.get("CallStatus", "").lower(), {"channel": "computer_call"}
    if "Digits" in said:
        language = parse_qs(urlsplit(url).query).get("language", ["en"])[0]
        digit = said["Digits"][:1]
        news = (_answered(ref, more), News(f"{ref}:pressed", "pressed", ref, text=digit, more=more))
        return Heard(news if digit in "1234" and digit else news[:1], _thanks(language, digit))
    if status == "completed" and said.get("AnsweredBy") == "human":
        return Heard((_answered(ref, more),), Answer(204))
    if status == "failed":
        made = failure("twilio", ref, "Twilio: failed", said.get("ErrorCode"), said.get("SipResponseCode"))
        return Heard((News(f"{ref}:failed", "status", ref, made, more=more),), Answer(204))
    if status in _MISSED:
        return Heard((News(f"{ref}:{status}", "delayed", ref, text=f"Twilio: {status}", more=more),), Answer(204))
    return Heard((), Answer(204))


def _answered(ref: str, more: dict[str, str]) -> News:
    return News(f"{ref}:answered", "status", ref, Outcome(State.DELIVERED, ref, proof="Twilio: answered"), more=more)


def _thanks(language: str, digit: str) -> Answer:
    """What a caller hears after a key: what follows from it."""
    words = words_of(language)
    said = words.get(digit) or words["other"] if digit.isdigit() else words["other"]
    return _xml(f"<Response><Say language={quoteattr(words['voice'])}>{escape(said)}</Say></Response>")


def _xml(text: str) -> Answer:
    return Answer(200, text.encode(), "text/xml; charset=utf-8")
