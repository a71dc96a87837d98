"""Through everything: submitted, sent by a hosted access point, followed or told by webhooks; fetched, kept once, confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice.outbox.tables import EVENTS
from einvoice_peppol import sending
from einvoice_peppol.bodies import Body
from einvoice_peppol.inbox import hosted as inbox
from einvoice_peppol.providers import installed
from einvoice_peppol.sbdh.unwrapping import unwrap
from tests.peppol import hosted_story, hosted_world, networks
from tests.peppol.hosted_world import Hosted, call, hearing
from tests.peppol.sending_world import invoice
from tests.providers.paying import Reply
from tests.providers.peppol import belgian
from tests.scale import scaled

SECOND = 61


@pytest.fixture(scope="module")
def here() -> Iterator[networks.Here]:
    """A network, which a hosted access point asks itself."""
    with networks.standing() as found:
        yield found


@pytest.fixture(params=sorted(belgian.CASES))
def hosted(tmp_path: Path, here: networks.Here, request: Any) -> Iterator[Hosted]:
    here.clock.now = networks.NOW
    with hosted_world.standing(tmp_path, here, request.param) as found:
        yield found


def told(of: Hosted) -> list[str]:
    with reading(of.world.engine) as connection:
        return list(connection.scalars(select(EVENTS.c.type).order_by(EVENTS.c.number)))


def sent(of: Hosted) -> list[bytes]:
    return belgian.CASES[of.name].made(of.service)


def test_sent_followed_and_delivered(hosted: Hosted) -> None:
    row_id = hosted.submit()
    assert hosted.run().sent.sent == 1
    (effect,) = hosted.world.effects()
    assert (effect.state, hosted.world.row(row_id).state, sent(hosted)) == ("sent", "sent", [invoice("1")])
    assert hosted.follow()[:3] == (1, 0, 0)
    hosted.decides(effect.provider, "delivered")
    assert hosted.follow().asked == 0  # it was asked about just now
    hosted.world.here.clock.turn(SECOND)
    assert hosted.follow()[:3] == (1, 1, 0)
    (effect,) = hosted.world.effects()
    assert (effect.state, hosted.world.row(row_id).state, bool(effect.proof)) == ("delivered", "delivered", True)
    assert told(hosted) == ["invoice.sent", "invoice.delivered"]


def test_what_came_back_is_told_with_the_providers_reason(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    hosted.decides(hosted.world.effects()[0].provider, "failed")
    assert hosted.follow().bounced == 1
    row = hosted.world.row(row_id)
    assert row.state == "bounced"
    assert "does not answer" in row.reason
    assert told(hosted) == ["invoice.sent", "invoice.refused"]


def test_what_is_unknown_is_never_sent_again_by_itself(hosted: Hosted) -> None:
    row_id = hosted.submit()
    _loses_its_answer(hosted)
    for _ in range(4):
        hosted.run()
        hosted.world.here.clock.turn(7_200)
    assert (hosted.world.row(row_id).state, len(sent(hosted))) == ("unknown", 1)
    hosted.follow()
    is_known_by_id = hosted.name == "e-invoice.be"  # Peppyrus gave none before it broke off: a person asks
    assert hosted.world.row(row_id).state == ("sent" if is_known_by_id else "unknown")
    if is_known_by_id:
        hosted.decides(hosted.world.effects()[0].provider, "delivered")
        hosted.world.here.clock.turn(86_401)
        hosted.follow()
        assert (hosted.world.row(row_id).state, told(hosted)) == ("delivered", ["invoice.sent", "invoice.delivered"])


def test_of_a_row_that_was_taken_up_again_only_the_newest_effect_speaks(tmp_path: Path, here: networks.Here) -> None:
    here.clock.now = networks.NOW
    with hosted_world.standing(tmp_path, here, "e-invoice.be") as of:
        row_id = of.submit()
        of.service.on_send = [Reply(500, b"")]
        of.run()
        assert of.world.row(row_id).state == "unknown"
        with connect(of.world.engine) as connection:
            sending.resend(connection, row_id, here.clock(), certain=True)
        of.run()
        first, second = of.world.effects()
        assert (first.state, second.state, first.provider == second.provider) == ("unknown", "sent", False)
        with hearing(of) as base:
            assert call(base, of.name, of.hook(first.provider, "failed")) == 204
            assert (of.world.row(row_id).state, of.world.effects()[0].state) == ("sent", "bounced")
            assert call(base, of.name, of.hook(second.provider, "delivered")) == 204
        assert of.world.row(row_id).state == "delivered"


def test_a_webhook_that_overtakes_the_answer_to_its_sending_comes_again(tmp_path: Path, here: networks.Here) -> None:
    here.clock.now = networks.NOW
    with hosted_world.standing(tmp_path, here, "peppyrus") as of, hearing(of) as base:
        elsewhere = of.comes(invoice("9"))
        of.service.messages[elsewhere] |= {"direction": "OUT", "folder": "Sent"}
        hook = of.hook(elsewhere, "delivered")
        assert call(base, of.name, hook) == 204  # nothing of ours is on its way
        of.submit()
        of.service.cuts = 1
        of.run()
        assert [effect.state for effect in of.world.effects()] == ["unknown"]
        assert call(base, of.name, hook) == 503
        here.clock.turn(86_401)
        assert call(base, of.name, hook) == 204


def test_a_provider_that_does_not_answer_changes_nothing(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    hosted.service.trouble = [Reply(503, b"")]
    assert hosted.follow() == (0, 0, 0, 1)
    assert hosted.world.row(row_id).state == "sent"


def test_fetched_kept_once_confirmed(hosted: Hosted) -> None:
    refs = [hosted.comes(invoice(number)) for number in "123"]
    assert hosted.fetch() == (3, 0, 0, 0)
    rows = {row.message_id: row for row in hosted.came()}
    assert sorted(rows) == sorted(inbox.hosted_id(hosted.name, ref) for ref in refs)
    row = rows[inbox.hosted_id(hosted.name, refs[1])]
    with hosted.world.means.bodies.open(Body(row.document_hash, row.size, row.document, row.file)) as body:
        header = unwrap(body, into := BytesIO())
    assert invoice("2").partition(b"?>")[2].strip() in into.getvalue()
    assert (row.via, row.kind, row.sender, header.sender.id) == (hosted.name, "invoice", "0208:0428759497", "0208:0428759497")
    assert hosted.fetch()[0] == 0
    assert len(hosted.came()) == 3
    if hosted.name == "peppyrus":
        assert all(hosted.service.messages[ref]["confirmed"] for ref in refs)
        assert list(installed.installed(hosted.settings)["peppyrus"].waiting()) == []


def test_a_document_that_cannot_be_taken_keeps_no_other_waiting_and_stays_unconfirmed(hosted: Hosted) -> None:
    hosted.comes(invoice("1"))
    bad = hosted.comes(b"<!DOCTYPE x><Invoice/>")
    hosted.comes(invoice("2"))
    assert hosted.fetch() == (2, 0, 1, 0)
    assert len(hosted.came()) == 2
    assert hosted.name != "peppyrus" or not hosted.service.messages[bad]["confirmed"]


def test_killed_between_keeping_and_confirming_it_is_confirmed_later_and_kept_once(hosted: Hosted) -> None:
    ref = hosted.comes(invoice("1"))
    provider = installed.installed(hosted.settings)[hosted.name]

    def dies(_id: str) -> None:
        raise KeyboardInterrupt

    provider.confirm = dies  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        inbox.take(hosted.world.engine, provider, [ref], hosted.world.means.bodies, hosted.world.here.clock)
    assert len(hosted.came()) == 1
    assert hosted.fetch()[:2] == (0, 1)
    assert len(hosted.came()) == 1


def test_webhooks_tell_the_same_and_twice_is_once(hosted: Hosted) -> None:
    row_id, other = hosted.submit("1"), hosted.submit("2")
    hosted.run()
    first, second = (effect.provider for effect in hosted.world.effects())
    came = hosted.comes(invoice("3"))
    with hearing(hosted) as base:
        for ref, word in ((first, "delivered"), (second, "failed"), (came, "came")):
            if word != "came":
                hosted.decides(ref, word)
            assert [call(base, hosted.name, hosted.hook(ref, word)) for _ in range(2)] == [204, 204]
    assert (hosted.world.row(row_id).state, hosted.world.row(other).state) == ("delivered", "bounced")
    assert [row.message_id for row in hosted.came()] == [inbox.hosted_id(hosted.name, came)]
    assert sorted(told(hosted)) == ["invoice.delivered", "invoice.refused", "invoice.sent", "invoice.sent"]


def test_forged_webhooks_change_nothing(hosted: Hosted) -> None:
    row_id = hosted.submit()
    hosted.run()
    (effect,) = hosted.world.effects()
    hosted.decides(effect.provider, "failed")
    bad = belgian.forged(belgian.CASES[hosted.name], hosted.service, effect.provider)
    with hearing(hosted) as base:
        sendable = {name: hook for name, hook in bad.items() if name != "signs beyond ASCII"}
        assert {name: call(base, hosted.name, hook) for name, hook in sendable.items()} == dict.fromkeys(sendable, 401)
        assert call(base, "nobody", hosted.hook(effect.provider, "failed")) == 404
    assert hosted.world.row(row_id).state == "sent"


def test_a_webhook_that_cannot_be_kept_now_is_asked_for_again(hosted: Hosted) -> None:
    came = hosted.comes(invoice("1"))
    hook = hosted.hook(came, "came")
    with hearing(hosted) as base:
        hosted.service.trouble = [Reply(500, b"")]
        assert call(base, hosted.name, hook) == 503
        assert (hosted.came(), call(base, hosted.name, hook), len(hosted.came())) == ([], 204, 1)


def test_a_copy_that_is_not_live_takes_nothing_away(tmp_path: Path, here: networks.Here) -> None:
    from einvoice.cli.peppol import hosted as verbs

    with hosted_world.standing(tmp_path, here, "peppyrus", live=False) as of:
        ref = of.comes(invoice("1"))
        assert verbs.fetched(of.world.engine, of.world.means, of.settings, lambda: False) is None
        with hearing(of) as base:
            assert call(base, "peppyrus", of.hook(ref, "came")) == 503
        assert (of.came(), of.service.messages[ref]["confirmed"]) == ([], False)


def _loses_its_answer(of: Hosted) -> None:
    """The next document is taken, and the answer lost."""
    if of.name == "peppyrus":
        of.service.cuts = 1
    else:
        of.service.on_send = [None]


def test_a_long_webhook_is_taken_only_at_our_secret_address(tmp_path: Path, here: networks.Here) -> None:
    with hosted_world.standing(tmp_path, here, "peppyrus") as of:
        hook = of.hook(of.comes(invoice("1")), "came")
        long = hook._replace(body=hook.body[:-1] + b" " * 1_100_000 + b"}")
        with hearing(of) as base:
            assert call(base, "peppyrus", long._replace(url=long.url.replace("secret=", "secret=x"))) == 413
            assert call(base, "peppyrus", long) == 204
        assert len(of.came()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(belgian.CASES))
def test_in_bad_weather_nothing_is_sent_twice_and_nothing_lost(name: str, tmp_path: Path, here: networks.Here) -> None:
    story = hosted_story.told(tmp_path, here, name, scaled(60))
    assert story.holds, story
    assert set(story.states) <= {"delivered", "bounced", "sent", "unknown", "failed"}
