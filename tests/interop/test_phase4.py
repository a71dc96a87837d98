"""phase4 and we: each takes what the other sends, accepts the other's receipt, and refuses what was tampered with."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from lxml import etree

from einvoice.errors import Rejected
from einvoice_peppol.as4 import ebms, receipts
from einvoice_peppol.identifiers.values import Participant
from einvoice_peppol.pki import testing
from tests.interop import folders, ours, phase4, published, worlds
from tests.interop.worlds import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> World:
    """One PKI for all."""
    return worlds.world()


@pytest.fixture(scope="module")
def receiver(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[phase4.Receiver]:
    """phase4 as C3."""
    try:
        with phase4.receiving(world.c3, world.anchors, world.pki.ap_ca.certificate, tmp_path_factory.mktemp("receiver")) as running:
            yield running
    except folders.Absent as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def sender(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[phase4.Sender]:
    """phase4 as C2."""
    try:
        with phase4.sending(world.c2, world.anchors, tmp_path_factory.mktemp("sender")) as running:
            yield running
    except folders.Absent as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def access_point(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ours.AccessPoint]:
    """Ours as C3."""
    with ours.receiving(world.c3, world.trust, tmp_path_factory.mktemp("ours")) as running:
        yield running


@pytest.mark.parametrize("name", worlds.KINDS)
def test_phase4_takes_what_we_send(world: World, receiver: phase4.Receiver, name: str) -> None:
    paper = worlds.paper(name)
    sent = ours.send(receiver.url, world.c2, world.c3.certificate, paper.data, paper.header(), world.trust)
    kept = receiver.received(sent.message_id)
    assert (kept["instance_id"], kept["sha256"], kept["country"]) == (sent.instance_id, sent.sha256, paper.country)
    assert (kept["signer"], kept["signed_by"], kept["encrypted_by"]) == (world.c2.seat, "DIRECT_REF", "DIRECT_REF")
    assert kept["problems"] == []
    assert sent.proof.seat == world.c3.seat


@pytest.mark.parametrize("name", [*worlds.KINDS, worlds.LARGE])
def test_we_take_what_phase4_sends(world: World, access_point: ours.AccessPoint, sender: phase4.Sender, name: str) -> None:
    paper = worlds.paper(name)
    url, certificate = access_point.url, world.c3.certificate
    said = sender.send(url, certificate, paper.data, paper.sender, paper.receiver, paper.kind, paper.process, paper.country)
    assert (said["result"], said["receipt"], said["about"]) == ("success", True, said["message_id"])
    assert (said["signature"], said["references"], said["signer"]) == (True, "same", world.c3.seat)
    kept = access_point.inbox()[-1]
    assert (kept.message_id, kept.instance_id, kept.seat) == (said["message_id"], said["instance_id"], world.c2.seat)
    assert (kept.country, kept.mls) == (paper.country, None)
    assert worlds.canonical(kept.document) == worlds.canonical(paper.data)


def test_we_hear_where_phase4_wants_its_status(world: World, access_point: ours.AccessPoint, sender: phase4.Sender) -> None:
    paper, to = worlds.paper("invoice"), Participant("0242", "000001")
    said = sender.send(
        access_point.url,
        world.c3.certificate,
        paper.data,
        paper.sender,
        paper.receiver,
        paper.kind,
        paper.process,
        mls=(to, "ALWAYS_SEND"),
    )
    assert said["result"] == "success"
    assert access_point.inbox()[-1].mls == (to.id, "ALWAYS_SEND")


def test_phase4_refuses_what_was_altered(world: World, receiver: phase4.Receiver) -> None:
    paper = worlds.paper("invoice")
    made = ours.make(world.c2, world.c3.certificate, paper.data, paper.header())
    at = made.body.rindex(b"\r\n--") - 40  # within the encrypted document
    altered = made.body[:at] + bytes([made.body[at] ^ 1]) + made.body[at + 1 :]
    with pytest.raises(Rejected) as refused:
        ours.post(receiver.url, made._replace(body=altered), world.c3.certificate, world.trust)
    assert refused.value.code == "EBMS:0102"


def test_phase4_refuses_a_signer_of_another_network(receiver: phase4.Receiver, world: World) -> None:
    stranger = testing.network(name="another").access_point("PNL000001")
    paper = worlds.paper("invoice")
    with pytest.raises(Rejected) as refused:
        ours.send(receiver.url, stranger, world.c3.certificate, paper.data, paper.header(), world.trust)
    assert refused.value.code in ("EBMS:0101", "EBMS:0102")


def test_phase4_refuses_an_envelope_that_says_another_document(world: World, receiver: phase4.Receiver) -> None:
    paper, other = worlds.paper("invoice"), worlds.paper("credit-note")
    with pytest.raises(Rejected) as refused:
        ours.send(receiver.url, world.c2, world.c3.certificate, paper.data, paper.header(), world.trust, action=other.kind)
    assert refused.value.code == "EBMS:0004"


def test_the_same_bytes_again_are_no_new_message(world: World, receiver: phase4.Receiver) -> None:
    """phase4 refuses a duplicate as EBMS:0004 (from 4.5 on as EBMS:4001, a code of its own); it keeps the message once."""
    paper = worlds.paper("invoice")
    made = ours.make(world.c2, world.c3.certificate, paper.data, paper.header())
    ours.post(receiver.url, made, world.c3.certificate, world.trust)
    with pytest.raises(Rejected) as refused:
        ours.post(receiver.url, made, world.c3.certificate, world.trust)
    assert refused.value.code == "EBMS:0004"
    assert "duplicate" in str(refused.value)
    receiver.received(made.message_id)
    assert len([line for line in receiver.said.all if line["event"] == "received" and line["message_id"] == made.message_id]) == 1


def test_phase4_hears_why_we_refuse(world: World, sender: phase4.Sender, tmp_path_factory: pytest.TempPathFactory) -> None:
    paper = worlds.paper("invoice")
    with ours.receiving(world.c3, world.trust, tmp_path_factory.mktemp("closed"), takes=lambda *_: False) as closed:
        said = sender.send(closed.url, world.c3.certificate, paper.data, paper.sender, paper.receiver, paper.kind, paper.process)
        assert (said["result"], said["receipt"]) == ("as4-error-msg-received", False)
        assert said["errors"] == ["EBMS:0004: PEPPOL:NOT_SERVICED"]
        assert (said["signature"], said["signer"], said["about"]) == (True, world.c3.seat, said["message_id"])
        assert closed.inbox() == []


def test_we_refuse_phase4_of_another_network(world: World, sender: phase4.Sender, tmp_path_factory: pytest.TempPathFactory) -> None:
    other, paper = testing.network(name="another"), worlds.paper("invoice")
    with ours.receiving(world.c3, other.trust(), tmp_path_factory.mktemp("stranger")) as strange:
        said = sender.send(strange.url, world.c3.certificate, paper.data, paper.sender, paper.receiver, paper.kind, paper.process)
        assert (said["result"], [error[:9] for error in said["errors"]]) == ("as4-error-msg-received", ["EBMS:0101"])
        assert strange.inbox() == []


@pytest.mark.parametrize("name", worlds.KINDS[:3])
def test_what_we_emit_is_as_the_published_schemas_say(world: World, name: str) -> None:
    paper = worlds.paper(name)
    made = ours.make(world.c2, world.c3.certificate, paper.data, paper.header())
    came = ours.judged(made, world.c3, world.trust)
    refused = ebms.Refused(ebms.FAILED_AUTHENTICATION, "a detail", message_id=made.message_id)
    signals = [receipts.receipt(came, world.c3, ours.now())[1], receipts.error(refused, world.c3, ours.now())[1]]
    envelopes = [etree.fromstring(data) for data in (came.envelope, *signals)]
    parts = [part for envelope in envelopes for part in published.parts(envelope)]
    assert [etree.QName(part).localname for part in parts] == [
        *("Messaging", "Signature", "EncryptedKey", "EncryptedData"),
        *("Messaging", "Signature") * 2,
    ]
    assert [published.wrong(part, "as4") for part in parts] == [[]] * len(parts)
    wrapped = etree.parse(BytesIO(made.wrapped)).getroot()
    assert published.wrong(wrapped[0], "sbdh") == []
