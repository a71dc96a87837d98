"""The WhatsApp Cloud API (developers.facebook.com/docs/whatsapp/cloud-api: Messages, Templates, Error Codes).

Who did not write to us in the last 24 hours may be sent an approved template only: `[whatsapp] template` is the name of one whose body is
one parameter, {{1}}, which carries the text. A parameter has no line breaks and no more than four spaces in a row.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from einvoice.errors import SettingsError
from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.http import Call, Reply, exchanged, international, taken
from einvoice.settings import Settings

VERSION = "v23.0"
LONGEST = 1_024
"""The most characters of a parameter."""
_NUMBER = frozenset({131026, 131030, 131021})
"""Errors that say that the number cannot be reached by WhatsApp."""
_BUSY = frozenset({4, 80007, 130429, 131048, 131056})
"""Errors of limits, which come with the status 400, too."""
_ACCESS = frozenset({0, 3, 10, 190, 200})
"""Errors of the token and its rights."""


class WhatsAppSender:
    """Takes messages to the WhatsApp Cloud API.

    Raises SettingsError where [whatsapp] lacks something.
    """

    recognises_keys = False

    def __init__(self, channel: str, settings: Settings) -> None:
        missing = [key for key in ("token", "phone_number", "template") if getattr(settings.whatsapp, key) is None]
        if missing:
            raise SettingsError(f'[channels] {channel} is "whatsapp", but [whatsapp] lacks {", ".join(missing)}; write it there')
        self._account = settings.whatsapp

    def send(self, effect: Effect) -> Outcome:
        """Sends one message."""
        try:
            to = international(effect.redirected or effect.address)
        except ValueError as fault:
            return Outcome(State.FAILED, reason=f"recipient: {fault}")
        text = parameter(effect.payload.decode())
        if len(text) > LONGEST:
            return Outcome(State.FAILED, reason=f"text: a template's parameter takes {LONGEST:,} characters, not {len(text):,}")
        sent = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": to[1:],
            "type": "template",
            "template": {
                "name": self._account.template,
                "language": {"code": str(effect.headers.get("language") or "en")},
                "components": [{"type": "body", "parameters": [{"type": "text", "text": text}]}],
            },
        }
        assert self._account.token is not None
        try:
            headers = {"Authorization": f"Bearer {self._account.token.reveal()}"}
        except SettingsError as fault:
            return Outcome(State.PLANNED, reason=str(fault))
        url = f"{self._account.api.rstrip('/')}/{VERSION}/{quote(str(self._account.phone_number), safe='')}/messages"
        return exchanged(Call(url, headers, sent=sent), judged)

    def close(self) -> None:
        """Nothing is held open."""


def parameter(text: str) -> str:
    """A text as a template's parameter may be: one line, single spaces."""
    return " ".join(text.split())


def judged(reply: Reply) -> Outcome:
    """What the answer means: a message with its id, or an error with its code."""
    messages = reply.body.get("messages")
    if 200 <= reply.status < 300:
        first = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
        return taken(reply, first.get("id"), "WhatsApp")
    stated = reply.body.get("error")
    error: dict[str, Any] = stated if isinstance(stated, dict) else {}
    code = error.get("code")
    words = f"{code or reply.status} {str(error.get('message') or '')[:200]}".strip()
    if code in _BUSY:
        return Outcome(State.PLANNED, reason=words, retry_after=reply.retry_after)
    if code in _ACCESS:
        return Outcome(State.PLANNED, reason=f"{words}; see [whatsapp] token")
    return Outcome(State.FAILED, reason=f"recipient: {words}" if code in _NUMBER else words)
