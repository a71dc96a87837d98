"""The checks of `einvoice doctor` for hosted access points: that what is sent by one has its key, and whose webhooks are believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from einvoice.errors import EInvoiceError

if TYPE_CHECKING:
    from einvoice.cli.examination import Check
    from einvoice.settings import Settings


def hosted(settings: Settings) -> Iterator[Check]:
    """Every hosted access point that is set up, or named by [peppol] via; none of them is asked."""
    from einvoice_peppol.providers.installed import SECTIONS, is_named

    for name, section in SECTIONS.items():
        if is_named(name, settings):
            yield _looked(name, section, settings)
        elif settings.peppol.via == name:
            yield _check("fail", f"what is sent goes by {name}, and nothing lets us in there", f"write [{section}] key as a secret")


def _looked(name: str, section: str, settings: Settings) -> Check:
    from einvoice_peppol.providers.installed import provider

    try:
        provider(name, settings)
    except EInvoiceError as fault:
        return _check("fail", f"{name}: {fault}", f"see [{section}]")
    secret = getattr(settings, section).webhook_secret
    if secret is None:
        return _check("ok", f"{name} is set up; it is asked what came and what became of it, its webhooks are not believed", "")
    try:
        secret.reveal()
    except EInvoiceError as fault:
        return _check("fail", f"{name}: {fault}", f"see [{section}] webhook_secret")
    return _check("ok", f"{name} is set up, its webhooks are checked: POST /peppol/hooks/{name}", "")


def _check(level: str, text: str, mend: str) -> Check:
    from einvoice.cli.examination import Check

    return Check("peppol", level, text, mend)
