"""Settings of the providers that messages travel by and payments come through; what is None is not used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.settings.values import Secret, between, folder, names, one_of, secret, text, web_address


class Channels(NamedTuple):
    """Which provider a channel goes by; `folder` is where channels that go by `folder` leave their messages."""

    email: str | None = None
    sms: str | None = None
    whatsapp: str | None = None
    computer_call: str | None = None
    letter: str | None = None
    registered_letter: str | None = None
    peppol: str | None = None
    folder: Path | None = None


class Hooks(NamedTuple):
    """Where providers and payers reach this installation."""

    url: str | None = None


class Bounces(NamedTuple):
    """Where mails that come back arrive: a Maildir, or a mailbox of an IMAP server.

    `tagged` yes: NAME+ANYTHING@… arrives there, too, and bounces are sent to such addresses.
    """

    maildir: Path | None = None
    host: str | None = None
    port: int | None = None
    security: str = "tls"
    user: str | None = None
    password: Secret | None = None
    mailbox: str = "INBOX"
    tagged: str = "no"


class Twilio(NamedTuple):
    """Twilio: SMS, WhatsApp and calls."""

    account: str | None = None
    token: Secret | None = None
    sms_from: str | None = None
    whatsapp_from: str | None = None
    voice_from: str | None = None
    api: str = "https://api.twilio.com"


class MessageBird(NamedTuple):
    """MessageBird's older API: SMS."""

    key: Secret | None = None
    originator: str | None = None
    signing_key: Secret | None = None
    api: str = "https://rest.messagebird.com"


class Bird(NamedTuple):
    """Bird: SMS and WhatsApp."""

    key: Secret | None = None
    workspace: str | None = None
    sms_channel: str | None = None
    whatsapp_channel: str | None = None
    signing_key: Secret | None = None
    api: str = "https://api.bird.com"


class WhatsApp(NamedTuple):
    """The WhatsApp Cloud API."""

    token: Secret | None = None
    phone_number: str | None = None
    template: str | None = None
    app_secret: Secret | None = None
    verify_token: Secret | None = None
    api: str = "https://graph.facebook.com"


class Apprise(NamedTuple):
    """The Apprise URL that a channel goes to; it holds credentials, so it is a secret."""

    email: Secret | None = None
    sms: Secret | None = None
    whatsapp: Secret | None = None


class Mollie(NamedTuple):
    """Mollie: payments by link; `webhook_secret` signs its newer webhooks, the classic ones need none."""

    key: Secret | None = None
    api: str = "https://api.mollie.com"
    webhook_secret: Secret | None = None


class Stripe(NamedTuple):
    """Stripe: payments by link."""

    key: Secret | None = None
    webhook_secret: Secret | None = None
    api: str = "https://api.stripe.com"


class Agency(NamedTuple):
    """Who takes hand-overs: an agency or a legal team, of which hand-overs and countries, and how a dossier gets there."""

    name: str
    title: str | None = None
    takes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    email: str | None = None
    folder: Path | None = None
    language: str | None = None


READS: dict[str, dict[str, Callable[[object], Any]]] = {
    "channels": {
        "email": one_of("smtp", "apprise", "folder"),
        "sms": one_of("twilio", "messagebird", "bird", "apprise", "folder"),
        "whatsapp": one_of("twilio", "bird", "whatsapp", "apprise", "folder"),
        "computer_call": one_of("twilio", "folder"),
        "letter": one_of("folder"),
        "registered_letter": one_of("folder"),
        "peppol": one_of("folder"),
        "folder": folder,
    },
    "hooks": {"url": web_address},
    "bounces": {
        "maildir": folder,
        "host": text,
        "port": between(1, 65_535),
        "security": one_of("starttls", "tls", "none"),
        "user": text,
        "password": secret,
        "mailbox": text,
        "tagged": one_of("no", "yes"),
    },
    "twilio": {"account": text, "token": secret, "sms_from": text, "whatsapp_from": text, "voice_from": text, "api": web_address},
    "messagebird": {"key": secret, "originator": text, "signing_key": secret, "api": web_address},
    "bird": {
        "key": secret,
        "workspace": text,
        "sms_channel": text,
        "whatsapp_channel": text,
        "signing_key": secret,
        "api": web_address,
    },
    "whatsapp": {
        "token": secret,
        "phone_number": text,
        "template": text,
        "app_secret": secret,
        "verify_token": secret,
        "api": web_address,
    },
    "apprise": {"email": secret, "sms": secret, "whatsapp": secret},
    "mollie": {"key": secret, "api": web_address, "webhook_secret": secret},
    "stripe": {"key": secret, "webhook_secret": secret, "api": web_address},
}
"""The keys of each section, and how each is read."""
AGENCY: dict[str, Callable[[object], Any]] = {
    "title": text,
    "takes": names,
    "countries": names,
    "email": text,
    "folder": folder,
    "language": one_of("en", "nl", "de", "fr"),
}
"""The keys of an agency, and how each is read."""
