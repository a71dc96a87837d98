"""The payment providers of the settings, and the hooks by which they call."""

from __future__ import annotations

from collections.abc import Mapping

from einvoice.receivables.incoming.hooks.mollie import MollieHook
from einvoice.receivables.incoming.hooks.stripe import StripeHook
from einvoice.receivables.incoming.port import Hook
from einvoice.receivables.paying.calling import Api
from einvoice.receivables.paying.mollie import Mollie
from einvoice.receivables.paying.port import Provider
from einvoice.receivables.paying.stripe import VERSION, Stripe
from einvoice.settings import Settings


def providers(settings: Settings) -> dict[str, Provider]:
    """A provider for each whose key is set, by name.

    Raises SettingsError where a secret leads to nothing.
    """
    found: dict[str, Provider] = {}
    if settings.mollie.key:
        found["mollie"] = Mollie(Api("Mollie", settings.mollie.api, settings.mollie.key.reveal()))
    if settings.stripe.key:
        headers = {"Stripe-Version": VERSION}
        found["stripe"] = Stripe(Api("Stripe", settings.stripe.api, settings.stripe.key.reveal(), headers=headers))
    return found


def hooks(settings: Settings) -> Mapping[str, Hook]:
    """A hook for each provider that may call, by name; Stripe's only where the secret of its signatures is set.

    Raises SettingsError where a secret leads to nothing.
    """
    found: dict[str, Hook] = {}
    if settings.mollie.key:
        secret = settings.mollie.webhook_secret
        found["mollie"] = MollieHook(secret.reveal() if secret else None)
    if settings.stripe.key and settings.stripe.webhook_secret:
        found["stripe"] = StripeHook(settings.stripe.webhook_secret.reveal())
    return found
