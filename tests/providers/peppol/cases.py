"""Four hosted access points beside servers that behave as they say: how each is set up, and its hooks, good and bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.settings import peppol as settings
from einvoice.settings.values import Secret
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.providers import billit, econnect, recommand, storecove
from einvoice_peppol.providers.port import Call, Provider, Submission
from tests.providers.peppol import billit as billits
from tests.providers.peppol import econnect as econnects
from tests.providers.peppol import recommand as recommands
from tests.providers.peppol import storecove as storecoves

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
_INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
_BILLING = DocumentType(f"{_INVOICE}::Invoice##urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1")
PATIENCE = 20.0
"""Seconds for a step; machines are busy."""


class Case(NamedTuple):
    """A provider: its server, our adapter beside an address, the documents that the server took, hooks.

    `hook` makes a good hook for an id and a moment, `forged` the bad ones, `stamped` one of any body with its signature or secret.
    """

    name: str
    service: Callable[[], Any]
    adapter: Callable[[str, Callable[[str], Secret], float], Provider]
    made: Callable[[Any], list[bytes]]
    hook: Callable[[str, datetime], Call]
    forged: Callable[[str, datetime], Mapping[str, Call]]
    stamped: Callable[[bytes, datetime], Call]


def submission(key: str = "peppol:1", **changes: Any) -> Submission:
    """An invoice to a Belgian receiver."""
    made = Submission(
        key=key,
        sender=Participant("0208", "0428759497"),
        receiver=Participant("0208", "0999999031"),
        document=_BILLING,
        process=Process("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
        country="BE",
        instance_id="9c1b3a52-6a5f-4a6f-9a0d-0d6a8f4f2a11",
        data=f'<?xml version="1.0" encoding="UTF-8"?><Invoice xmlns="{_INVOICE}"><ID>2026-1 é</ID></Invoice>'.encode(),
        number="2026-1",
    )
    return made._replace(**changes)


@contextmanager
def beside(case: Case, folder: Path, *, key: str | None = None, patience: float = PATIENCE) -> Iterator[tuple[Any, Provider]]:
    """The server, and our adapter beside it; `key` is a wrong secret."""
    service = case.service()
    with service.served() as base:
        yield service, case.adapter(base, lambda secret: kept(folder, key or secret), patience)


def kept(folder: Path, secret: str) -> Secret:
    path = folder / f"{secret}.secret"
    path.write_text(secret)
    return Secret(f"file:{path}")


def _signed(name: str, make: Callable[..., Call]) -> Callable[[str, datetime], Mapping[str, Call]]:
    """Hooks of a provider that signs, each bad in its own way."""

    def forged(ref: str, now: datetime) -> Mapping[str, Call]:
        good = make(ref, now)
        stated = good.headers[name]
        return {
            "no signature": good._replace(headers={}),
            "an empty signature": good._replace(headers={name: ""}),
            "another secret": make(ref, now, shared="another"),
            "another body": good._replace(body=good.body.replace(b"}", b" }", 1)),
            "half a signature": good._replace(headers={name: stated[:-32]}),
            "no scheme": good._replace(headers={name: stated.rpartition("=")[2]}),
            "signs beyond ASCII": good._replace(headers={name: stated + "é"}),
            "an hour old": make(ref, now - timedelta(hours=1)),
            "from tomorrow": make(ref, now + timedelta(days=1)),
        }

    return forged


def _addressed(make: Callable[..., Call]) -> Callable[[str, datetime], Mapping[str, Call]]:
    """Hooks of a provider that does not sign, each bad in its own way."""

    def forged(ref: str, now: datetime) -> Mapping[str, Call]:
        good = make(ref, now)
        return {
            "no secret": make(ref, now, shared=None),
            "another secret": make(ref, now, shared="another"),
            "an empty secret": make(ref, now, shared=""),
            "two secrets": good._replace(url=f"{good.url}&secret=another"),
            "many fields": good._replace(url=good.url + "&a=1" * 50),
            "signs beyond ASCII": make(ref, now, shared="sécret"),
        }

    return forged


def _econnect(base: str, secret: Callable[[str], Secret], patience: float) -> Provider:
    section = settings.EConnect(
        client=econnects.CLIENT,
        secret=secret(econnects.SECRET),
        party=econnects.PARTY,
        api=f"{base}/api/v1",
        token_url=f"{base}/connect/token",
        webhook_secret=secret(econnects.HOOK),
    )
    return _built(econnect.of(section, Client(), patience))


def _recommand(base: str, secret: Callable[[str], Secret], patience: float) -> Provider:
    hook = secret(recommands.HOOK)
    section = settings.Recommand(recommands.KEY, secret(recommands.SECRET), recommands.COMPANY, base, hook)
    return _built(recommand.of(section, Client(), patience))


def _storecove(base: str, secret: Callable[[str], Secret], patience: float) -> Provider:
    section = settings.Storecove(secret(storecoves.KEY), str(storecoves.ENTITY), f"{base}/api/v2", secret(storecoves.HOOK))
    return _built(storecove.of(section, Client(), patience))


def _billit(base: str, secret: Callable[[str], Secret], patience: float) -> Provider:
    section = settings.Billit(secret(billits.KEY), billits.PARTY, base, secret(billits.HOOK))
    return _built(billit.of(section, Client(), patience))


def _built(provider: Provider | None) -> Provider:
    assert provider is not None
    return provider


def _econnect_hook(ref: str, at: datetime, **more: Any) -> Call:
    return econnects.hook("InvoiceSent", ref, at, **more)


def _recommand_hook(ref: str, at: datetime, **more: Any) -> Call:
    return recommands.hook(ref, **more)


def _storecove_hook(ref: str, at: datetime, **more: Any) -> Call:
    return storecoves.hook("succeeded", ref, **more)


def _billit_hook(ref: str, at: datetime, **more: Any) -> Call:
    return billits.hook(at, **more)


_ECONNECT = _signed("x-econnect-signature", _econnect_hook)
_RECOMMAND, _STORECOVE = _addressed(_recommand_hook), _addressed(_storecove_hook)
_BILLIT = _signed("billit-signature", _billit_hook)
CASES = {
    case.name: case
    for case in (
        Case("econnect", econnects.EConnect, _econnect, econnects.taken, _econnect_hook, _ECONNECT, econnects.stamped),
        Case("recommand", recommands.Recommand, _recommand, recommands.sent, _recommand_hook, _RECOMMAND, recommands.stamped),
        Case("storecove", storecoves.Storecove, _storecove, storecoves.sent, _storecove_hook, _STORECOVE, storecoves.stamped),
        Case("billit", billits.Billit, _billit, billits.taken, _billit_hook, _BILLIT, billits.stamped),
    )
}
