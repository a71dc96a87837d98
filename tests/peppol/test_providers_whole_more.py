"""eConnect, Recommand, Storecove, Billit through everything: submitted, sent once, followed or told by webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from einvoice.database import reading
from einvoice.outbox.tables import EVENTS
from tests.peppol import hosted_more, networks
from tests.peppol.hosted_more import forged, sent, told
from tests.peppol.hosted_world import Hosted, call, hearing
from tests.peppol.sending_world import invoice

LATER = 7_200


@pytest.fixture(scope="module")
def here() -> Iterator[networks.Here]:
    """A network, which a hosted access point asks itself."""
    with networks.standing() as found:
        yield found


@pytest.fixture
def hosted(tmp_path: Path, here: networks.Here, request: Any) -> Iterator[Hosted]:
    here.clock.now = networks.NOW
    with hosted_more.standing(tmp_path, here, request.param) as found:
        yield found


def by(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hosted", names or hosted_more.NAMES, indirect=True)


def state(of: Hosted, row_id: int) -> str:
    return str(of.world.row(row_id).state)


def events(of: Hosted) -> list[str]:
    with reading(of.world.engine) as connection:
        return list(connection.scalars(select(EVENTS.c.type).order_by(EVENTS.c.number)))


@by()
def test_an_answer_that_is_lost_is_no_second_document(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.service.cuts = 1
    hosted.run()
    is_known = hosted.name == "econnect"  # the same id again is answered; elsewhere a person decides
    assert (state(hosted, row_id), len(sent(hosted))) == ("planned" if is_known else "unknown", 1)
    for _ in range(2):
        hosted.world.here.clock.turn(LATER)
        hosted.run()
    assert (state(hosted, row_id), len(sent(hosted))) == ("sent" if is_known else "unknown", 1)
    assert events(hosted) == ["invoice.sent"] * is_known


@by("recommand")
def test_recommands_word_is_followed(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    assert hosted.follow()[:3] == (1, 1, 0)
    assert (state(hosted, row_id), events(hosted)) == ("delivered", ["invoice.sent", "invoice.delivered"])


@by("storecove")
def test_storecoves_evidence_is_followed(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    assert hosted.follow()[:3] == (1, 0, 0)
    hosted.service.succeed(hosted.world.effects()[0].provider)
    hosted.world.here.clock.turn(LATER)
    assert hosted.follow()[:3] == (1, 1, 0)
    assert state(hosted, row_id) == "delivered"


@by("econnect")
def test_econnects_states_are_followed(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    assert hosted.follow()[:3] == (1, 0, 0)
    hosted.service.tell(hosted.world.effects()[0].provider, "InvoiceSentError", "No such receiver")
    hosted.world.here.clock.turn(LATER)
    assert hosted.follow()[:3] == (1, 0, 1)
    assert (state(hosted, row_id), "No such receiver" in hosted.world.row(row_id).reason) == ("bounced", True)


@by("econnect", "storecove")
def test_webhooks_tell_what_became_of_it_and_twice_is_once(hosted: Hosted) -> None:
    first, second = hosted.submit("1"), hosted.submit("2")
    hosted.run()
    refs = [effect.provider for effect in hosted.world.effects()]
    with hearing(hosted) as base:
        for ref, word in zip(refs, ("delivered", "failed"), strict=True):
            assert [call(base, hosted.name, told(hosted, ref, word)) for _ in range(2)] == [204, 204]
    assert (state(hosted, first), state(hosted, second)) == ("delivered", "bounced")
    assert sorted(events(hosted)) == ["invoice.delivered", "invoice.refused", "invoice.sent", "invoice.sent"]


@by()
def test_forged_webhooks_change_nothing(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    assert (state(hosted, row_id), sent(hosted), events(hosted)) == ("sent", [invoice("1")], ["invoice.sent"])
    ref = hosted.world.effects()[0].provider
    bad = forged(hosted, ref)
    with hearing(hosted) as base:
        assert {name: call(base, hosted.name, one) for name, one in bad.items()} == dict.fromkeys(bad, 401)
    assert (state(hosted, row_id), hosted.came()) == ("sent", [])
