"""Sending: the gate, preparing, what each answer of the other side comes to, and what is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice.errors import BadIdentifier, NotValid, PeppolError
from einvoice.outbox import State
from einvoice.outbox.tables import EVENTS
from einvoice_peppol import sending
from einvoice_peppol.identifiers import derive
from einvoice_peppol.sending import owner, preparing, running
from tests.peppol import networks, sending_world
from tests.peppol.sending_world import INVALID, World, invoice


@pytest.fixture(scope="module")
def here() -> Iterator[networks.Here]:
    """A network."""
    with networks.standing() as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, here: networks.Here) -> Iterator[World]:
    """A database in it, live, with everything to send."""
    here.clock.now = networks.NOW
    with sending_world.standing(tmp_path, here) as found:
        yield found


def run(world: World) -> running.Round:
    return running.run(world.engine, world.means, world.settings)


def events(world: World) -> list[str]:
    with reading(world.engine) as connection:
        return list(connection.scalars(select(EVENTS.c.type).order_by(EVENTS.c.number)))


def test_an_invoice_is_sent_with_its_receipt_kept(world: World) -> None:
    row_id = world.submit()
    assert world.row(row_id).state == "accepted"
    done = run(world)
    assert (done.prepared.prepared, done.sent.sent) == (1, 1)
    row, (took,) = world.row(row_id), world.peer.took
    assert (row.state, row.access_point, row.message_id, row.instance_id) == ("sent", "PBE000123", took.message_id, took.instance_id)
    assert [bytes(row.receipt)] == world.peer.receipts[took.message_id]
    assert events(world) == ["invoice.sent"]
    assert world.effects()[0].proof == row.receipt_hash
    assert bytes(world.effects()[0].payload) == took.request


def test_nothing_leaves_before_the_mode_is_live(tmp_path: Path, here: networks.Here) -> None:
    with sending_world.standing(tmp_path, here, live=False) as world:
        row_id = world.submit()
        assert run(world).mode == "dry_run"
        assert (world.row(row_id).state, world.peer.calls, world.effects()) == ("accepted", [], [])


def test_what_is_not_valid_is_refused_unless_somebody_says_why(world: World) -> None:
    with pytest.raises(NotValid):
        world.submit(report=INVALID)
    with pytest.raises(NotValid):
        world.submit(report=INVALID, override="  ")
    row = world.row(world.submit(report=INVALID, override="agreed with the buyer"))
    assert (row.verdict, row.override) == ("invalid", "agreed with the buyer")
    assert world.row(world.submit("2", override="not needed")).override is None


def test_the_same_submitted_twice_is_one_and_another_under_its_key_is_refused(world: World) -> None:
    assert world.submit("1") == world.submit("1") != world.submit("2")
    first = world.submit("3", key="mine")
    assert world.submit("3", key="mine") == first
    with pytest.raises(PeppolError):
        world.submit("4", key="mine")


@pytest.mark.parametrize("data", [b"%PDF-1.7", b'<sh:StandardBusinessDocument xmlns:sh="x"/>'])
def test_what_is_within_another_document_is_taken_out_first(world: World, data: bytes) -> None:
    with pytest.raises(PeppolError):
        world.submit(data=data)


def test_who_sends_and_who_receives_must_be_known(world: World) -> None:
    stated = derive.of(invoice("1"))
    with connect(world.engine) as connection:
        for missing in (stated._replace(sender=None), stated._replace(receiver=None), stated._replace(country=None)):
            with pytest.raises(BadIdentifier):
                sending.submit(
                    connection,
                    invoice("1"),
                    sending_world.VALID,
                    subject="x",
                    derived=missing,
                    bodies=world.means.bodies,
                )


def test_a_receiver_that_is_not_registered_is_refused_for_good(world: World) -> None:
    stranger = derive.of(invoice("1"))._replace(receiver=sending_world.receiver("0999912325"))
    with connect(world.engine) as connection:
        other = sending.submit(
            connection, invoice("9"), sending_world.VALID, subject="x", derived=stranger, bodies=world.means.bodies, now=world.here.clock()
        )
    assert run(world).prepared.refused == 1
    assert world.row(other).state == "refused"
    assert world.row(other).reason


def test_a_network_that_cannot_be_asked_is_asked_again_and_given_up_in_the_end(world: World) -> None:
    row_id = world.submit()
    world.here.smp.status = 500
    try:
        for attempt in range(1, preparing.ATTEMPTS + 1):
            before = world.here.clock()
            done = sending.prepare(world.engine, world.means)
            row = world.row(row_id)
            if attempt < preparing.ATTEMPTS:
                assert (done.again, row.state, row.attempts) == (1, "accepted", attempt)
                assert before < row.next_at <= before + timedelta(hours=2)
            world.here.clock.turn(7_200)
        assert (row.state, done.dead) == (State.DEAD, 1)
    finally:
        world.here.smp.status = None
    with connect(world.engine) as connection:
        assert sending.resend(connection, row_id, world.here.clock()) == "accepted"
    run(world)
    assert world.row(row_id).state == "sent"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("silent", "planned"),
        ("cut", "planned"),
        ("lost", "planned"),
        ("busy", "planned"),
        ("mute", "planned"),
        ("forged", "planned"),
        ("EBMS:0005", "planned"),
        ("EBMS:4001", "planned"),
        ("EBMS:0004", "failed"),
        ("EBMS:0101", "failed"),
    ],
)
def test_what_proves_nothing_is_not_sent_and_the_same_bytes_go_until_they_are_proven(world: World, word: str, state: str) -> None:
    row_id = world.submit()
    world.peer.next = [word]
    run(world)
    row = world.row(row_id)
    assert (row.state, row.receipt) == (state, None)
    assert row.reason
    payload = bytes(world.effects()[0].payload)
    world.here.clock.turn(7_200)
    run(world)
    if state == "failed":
        assert len(world.peer.calls) == 1
        assert events(world) == ["invoice.refused"]
        return
    assert world.row(row_id).state == "sent"
    assert {took.request for took in world.peer.took} == {payload}
    assert len({took.message_id for took in world.peer.took}) == 1
    assert events(world) == ["invoice.sent"]


def test_a_withdrawn_message_does_not_leave(world: World) -> None:
    waiting, prepared = world.submit("1"), world.submit("2")
    with connect(world.engine) as connection:
        sending.cancel(connection, waiting, "sold", world.here.clock())
    sending.prepare(world.engine, world.means)
    with connect(world.engine) as connection:
        sending.cancel(connection, prepared, "paid", world.here.clock())
    run(world)
    assert [world.row(each).state for each in (waiting, prepared)] == ["cancelled", "cancelled"]
    assert world.peer.calls == []
    with connect(world.engine) as connection, pytest.raises(PeppolError):
        sending.cancel(connection, prepared, "again", world.here.clock())


def test_what_may_have_arrived_is_not_withdrawn(world: World) -> None:
    row_id = world.submit()
    world.peer.next = ["lost"]
    run(world)
    with connect(world.engine) as connection, pytest.raises(PeppolError):
        sending.cancel(connection, row_id, "too late", world.here.clock())


def test_what_waited_for_days_is_prepared_anew(world: World) -> None:
    row_id = world.submit()
    sending.prepare(world.engine, world.means)
    first = world.row(row_id)
    world.here.clock.turn(owner.FRESH.total_seconds() + 60)
    run(world)
    assert world.row(row_id).state == "accepted"
    run(world)
    row = world.row(row_id)
    assert (row.state, row.instance_id) == ("sent", first.instance_id)
    assert row.message_id != first.message_id
    assert [took.message_id for took in world.peer.took] == [row.message_id]


def test_a_dead_access_point_rests_alone(world: World) -> None:
    ids = [world.submit(str(number)) for number in range(6)]
    world.peer.next = ["silent"] * 3
    done = run(world)
    assert done.sent.resting == frozenset()
    assert len(world.peer.calls) == 3  # then its host rests, and nobody's attempts are used up
    assert sorted(world.row(each).state for each in ids) == ["planned"] * 3 + ["prepared"] * 3
    world.here.clock.turn(60)
    run(world)
    assert {world.row(each).state for each in ids} == {"sent"}


def test_several_silent_hosts_are_the_fault_of_our_line() -> None:
    from einvoice_peppol.sending.hosts import Hosts

    hosts, now = Hosts(), networks.NOW
    assert hosts.silent("https://a.example/as4", now)
    assert hosts.silent("https://b.example/as4", now)
    assert not hosts.silent("https://c.example/as4", now)
    hosts.spoke("https://d.example/as4")
    assert hosts.silent("https://a.example/as4", now)


@pytest.mark.parametrize(("word", "state"), [("fine", "sent"), ("EBMS:0004", "failed")])
def test_an_owner_that_could_not_hear_catches_up(world: World, monkeypatch: pytest.MonkeyPatch, word: str, state: str) -> None:
    row_id = world.submit()
    deaf = {"deaf": True}
    world.peer.next = [word]
    real = owner.PeppolOwner.happened

    def happened(self: owner.PeppolOwner, *arguments: object) -> None:
        if deaf["deaf"]:
            raise RuntimeError("it does not listen")
        real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(owner.PeppolOwner, "happened", happened)
    sending.prepare(world.engine, world.means)
    from einvoice.outbox import relay

    senders = lambda: running.senders(world.means, world.settings)  # noqa: E731
    relay(world.engine, senders, running.owners(owner.PeppolOwner()), world.here.clock, ceiling=world.settings.sending)
    assert (world.row(row_id).state, world.effects()[0].state) == ("prepared", state)
    deaf["deaf"] = False
    assert run(world).behind == 1
    row = world.row(row_id)
    assert row.state == state
    assert state == "failed" or [bytes(row.receipt)] == world.peer.receipts[row.message_id]


def test_the_references_of_the_signature_are_kept_with_the_row(world: World) -> None:
    row_id = world.submit()
    run(world)
    stated = json.loads(world.row(row_id).signed)
    assert sorted(each["uri"][:4] for each in stated) == ["#b-" + stated[1]["uri"][3:4], "#m-" + stated[0]["uri"][3:4], "cid:"]


def test_a_duplicate_without_a_receipt_is_never_sent(world: World) -> None:
    row_id = world.submit()
    world.peer.next = ["lost", "EBMS:4001", "EBMS:4001"]
    run(world)
    world.here.clock.turn(7_200)
    run(world)
    row = world.row(row_id)
    assert (row.state, row.receipt) == ("dead", None)
    with connect(world.engine) as connection:
        assert sending.resend(connection, row_id, world.here.clock()) == "planned"  # the same bytes: it may have arrived
    world.peer.next = []
    world.here.clock.turn(2 * owner.FRESH.total_seconds())
    run(world)
    assert world.row(row_id).state == "sent"
    assert len({took.message_id for took in world.peer.took}) == 1
    assert [effect.state for effect in world.effects()] == ["dead", "sent"]


def test_what_failed_after_an_attempt_that_may_have_arrived_is_not_prepared_anew(world: World) -> None:
    row_id = world.submit()
    world.peer.next = ["lost", "EBMS:0101"]
    run(world)
    world.here.clock.turn(7_200)
    run(world)
    assert world.row(row_id).state == "failed"
    with connect(world.engine) as connection:
        assert sending.resend(connection, row_id, world.here.clock()) == "planned"
    run(world)
    assert world.row(row_id).state == "sent"
    assert len({(took.message_id, took.request) for took in world.peer.took}) == 1


def test_what_is_being_sent_is_not_taken_up(world: World) -> None:
    class Died(BaseException):
        pass

    def reached(step: str) -> None:
        if step == "posted":
            raise Died

    row_id = world.submit()
    with pytest.raises(Died):
        running.run(world.engine, world.means._replace(reached=reached), world.settings)
    for certain in (False, True):
        with connect(world.engine) as connection, pytest.raises(PeppolError):
            sending.resend(connection, row_id, world.here.clock(), certain=certain)
    world.here.clock.turn(7_200)
    run(world)
    assert world.row(row_id).state == "sent"
    assert len({(took.message_id, took.request) for took in world.peer.took}) == 1


def test_what_failed_is_prepared_anew_where_nothing_arrived(world: World) -> None:
    row_id = world.submit()
    world.peer.next = ["EBMS:0004"]
    run(world)
    with connect(world.engine) as connection:
        assert sending.resend(connection, row_id, world.here.clock()) == "accepted"
    run(world)
    row = world.row(row_id)
    assert row.state == "sent"
    with connect(world.engine) as connection, pytest.raises(PeppolError):
        sending.resend(connection, row_id, world.here.clock())


def test_large_messages_stand_in_the_spool_until_nobody_refers_to_them(world: World) -> None:
    from einvoice_peppol.sending.sweeping import sweep

    small = sending_world.invoice("big")
    large = small.replace(b"</cbc:ID>", b"</cbc:ID><!-- " + random.Random(1).randbytes(300_000).hex().encode() + b" -->", 1)
    row_id = world.submit("big", data=large, derived=derive.of(small))
    run(world)
    row, (effect,) = world.row(row_id), world.effects()
    assert (row.state, row.document, row.file) == ("sent", None, row.document_hash)
    spool = world.folder / "spool"
    (spool / ("f" * 64)).write_bytes(b"orphan")
    late = world.here.clock() + timedelta(days=2)
    assert sweep(world.engine, world.means.bodies, world.here.clock()) == 0
    assert sweep(world.engine, world.means.bodies, late) == 1
    assert {path.name for path in spool.iterdir()} == {row.file, effect.headers["spool"]}


def test_it_is_the_same_on_postgresql(tmp_path: Path, here: networks.Here) -> None:
    from einvoice_peppol.sending.sweeping import sweep
    from tests import postgres

    try:
        with sending_world.standing(tmp_path, here, kind="postgresql") as world:
            ids = [world.submit(str(number)) for number in range(3)]
            assert world.submit("0") == ids[0]
            world.peer.next = ["lost"]
            run(world)
            world.here.clock.turn(7_200)
            run(world)
            assert {world.row(each).state for each in ids} == {"sent"}
            assert len({took.message_id for took in world.peer.took}) == 3
            (world.folder / "spool" / ("f" * 64)).write_bytes(b"orphan")
            assert sweep(world.engine, world.means.bodies, world.here.clock() + timedelta(days=2)) == 1
    except postgres.NoServer as reason:
        pytest.skip(str(reason))


def test_a_large_message_is_waited_for_longer(world: World) -> None:
    from einvoice.outbox import Effect

    sender = sending.PeppolSender(world.means)
    patience = [sender._patience(Effect("k", "peppol", "peppol:1", "peppol", "", bytes(size))) for size in (10_000, 16_000_000, 99_000_000)]
    assert patience[0] < 61
    assert 200 < patience[1] < patience[2] < 600
