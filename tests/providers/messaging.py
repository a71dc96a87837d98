"""The providers of messages side by side: each with a server of its own, what it is told, and how it calls back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels import http
from einvoice.receivables.channels.port import Channel
from einvoice.receivables.channels.senders import sender_of
from einvoice.receivables.incoming.hooks.installed import hooks
from einvoice.receivables.incoming.port import Request
from einvoice.settings import Settings, load
from tests.providers import bird, messagebird, twilio, whatsapp
from tests.providers.paying import HOST, Reply, Service

BASE = "https://hooks.acme.example"
NUMBER = "+31 6 5550 0001"
_SECRETS = {
    "TWILIO_TOKEN": twilio.TOKEN,
    "MESSAGEBIRD_KEY": messagebird.KEY,
    "MESSAGEBIRD_SIGNING": messagebird.SIGNING,
    "BIRD_KEY": bird.KEY,
    "BIRD_SIGNING": bird.SIGNING,
    "WHATSAPP_TOKEN": whatsapp.TOKEN,
    "WHATSAPP_SECRET": whatsapp.SECRET,
    "WHATSAPP_VERIFY": whatsapp.VERIFY,
}
_SETTINGS = {
    "twilio": f"""account = "{twilio.ACCOUNT}"
token = "env:TWILIO_TOKEN"
sms_from = "+31970000000"
whatsapp_from = "+31970000001"
voice_from = "+31970000002"
""",
    "messagebird": """key = "env:MESSAGEBIRD_KEY"
originator = "Acme"
signing_key = "env:MESSAGEBIRD_SIGNING"
""",
    "bird": f"""key = "env:BIRD_KEY"
workspace = "{bird.WORKSPACE}"
sms_channel = "{bird.CHANNEL}"
whatsapp_channel = "{bird.CHANNEL}"
signing_key = "env:BIRD_SIGNING"
""",
    "whatsapp": f"""token = "env:WHATSAPP_TOKEN"
phone_number = "{whatsapp.PHONE}"
template = "{whatsapp.TEMPLATE}"
app_secret = "env:WHATSAPP_SECRET"
verify_token = "env:WHATSAPP_VERIFY"
""",
}


class Provider(NamedTuple):
    """A provider: its server, the channels that go by it, a number that it refuses, how it tells of a message."""

    name: str
    service: type[Any]
    channels: tuple[str, ...]
    wrong: str
    calls: Callable[[str, str, datetime, str | None], Request]
    """(id, what: delivered | failed | reply, now, another secret) -> a signed call."""


def _twilio(ref: str, what: str, now: datetime, secret: str | None = None) -> Request:
    form = {"MessageSid": ref, "To": "+31655500001", "From": "+31970000000", "AccountSid": twilio.ACCOUNT}
    if what == "reply":
        form = {"MessageSid": f"{ref}r", "From": "+31655500001", "To": "+31970000000", "Body": "STOP", "OptOutType": "STOP"}
    else:
        form |= {"MessageStatus": what} | ({"ErrorCode": "30005"} if what == "failed" else {})
    return twilio.signed(f"{BASE}/hooks/twilio", form, secret or twilio.TOKEN)


def _messagebird(ref: str, what: str, now: datetime, secret: str | None = None) -> Request:
    said = {
        "id": ref,
        "recipient": "31655500001",
        "status": "delivery_failed" if what == "failed" else what,
        "statusDatetime": now.isoformat(),
    }
    if what == "reply":
        said = {"id": f"{ref}r", "originator": "31655500001", "body": "Stop"}
    if what == "failed":
        said["statusReason"] = "unknown subscriber"
    return messagebird.signed(f"{BASE}/hooks/messagebird", said, now, secret or messagebird.SIGNING)


def _bird(ref: str, what: str, now: datetime, secret: str | None = None) -> Request:
    payload: dict[str, Any] = {"id": ref, "status": "delivery_failed" if what == "failed" else what, "channelId": bird.CHANNEL}
    way = "outbound"
    if what == "failed":
        payload["failure"] = {"code": 1, "description": "Unknown subscriber"}
    if what == "reply":
        contact = {"contact": {"identifierKey": "phonenumber", "identifierValue": "+31655500001"}}
        payload, way = {"id": f"{ref}r", "sender": contact, "body": {"type": "text", "text": {"text": "stop"}}}, "inbound"
    return bird.signed(
        f"{BASE}/hooks/bird", {"service": "channels", "event": f"sms.{way}", "payload": payload}, now, secret or bird.SIGNING
    )


def _whatsapp(ref: str, what: str, now: datetime, secret: str | None = None) -> Request:
    stamp = str(int(now.timestamp()))
    value: dict[str, Any] = {"statuses": [{"id": ref, "status": what, "timestamp": stamp, "recipient_id": "31655500001"}]}
    if what == "failed":
        value["statuses"][0]["errors"] = [{"code": 131026, "title": "Message undeliverable"}]
    if what == "reply":
        value = {"messages": [{"id": f"{ref}r", "from": "31655500001", "timestamp": stamp, "type": "text", "text": {"body": "stop"}}]}
    return whatsapp.signed(f"{BASE}/hooks/whatsapp", value, secret or whatsapp.SECRET)


PROVIDERS: Mapping[str, Provider] = {
    one.name: one
    for one in (
        Provider("twilio", twilio.Twilio, ("sms", "whatsapp", "computer_call"), twilio.WRONG, _twilio),
        Provider("messagebird", messagebird.MessageBird, ("sms",), f"+{messagebird.WRONG}", _messagebird),
        Provider("bird", bird.Bird, ("sms", "whatsapp"), bird.WRONG, _bird),
        Provider("whatsapp", whatsapp.WhatsApp, ("whatsapp",), f"+{whatsapp.WRONG}", _whatsapp),
    )
}


@contextmanager
def settings(provider: Provider, api: str, folder: Path) -> Iterator[Settings]:
    """The settings of an installation that sends by a provider."""
    os.environ.update(_SECRETS)
    channels = "".join(f'{channel} = "{provider.name}"\n' for channel in provider.channels)
    text = f'[channels]\n{channels}[hooks]\nurl = "{BASE}"\n[{provider.name}]\n{_SETTINGS[provider.name]}api = "{api}"\n'
    (folder / "einvoice.toml").write_text(text, "utf-8")
    try:
        yield load({"EINVOICE_CONFIG": str(folder / "einvoice.toml")})
    finally:
        for name in _SECRETS:
            os.environ.pop(name, None)


@contextmanager
def served(provider: Provider, folder: Path) -> Iterator[tuple[Any, Settings]]:
    """The provider's server at work, and the settings that lead to it."""
    service = provider.service()
    with service.served() as api, settings(provider, api, folder) as found:
        yield service, found


def effect(channel: str, key: str = "k1", address: str = NUMBER) -> Effect:
    """A message."""
    payload = b"Acme: invoice F1, 121.00 EUR,\nis due since 31 October."
    if channel == "computer_call":
        payload = b'{"say": "Acme & Co call about invoice F1", "language": "nl", "keys": {}}'
    return Effect(key, "tests", "", channel, address, payload, {"language": "nl"})


class Trouble(NamedTuple):
    """What a provider may do, and what must be known afterwards: the outcome's state, and whether it made the message."""

    name: str
    replies: tuple[Reply, ...]
    cuts: int
    state: State
    made: int


def troubles(provider: Provider) -> tuple[Trouble, ...]:
    """What goes wrong with every provider."""
    slow = Reply(200, {}, {}, http.STEP + 5)
    return (
        Trouble("throttled", (provider.service.too_many,), 0, State.PLANNED, 0),
        Trouble("unavailable", (Reply(503, {}, {"Retry-After": "7"}),), 0, State.PLANNED, 0),
        Trouble("broken", (Reply(500, b"<html>"),), 0, State.UNKNOWN, 0),
        Trouble("no answer", (slow,), 0, State.UNKNOWN, 0),
        Trouble("cut off", (Reply(None),), 0, State.UNKNOWN, 0),
        Trouble("answer lost", (), 1, State.UNKNOWN, 1),
        Trouble("no id", (Reply(200, {}),), 0, State.UNKNOWN, 0),
        Trouble("redirected", (Reply(302, {}, {"Location": "https://example.com/"}),), 0, State.UNKNOWN, 0),
    )


def tried(provider: Provider, folder: Path) -> dict[str, bool]:
    """Every behaviour of a provider, each with whether what is known afterwards is right."""
    patience = http.STEP
    http.STEP = 0.5
    try:
        with served(provider, folder) as (service, found):
            made = {channel: _sent(service, found, channel) for channel in provider.channels}
            channel = provider.channels[0]
            sender = _sender(found, channel)
            for one in troubles(provider):
                made[one.name] = _troubled(service, sender, channel, one)
            made["wrong number"] = _is_recipient(sender.send(effect(channel, "w", provider.wrong)))
            made["no number"] = _is_recipient(sender.send(effect(channel, "n", "12")))
        made["not there"] = _sender(found, channel).send(effect(channel)).state is State.PLANNED
        made["wrong key"] = _refused(provider, folder)
    finally:
        http.STEP = patience
    return made


def _sender(found: Settings, channel: str) -> Channel:
    sender = sender_of(channel, found)
    assert sender is not None
    return sender


def _sent(service: Any, found: Settings, channel: str) -> bool:
    """A message arrives whole, under the provider's id."""
    before = len(service.made)
    outcome = _sender(found, channel).send(effect(channel))
    refs = {str(service.made[-1].get(name)) for name in ("sid", "id")}
    return outcome.state is State.SENT and outcome.provider in refs and len(service.made) == before + 1


def _troubled(service: Service, sender: Channel, channel: str, one: Trouble) -> bool:
    before = len(service.made)  # type: ignore[attr-defined]
    service.trouble, service.cuts = list(one.replies), one.cuts
    outcome = sender.send(effect(channel, one.name))
    made = len(service.made) - before  # type: ignore[attr-defined]
    service.trouble, service.cuts = [], 0
    waits = one.name not in ("throttled", "unavailable") or outcome.retry_after in (3.0, 7.0)
    return outcome.state is one.state and made == one.made and waits


def _is_recipient(outcome: Outcome) -> bool:
    return outcome.state is State.FAILED and str(outcome.reason).startswith("recipient")


def _refused(provider: Provider, folder: Path) -> bool:
    """With another key nothing is taken, and the message may be sent again once the settings are right."""
    with served(provider, folder) as (service, found):
        for name in _SECRETS:
            os.environ[name] = "wrong"
        outcome = _sender(found, provider.channels[0]).send(effect(provider.channels[0]))
        return outcome.state is State.PLANNED and not service.made and "wrong" not in str(outcome.reason)


def believed(provider: Provider, folder: Path, now: datetime) -> tuple[int, int]:
    """How many good calls of a provider are believed, and how many bad ones: another secret, address, body, time."""
    from einvoice.receivables.incoming.port import Untrusted

    with settings(provider, f"http://{HOST}:1", folder) as found:
        hook = hooks(found)[provider.name]

    def is_believed(request: Request, at: datetime = now) -> bool:
        try:
            hook.heard(request, at)
        except Untrusted:
            return False
        return True

    good = [provider.calls("ref", what, now, None) for what in ("delivered", "failed", "reply")]
    bad = [provider.calls("ref", what, now, "another") for what in ("delivered", "reply")]
    bad += [one._replace(headers={}) for one in good]
    bad += [one._replace(body=one.body + b" ") if one.body else one._replace(url=f"{one.url}&status=delivered") for one in good]
    if provider.name != "whatsapp":  # which signs the body alone
        bad += [one._replace(url=one.url.replace("acme", "evil")) for one in good]
    late = now + timedelta(hours=2)
    replays = [one for one in good if provider.name in ("bird", "messagebird")]
    return sum(map(is_believed, good)), sum(map(is_believed, bad)) + sum(is_believed(one, late) for one in replays)
