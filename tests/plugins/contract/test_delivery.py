"""One word for where a document stands, whatever carried it and in whichever order its answers came."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.events.parts import Status
from einvoice.outbox import State
from einvoice_peppol.sending.rows import STATES
from einvoice_plugins import words
from einvoice_plugins.delivery import Delivery, Known, of_carrier, of_response

ANSWERS = st.tuples(st.sampled_from([*Status]), st.dates().map(str))


def test_every_state_of_every_carrier_has_a_word() -> None:
    assert {of_carrier(state) for state in (*STATES, *State)} == {
        Delivery.NOT_SENT,
        Delivery.WAITING,
        Delivery.SENT,
        Delivery.DELIVERED,
        Delivery.REFUSED,
        Delivery.FAILED,
        Delivery.UNKNOWN,
    }
    assert {of_response(status) for status in Status} == {
        Delivery.DELIVERED,
        Delivery.UNDER_QUERY,
        Delivery.ACCEPTED,
        Delivery.REJECTED,
    }


def test_a_state_or_status_that_nobody_knows_is_an_error() -> None:
    for ask in (of_carrier, of_response, Known().carried, lambda code: Known().answered(code, "2026-03-02")):
        with pytest.raises(ValueError, match="posted"):
            ask("posted")


def test_labels_are_in_four_languages_and_no_two_alike() -> None:
    assert set(words.table("delivery")) == {each.value for each in Delivery}
    for language in words.LANGUAGES:
        assert len({each.label(language) for each in Delivery}) == len(Delivery)
    assert Delivery.NOT_SENT.label("fr_BE") == "Non envoyée"


def test_a_document_from_its_posting_to_its_payment() -> None:
    known = Known()
    seen = [known.delivery]
    for word in ("accepted", "prepared", "sent"):
        known = known.carried(word)
        seen.append(known.delivery)
    for status, day in (("AB", "2026-03-03"), ("UQ", "2026-03-04"), ("AP", "2026-03-05"), ("PD", "2026-04-01")):
        known = known.answered(status, day)
        seen.append(known.delivery)
    waiting, accepted = Delivery.WAITING, Delivery.ACCEPTED
    assert seen == [
        Delivery.NOT_SENT, waiting, waiting, Delivery.SENT, Delivery.DELIVERED, Delivery.UNDER_QUERY, accepted, accepted,
    ]  # fmt: skip


def test_only_what_surely_did_not_arrive_may_be_sent_anew() -> None:
    assert {each for each in Delivery if each.may_be_sent} == {Delivery.NOT_SENT, Delivery.REFUSED}
    assert not Known("unknown").delivery.may_be_sent
    assert Known("unknown").delivery.needs_a_person
    assert not Delivery.SENT.is_settled
    assert Delivery.ACCEPTED.is_settled


def test_an_answer_proves_more_than_what_its_carriers_say() -> None:
    assert Known("unknown").answered("AB", "2026-03-03").delivery is Delivery.DELIVERED
    assert Known("sent").refuse().delivery is Delivery.REFUSED
    assert Known("sent").refuse().answered("AP", "2026-03-03").delivery is Delivery.ACCEPTED


@given(st.lists(ANSWERS), st.randoms())
def test_answers_in_any_order_and_however_often_come_to_the_same(answers: list[tuple[Status, str]], chance: Random) -> None:
    first = second = Known("sent")
    for status, day in answers:
        first = first.answered(status, day)
    mixed = answers * 2
    chance.shuffle(mixed)
    for status, day in mixed:
        second = second.answered(status, day)
    assert first == second
