"""peppol-py sends to us: it finds us by DNS and SMP itself, we keep what it sent, it takes our receipt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.interop import folders, ours, peppol_py, worlds
from tests.interop.worlds import World
from tests.peppol import dns, smp

pytestmark = pytest.mark.slow

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_REFERENCES = f".//{_DS}SignedInfo/{_DS}Reference"
_REPEATED = ".//{http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0}MessagePartNRInformation/" + f"{_DS}Reference"


@pytest.fixture(scope="module")
def world() -> World:
    """One PKI for all."""
    return worlds.world()


@pytest.fixture(scope="module")
def access_point(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ours.AccessPoint]:
    """Ours as C3."""
    with ours.receiving(world.c3, world.trust, tmp_path_factory.mktemp("ours")) as running:
        yield running


@pytest.mark.parametrize("name", ["invoice", "credit-note", "attachment-300-kb", "attachment-5-mb"])
def test_we_take_what_peppol_py_sends(world: World, access_point: ours.AccessPoint, tmp_path: Path, name: str) -> None:
    said = sent(world, access_point.url, tmp_path, name)
    assert (said["accepted"], said["receiver"], [one["status"] for one in said["sent"]]) == (True, world.c3.seat, [200])
    kept = access_point.inbox()[-1]
    assert kept.seat == world.c2.seat
    assert worlds.canonical(kept.document) == worlds.canonical(worlds.paper(name).data)
    assert kept.receipt == said["sent"][0]["answer"].encode()
    assert references(Path(said["sent"][0]["body"]).read_bytes(), _REFERENCES) == references(kept.receipt, _REPEATED)


def test_peppol_py_hears_that_we_refuse(world: World, tmp_path: Path) -> None:
    with ours.receiving(world.c3, world.trust, tmp_path, takes=lambda *_: False) as closed:
        said = sent(world, closed.url, tmp_path, "invoice")
        assert (said["accepted"], said["error"]) == (False, "PEPPOL:NOT_SERVICED")
        assert closed.inbox() == []


def sent(world: World, url: str, folder: Path, name: str) -> dict[str, Any]:
    """What peppol-py says of a document that it sends to whom the SMP of a test names."""
    paper = worlds.paper(name)
    try:
        with dns.serving(peppol_py.ZONE) as sml, smp.serving(world.pki.smp()) as publisher:
            sml.register(paper.receiver, publisher.url)
            publisher.register(paper.receiver, paper.kind, paper.process, url=url, certificate=world.c3.certificate)
            return peppol_py.send(paper.data, world.c2, world.c3.certificate, sml.address, folder)
    except folders.Absent as reason:
        pytest.skip(str(reason))


def references(data: bytes, path: str) -> dict[str, str]:
    """The digests of ds:Reference elements by what they refer to, of the envelope within some bytes."""
    found = re.search(rb"<[^<>]*Envelope[ >].*Envelope>", data, re.DOTALL)
    assert found is not None
    return {str(one.get("URI")): str(one.findtext(f"{_DS}DigestValue")) for one in etree.fromstring(found[0]).iterfind(path)}
