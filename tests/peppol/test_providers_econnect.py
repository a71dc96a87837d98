"""eConnect: tokens, ids of ours, states, downloads, hooks; beside a server that behaves as psb.econnect.eu says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.errors import Rejected, TransportError
from einvoice.outbox import State
from einvoice_peppol.identifiers import Participant
from einvoice_peppol.providers.econnect import EConnect
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.port import News
from tests.providers.paying import Reply
from tests.providers.peppol import econnect as server
from tests.providers.peppol.cases import CASES, NOW, beside, submission

KEY = guid(submission().key)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[server.EConnect, EConnect]]:
    with beside(CASES["econnect"], tmp_path) as (service, provider):
        assert isinstance(provider, EConnect)
        yield service, provider


def test_one_token_serves_many_calls(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    assert [provider.send(submission(f"peppol:{number}")).state for number in range(3)] == [State.SENT] * 3
    assert service.given == 1


def test_a_token_that_was_withdrawn_is_replaced(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    assert provider.send(submission("peppol:0")).state is State.SENT
    service.tokens.clear()
    assert provider.send(submission()).state is State.PLANNED
    assert provider.send(submission()).state is State.SENT
    service.tokens.clear()
    with pytest.raises(TransportError):
        provider.status(KEY)
    assert provider.status(KEY) is None
    assert service.given == 3


def test_a_token_service_that_is_down_says_nothing_of_the_document(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    troubles = [server.problem(500, "x", "x"), Reply(None), Reply(200, {}), Reply(200, {"access_token": "a\r\nb: c"})]
    for trouble in troubles:
        service.trouble = [trouble]
        assert provider.send(submission()).state is State.PLANNED
    assert service.taken == {}


def test_the_same_document_again_was_taken_already(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    first, second = provider.send(submission()), provider.send(submission())
    assert (first.state, first.provider, second.state, second.provider) == (State.SENT, KEY, State.SENT, KEY)
    assert list(service.taken) == [KEY]


def test_a_party_that_is_not_ours_is_for_the_settings(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    provider._party = "0106:87654321"
    assert provider.send(submission()).state is State.PLANNED
    assert service.taken == {}


def test_what_is_no_invoice_is_not_taken_there(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    outcome = provider.send(submission(kind="invoice_response"))
    assert (outcome.state, service.calls) == (State.FAILED, [])


def test_a_state_is_the_newest_that_says_something(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    provider.send(submission())
    assert provider.status(KEY) is None
    service.tell(KEY, "InvoiceSentRetry", "The receiver is away")
    assert provider.status(KEY) is None
    service.tell(KEY, "InvoiceSent")
    found = provider.status(KEY)
    assert found is not None
    assert (found.state, found.provider, "InvoiceSent" in str(found.proof)) == (State.DELIVERED, KEY, True)
    service.tell(KEY, "InvoiceSentError", "The receiver sent it back")
    found = provider.status(KEY)
    assert found is not None
    assert (found.state, found.reason) == (State.BOUNCED, "The receiver sent it back")
    with pytest.raises(Rejected):
        provider.status("another")


def test_hooks_tell_what_became_of_a_document(both: tuple[server.EConnect, EConnect]) -> None:
    _, provider = both
    (sent,) = provider.hear(server.hook("InvoiceSent", KEY, NOW), NOW)
    (back,) = provider.hear(server.hook("InvoiceSentError", KEY, NOW, message="No such receiver"), NOW)
    assert sent.outcome is not None
    assert back.outcome is not None
    assert (sent.id, sent.outcome.state) == (KEY, State.DELIVERED)
    assert (back.id, back.outcome.state, back.outcome.reason) == (KEY, State.BOUNCED, "No such receiver")
    assert sent.key != back.key
    for topic in ("InvoiceSentRetry", "HookSent", "InvoiceReceivedError", "OrderReceived"):
        assert provider.hear(server.hook(topic, KEY, NOW), NOW) == ()


def test_what_came_is_fetched_by_the_word_of_its_hook(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    service.came["f96bad15"] = b"<Invoice>came</Invoice>"
    (news,) = provider.hear(server.hook("InvoiceReceived", "f96bad15", NOW), NOW)
    assert news == News("f96bad15:InvoiceReceived", f"{server.PARTY}/f96bad15")
    taken = provider.fetch(news.id)
    assert (taken.id, taken.message_id, taken.data) == (news.id, "f96bad15", b"<Invoice>came</Invoice>")
    provider.confirm(news.id)
    assert (list(service.came), list(provider.waiting())) == (["f96bad15"], [])
    assert provider.fetch("f96bad15").data == taken.data
    with pytest.raises(Rejected):
        provider.fetch("another")


def test_the_receiver_is_read_from_the_document(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    provider.send(submission(receiver=Participant("0106", "12345678")))
    assert service.calls[-1].query == {}


def test_what_broke_off_can_be_asked_about_by_the_id_of_ours(both: tuple[server.EConnect, EConnect]) -> None:
    service, provider = both
    provider._tokens.headers()
    service.cuts = 1
    outcome = provider.send(submission())
    assert (outcome.state, outcome.provider) == (State.UNKNOWN, KEY)
    service.tell(KEY, "InvoiceSent")
    found = provider.status(KEY)
    assert found is not None
    assert found.state is State.DELIVERED
