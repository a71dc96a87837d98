"""A company with eConnect, Recommand, Storecove or Billit beside it: the world of `hosted_world`, with what is different there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from einvoice.settings import Settings
from einvoice.settings import peppol as sections
from einvoice_peppol.providers.port import Call
from einvoice_peppol.sending import hosted
from tests.peppol import networks, sending_world
from tests.peppol.envelopes import HEADER, wrapped
from tests.peppol.hosted_world import Hosted
from tests.providers.peppol import billit, econnect, recommand, storecove
from tests.providers.peppol.cases import CASES, kept

NAMES = tuple(CASES)


@contextmanager
def standing(folder: Path, here: networks.Here, name: str, *, kind: str = "sqlite") -> Iterator[Hosted]:
    """The company, with the provider's server at work."""
    case = CASES[name]
    service = case.service()
    with service.served() as base, sending_world.standing(folder, here, kind=kind) as world:
        stated = world.settings._replace(peppol=world.settings.peppol._replace(timeout=20))
        settings = _SETTINGS[name](stated, base, folder)
        bodies = world.means.bodies
        means = world.means._replace(identity=None, hosted=lambda: hosted.senders(settings, bodies))
        yield Hosted(name, world._replace(means=means, settings=settings), service, settings)


def sent(of: Hosted) -> list[bytes]:
    """The documents that the provider has of us."""
    return CASES[of.name].made(of.service)


def comes(of: Hosted, data: bytes) -> str:
    """A document comes for us; the id by which it is fetched."""
    if of.name == "econnect":
        of.service.came[(ref := f"came-{len(of.service.came)}")] = data
        return f"{econnect.PARTY}/{ref}"
    if of.name == "recommand":
        return str(of.service.keep("incoming", data, docTypeId=HEADER.document.value)["id"])
    made = wrapped(data, HEADER._replace(instance_id=f"instance-{len(of.service.files)}"))
    return str(of.service.receive(made, HEADER.sender.id, HEADER.receiver.id, HEADER.document.value))


def told(of: Hosted, ref: str, word: str) -> Call:
    """The webhook that tells that a document `came`, was `delivered` or `failed`."""
    now: datetime = of.world.here.clock()
    if of.name == "econnect":
        topic = {"came": "InvoiceReceived", "delivered": "InvoiceSent", "failed": "InvoiceSentError"}[word]
        return econnect.hook(topic, ref.rpartition("/")[2], now, message="The receiver is away")
    if of.name == "recommand":
        return recommand.hook(ref)
    if of.name == "storecove":
        return storecove.hook({"delivered": "succeeded", "failed": "failed"}[word], ref, details="The receiver is away")
    return billit.hook(now)


def forged(of: Hosted, ref: str) -> Mapping[str, Call]:
    """Webhooks that are not the provider's, as HTTP can carry them."""
    return {name: call for name, call in CASES[of.name].forged(ref, of.world.here.clock()).items() if name != "signs beyond ASCII"}


def _econnect(settings: Settings, base: str, folder: Path) -> Settings:
    secret, hook = kept(folder, econnect.SECRET), kept(folder, econnect.HOOK)
    mine = sections.EConnect(econnect.CLIENT, secret, econnect.PARTY, f"{base}/api/v1", f"{base}/connect/token", hook)
    return settings._replace(econnect=mine)


def _recommand(settings: Settings, base: str, folder: Path) -> Settings:
    secret, hook = kept(folder, recommand.SECRET), kept(folder, recommand.HOOK)
    return settings._replace(recommand=sections.Recommand(recommand.KEY, secret, recommand.COMPANY, base, hook))


def _storecove(settings: Settings, base: str, folder: Path) -> Settings:
    key, hook = kept(folder, storecove.KEY), kept(folder, storecove.HOOK)
    return settings._replace(storecove=sections.Storecove(key, str(storecove.ENTITY), f"{base}/api/v2", hook))


def _billit(settings: Settings, base: str, folder: Path) -> Settings:
    key, hook = kept(folder, billit.KEY), kept(folder, billit.HOOK)
    return settings._replace(billit=sections.Billit(key, billit.PARTY, base, hook))


_SETTINGS: Mapping[str, Callable[[Any, str, Path], Settings]] = {
    "econnect": _econnect,
    "recommand": _recommand,
    "storecove": _storecove,
    "billit": _billit,
}
