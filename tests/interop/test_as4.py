"""`as4` 0.2.0 and we: each takes what the other sends, and accepts the other's receipt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from einvoice.errors import Rejected
from tests.interop import as4_peer, folders, ours, worlds
from tests.interop.worlds import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> World:
    """One PKI for all."""
    return worlds.world()


@pytest.fixture(scope="module")
def receiver(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[as4_peer.Receiver]:
    """`as4` as C3."""
    try:
        with as4_peer.receiving(world.c3, world.anchors, tmp_path_factory.mktemp("receiver")) as running:
            yield running
    except folders.Absent as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def sender(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[as4_peer.Sender]:
    """`as4` as C2."""
    try:
        with as4_peer.sending(world.c2, world.anchors, tmp_path_factory.mktemp("sender")) as running:
            yield running
    except folders.Absent as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def access_point(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ours.AccessPoint]:
    """Ours as C3."""
    with ours.receiving(world.c3, world.trust, tmp_path_factory.mktemp("ours")) as running:
        yield running


@pytest.mark.parametrize("name", worlds.KINDS)
def test_as4_takes_what_we_send(world: World, receiver: as4_peer.Receiver, name: str) -> None:
    paper = worlds.paper(name)
    sent = ours.send(receiver.url, world.c2, world.c3.certificate, paper.data, paper.header(), world.trust)
    kept = receiver.received(sent.message_id)
    assert (kept["accepted"], kept["sha256"], kept["seat"]) == (True, sent.sha256, world.c2.seat)
    assert (kept["sender"], kept["receiver"]) == (paper.sender.id, paper.receiver.id)
    assert sent.proof.seat == world.c3.seat


@pytest.mark.parametrize("name", worlds.KINDS)
def test_we_take_what_as4_sends(world: World, access_point: ours.AccessPoint, sender: as4_peer.Sender, name: str) -> None:
    paper = worlds.paper(name)
    url, certificate, instance_id = access_point.url, world.c3.certificate, paper.header().instance_id
    to, country = (paper.sender, paper.receiver, paper.kind, paper.process), paper.country
    said = sender.send(url, certificate, paper.data, *to, instance_id=instance_id, country=country)
    assert (said["accepted"], said["about"]) == (True, said["message_id"])
    kept = access_point.inbox()[-1]
    assert (kept.message_id, kept.instance_id, kept.seat) == (said["message_id"], instance_id, world.c2.seat)
    assert worlds.canonical(kept.document) == worlds.canonical(paper.data)


def test_as4_refuses_what_was_altered(world: World, receiver: as4_peer.Receiver) -> None:
    paper = worlds.paper("invoice")
    made = ours.make(world.c2, world.c3.certificate, paper.data, paper.header())
    at = made.body.rindex(b"\r\n--") - 40  # within the encrypted document
    altered = made._replace(body=made.body[:at] + bytes([made.body[at] ^ 1]) + made.body[at + 1 :])
    with pytest.raises(Rejected):
        ours.post(receiver.url, altered, world.c3.certificate, world.trust)
    assert receiver.received(made.message_id)["accepted"] is False


def test_as4_hears_why_we_refuse(world: World, sender: as4_peer.Sender, tmp_path_factory: pytest.TempPathFactory) -> None:
    paper = worlds.paper("invoice")
    to = (paper.sender, paper.receiver, paper.kind, paper.process)
    with ours.receiving(world.c3, world.trust, tmp_path_factory.mktemp("closed"), takes=lambda *_: False) as closed:
        said = sender.send(closed.url, world.c3.certificate, paper.data, *to, instance_id="i-1")
        assert (said["accepted"], said["why"]) == (False, "EBMS:0004")
        assert closed.inbox() == []
