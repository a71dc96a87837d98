"""A hosted access point as another channel of the same rows: it gets the business document, once, and what it says is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice import outbox
from einvoice.database import connect, reading
from einvoice.errors import PeppolError
from einvoice.outbox import Outcome, State
from einvoice.outbox.tables import EVENTS
from einvoice_peppol import sending
from einvoice_peppol.sending import payload, running
from einvoice_peppol.sending.owner import PeppolOwner
from tests.outbox.world import Post
from tests.peppol import networks, sending_world
from tests.peppol.sending_world import World, invoice


@pytest.fixture(scope="module")
def here() -> Iterator[networks.Here]:
    """A network, which a hosted access point asks itself."""
    with networks.standing() as found:
        yield found


@pytest.fixture
def post() -> Post:
    """The hosted access point."""
    return Post()


@pytest.fixture
def world(tmp_path: Path, here: networks.Here, post: Post) -> Iterator[World]:
    """A world without an access point of its own."""
    here.clock.now = networks.NOW
    with sending_world.standing(tmp_path, here) as found:
        yield found._replace(means=found.means._replace(identity=None, hosted=lambda: {"peppol:peppyrus": post}))


def run(world: World) -> running.Round:
    return running.run(world.engine, world.means, world.settings)


def test_it_gets_the_document_and_its_id_is_kept(world: World, post: Post) -> None:
    row_id = world.submit("1", via="peppyrus")
    run(world)
    (effect,) = post.arrived
    with payload.opened(effect.payload, effect.headers, world.means.bodies) as body:
        assert body.read() == invoice("1")
    assert (effect.channel, effect.address, effect.headers["document_scheme"]) == ("peppol:peppyrus", networks.WHO.id, "busdox-docid-qns")
    row = world.row(row_id)
    assert (row.state, row.message_id, row.receipt) == ("sent", "peppyrus:p", None)


def test_what_it_reports_later_is_kept_and_told(world: World) -> None:
    row_id = world.submit("1", via="peppyrus")
    run(world)
    (effect,) = world.effects()
    owners = running.owners(PeppolOwner())
    for state in (State.DELIVERED, State.BOUNCED):
        with connect(world.engine) as connection:
            outbox.report(connection, effect.id, Outcome(state, proof="0" * 64), world.here.clock(), owners)
        assert world.row(row_id).state == state
    with reading(world.engine) as connection:
        told = list(connection.scalars(select(EVENTS.c.type).order_by(EVENTS.c.number)))
    assert told == ["invoice.sent", "invoice.delivered", "invoice.refused"]


def test_what_is_unknown_is_not_sent_again_until_somebody_is_certain(world: World, post: Post) -> None:
    row_id = world.submit("1", via="peppyrus")
    post.answers = [Outcome(State.UNKNOWN, reason="it broke off")]
    run(world)
    world.here.clock.turn(7_200)
    run(world)
    assert (world.row(row_id).state, post.arrived) == ("unknown", [])
    with connect(world.engine) as connection, pytest.raises(PeppolError):
        sending.resend(connection, row_id, world.here.clock())
    with connect(world.engine) as connection:
        assert sending.resend(connection, row_id, world.here.clock(), certain=True) == "accepted"
    run(world)
    assert (world.row(row_id).state, len(post.arrived)) == ("sent", 1)


def test_one_that_is_not_known_is_refused_and_one_that_is_not_set_up_waits(world: World) -> None:
    with pytest.raises(PeppolError):
        world.submit("1", via="nobody")
    row_id = world.submit("1", via="billit")
    run(world)
    assert world.row(row_id).state == "prepared"


def test_without_an_access_point_of_our_own_it_waits_and_says_why(world: World) -> None:
    row_id = world.submit("1", via="as4")
    run(world)
    row = world.row(row_id)
    assert row.state == "accepted"
    assert row.reason
