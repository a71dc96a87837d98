"""Bird's Channels API: SMS and WhatsApp (docs.bird.com/api/channels-api: Messaging, Create a new message).

A message is accepted (202) under an id; its status comes by webhook. WhatsApp takes free text only within 24 hours of what the receiver
wrote; else Bird reports that it failed, and the next step goes by another channel.
"""

from __future__ import annotations

from urllib.parse import quote

from einvoice.errors import SettingsError
from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.http import Call, Reply, exchanged, international, taken
from einvoice.settings import Settings

_CHANNELS = {"sms": "sms_channel", "whatsapp": "whatsapp_channel"}


class BirdSender:
    """Takes the messages of one channel to Bird.

    Raises SettingsError where [bird] lacks what the channel needs.
    """

    recognises_keys = False

    def __init__(self, channel: str, settings: Settings) -> None:
        missing = [key for key in ("key", "workspace", _CHANNELS[channel]) if getattr(settings.bird, key) is None]
        if missing:
            raise SettingsError(f'[channels] {channel} is "bird", but [bird] lacks {", ".join(missing)}; write it below [bird]')
        self._account = settings.bird
        self._channel = str(getattr(settings.bird, _CHANNELS[channel]))

    def send(self, effect: Effect) -> Outcome:
        """Sends one message."""
        try:
            to = international(effect.redirected or effect.address)
        except ValueError as fault:
            return Outcome(State.FAILED, reason=f"recipient: {fault}")
        sent = {
            "receiver": {"contacts": [{"identifierKey": "phonenumber", "identifierValue": to}]},
            "body": {"type": "text", "text": {"text": effect.payload.decode()}},
        }
        workspace, channel = quote(str(self._account.workspace), safe=""), quote(self._channel, safe="")
        assert self._account.key is not None
        try:
            headers = {"Authorization": f"AccessKey {self._account.key.reveal()}"}
        except SettingsError as fault:
            return Outcome(State.PLANNED, reason=str(fault))
        url = f"{self._account.api.rstrip('/')}/workspaces/{workspace}/channels/{channel}/messages"
        return exchanged(Call(url, headers, sent=sent), judged)

    def close(self) -> None:
        """Nothing is held open."""


def judged(reply: Reply) -> Outcome:
    """What Bird's answer means: a message with its id, or a code and words, with the fields that are wrong."""
    if 200 <= reply.status < 300:
        return taken(reply, reply.body.get("id"), "Bird")
    details = reply.body.get("details")
    fields = sorted(details) if isinstance(details, dict) else []
    words = f"{reply.body.get('code') or reply.status} {str(reply.body.get('message') or '')[:200]} {' '.join(fields)}".strip()
    is_number = any("receiver" in field or "identifierValue" in field for field in fields)
    return Outcome(State.FAILED, reason=f"recipient: {words}" if is_number else words)
