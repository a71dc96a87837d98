"""The hooks of the settings: whoever may call, by the name in the address."""

from __future__ import annotations

from collections.abc import Mapping

from einvoice.receivables.incoming.hooks.bird import BirdHook
from einvoice.receivables.incoming.hooks.messagebird import MessageBirdHook
from einvoice.receivables.incoming.hooks.twilio import TwilioHook
from einvoice.receivables.incoming.hooks.whatsapp import WhatsAppHook
from einvoice.receivables.incoming.port import Hook
from einvoice.receivables.paying import providers
from einvoice.settings import Settings


def hooks(settings: Settings) -> Mapping[str, Hook]:
    """A hook for each provider whose signatures can be checked.

    Raises SettingsError where a secret leads to nothing.
    """
    found: dict[str, Hook] = dict(providers.hooks(settings))
    if settings.twilio.token:
        found["twilio"] = TwilioHook(settings.twilio.token.reveal())
    if settings.messagebird.signing_key:
        found["messagebird"] = MessageBirdHook(settings.messagebird.signing_key.reveal())
    if settings.bird.signing_key:
        found["bird"] = BirdHook(settings.bird.signing_key.reveal())
    if settings.whatsapp.app_secret:
        token = settings.whatsapp.verify_token
        found["whatsapp"] = WhatsAppHook(settings.whatsapp.app_secret.reveal(), token.reveal() if token else None)
    return found
