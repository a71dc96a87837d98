"""Twilio: SMS, WhatsApp and computer calls (twilio.com/docs: Messages resource, Calls resource, TwiML Gather).

A call says its text twice and waits for a key; what was pressed comes back to our hook. Twilio knows no idempotency keys for these
resources, so what is unknown stays so until its status callback tells.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from einvoice.errors import SettingsError
from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.http import Call, Reply, exchanged, international, taken
from einvoice.settings import Settings

_FROM = {"sms": "sms_from", "whatsapp": "whatsapp_from", "computer_call": "voice_from"}
_OPTED_OUT = 21610
_WAIT = 8
"""Seconds in which a key may be pressed."""


class TwilioSender:
    """Takes the messages of one channel to Twilio.

    Raises SettingsError where [twilio] lacks what the channel needs.
    """

    recognises_keys = False

    def __init__(self, channel: str, settings: Settings) -> None:
        account = settings.twilio
        missing = [key for key in ("account", "token", _FROM[channel]) if getattr(account, key) is None]
        if channel == "computer_call" and settings.hooks.url is None:
            missing.append("[hooks] url")
        if missing:
            raise SettingsError(f'[channels] {channel} is "twilio", but [twilio] lacks {", ".join(missing)}; write it below [twilio]')
        self._channel = channel
        self._account = account
        self._hook = f"{settings.hooks.url.rstrip('/')}/hooks/twilio" if settings.hooks.url else None

    def send(self, effect: Effect) -> Outcome:
        """Sends one message, or begins one call."""
        try:
            to = international(effect.redirected or effect.address)
        except ValueError as fault:
            return Outcome(State.FAILED, reason=f"recipient: {fault}")
        try:
            call = self._call(effect, to)
        except SettingsError as fault:
            return Outcome(State.PLANNED, reason=str(fault))
        return exchanged(call, judged)

    def close(self) -> None:
        """Nothing is held open."""

    def _call(self, effect: Effect, to: str) -> Call:
        account, sender = self._account, str(getattr(self._account, _FROM[self._channel]))
        prefix = "whatsapp:" if self._channel == "whatsapp" else ""
        form = {"To": f"{prefix}{to}", "From": sender if sender.startswith(prefix) else f"{prefix}{sender}"}
        if self._channel == "computer_call":
            resource = "Calls"
            form |= {"Twiml": twiml(effect.payload, f"{self._hook}"), "Timeout": "25", "MachineDetection": "Enable"}
        else:
            resource = "Messages"
            form["Body"] = effect.payload.decode()
        if self._hook:
            form["StatusCallback"] = self._hook
        assert account.token is not None
        url = f"{account.api.rstrip('/')}/2010-04-01/Accounts/{quote(str(account.account), safe='')}/{resource}.json"
        return Call(url, form=form, auth=(str(account.account), account.token.reveal()))


def twiml(payload: bytes, hook: str) -> str:
    """What a call says, as TwiML: the text twice, a key each time, and goodbye where none was pressed."""
    said: dict[str, Any] = json.loads(payload)
    words = words_of(str(said["language"]))
    voice = quoteattr(words["voice"])
    action = quoteattr(f"{hook}?language={said['language']}")
    speech = f"<Say language={voice}>{escape(str(said['say']))}</Say>"
    gather = f'<Gather input="dtmf" numDigits="1" timeout="{_WAIT}" method="POST" action={action}>{speech}</Gather>'
    return f"<Response>{gather}{gather}<Say language={voice}>{escape(words['goodbye'])}</Say></Response>"


def judged(reply: Reply) -> Outcome:
    """What Twilio's answer means: a resource with its SID, or an error with its code."""
    if 200 <= reply.status < 300:
        return taken(reply, reply.body.get("sid"), "Twilio")
    code, words = reply.body.get("code"), str(reply.body.get("message") or "")[:200]
    about = "recipient: " if code in _codes()["wrong"] else "consent: " if code == _OPTED_OUT else ""
    return Outcome(State.FAILED, reason=f"{about}{code or reply.status} {words}".strip())


def words_of(language: str) -> dict[str, str]:
    """The words of a call in a language: `voice` is the language of TwiML's Say."""
    spoken: dict[str, dict[str, str]] = _codes()["words"]
    return spoken.get(language, spoken["en"])


@cache
def _codes() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("einvoice.receivables.channels").joinpath("twilio.json").read_bytes())
    return found
