"""MessageBird's older REST API: SMS (developers.messagebird.com/api/sms-messaging).

`reference` bears the effect's hash, by which a report finds us, too. The API promises nothing of a request that comes twice.
"""

from __future__ import annotations

import hashlib

from einvoice.errors import SettingsError
from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.http import Call, Reply, exchanged, international, taken
from einvoice.settings import Settings

_NO_RECIPIENT = 9
_PARAMETERS = frozenset({"recipient", "recipients"})


class MessageBirdSender:
    """Takes SMS to MessageBird.

    Raises SettingsError where [messagebird] lacks something.
    """

    recognises_keys = False

    def __init__(self, channel: str, settings: Settings) -> None:
        missing = [key for key in ("key", "originator") if getattr(settings.messagebird, key) is None]
        if missing:
            raise SettingsError(f'[channels] {channel} is "messagebird", but [messagebird] lacks {", ".join(missing)}; write it there')
        self._account = settings.messagebird
        self._hook = f"{settings.hooks.url.rstrip('/')}/hooks/messagebird" if settings.hooks.url else None

    def send(self, effect: Effect) -> Outcome:
        """Sends one SMS."""
        try:
            to = international(effect.redirected or effect.address)
        except ValueError as fault:
            return Outcome(State.FAILED, reason=f"recipient: {fault}")
        sent = {
            "originator": self._account.originator,
            "recipients": [to[1:]],
            "body": effect.payload.decode(),
            "datacoding": "auto",
            "reference": hashlib.sha256(effect.key.encode()).hexdigest()[:40],
        }
        if self._hook:
            sent["reportUrl"] = self._hook
        assert self._account.key is not None
        try:
            headers = {"Authorization": f"AccessKey {self._account.key.reveal()}"}
        except SettingsError as fault:
            return Outcome(State.PLANNED, reason=str(fault))
        return exchanged(Call(f"{self._account.api.rstrip('/')}/messages", headers, sent=sent), judged)

    def close(self) -> None:
        """Nothing is held open."""


def judged(reply: Reply) -> Outcome:
    """What MessageBird's answer means: a message with its id, or a list of errors."""
    if 200 <= reply.status < 300:
        return taken(reply, reply.body.get("id"), "MessageBird")
    errors = [error for error in reply.body.get("errors") or () if isinstance(error, dict)]
    first = errors[0] if errors else {}
    is_number = first.get("code") == _NO_RECIPIENT and first.get("parameter") in _PARAMETERS
    words = f"{first.get('code') or reply.status} {str(first.get('description') or '')[:200]}".strip()
    return Outcome(State.FAILED, reason=f"recipient: {words}" if is_number else words)
