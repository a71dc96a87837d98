"""Billit: UBL in JSON, the inbox of ten, envelopes; beside a server that behaves as docs.billit.be says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.errors import DocumentError, Rejected
from einvoice.outbox import State
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers import DocumentType
from einvoice_peppol.inbox.hosted import arrival
from einvoice_peppol.providers.billit import Billit
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.port import Untrusted
from tests.peppol.envelopes import HEADER, wrapped
from tests.providers.paying import Reply
from tests.providers.peppol import billit as server
from tests.providers.peppol.cases import CASES, NOW, beside, submission

INVOICE = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>came</ID></Invoice>'


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[server.Billit, Billit]]:
    with beside(CASES["billit"], tmp_path) as (service, provider):
        assert isinstance(provider, Billit)
        yield service, provider


def come(service: server.Billit, data: bytes) -> str:
    return str(service.receive(data, HEADER.sender.id, HEADER.receiver.id, HEADER.document.value))


def test_a_document_goes_as_it_is_with_its_key(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    outcome = provider.send(submission())
    assert (outcome.state, outcome.provider) == (State.SENT, "1117002")
    call = service.calls[-1]
    assert json.loads(call.body) == {"XML": submission().data.decode()}
    assert (call.headers["idempotent-key"], call.headers["idempotency-key"]) == (guid(submission().key),) * 2


def test_a_receiver_who_is_not_there_is_refused_for_good(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    service.unreachable.add("0208:0999999031")
    party = '<AccountingCustomerParty><EndpointID schemeID="0208">0999999031</EndpointID></AccountingCustomerParty>'
    outcome = provider.send(submission(data=f"<Invoice>{party}</Invoice>".encode()))
    assert (outcome.state, "TheCustomerDoesNotSupportPeppolForType_0" in str(outcome.reason), service.sent) == (State.FAILED, True, {})


def test_a_refusal_for_the_key_leaves_open_what_happened(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    service.trouble = [Reply(400, {"errors": [{"Code": "IdempotencyKeyAlreadyUsed", "Description": "…"}]})]
    assert provider.send(submission()).state is State.UNKNOWN


def test_what_it_cannot_be_told_is_refused_before_a_call(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    cii = DocumentType("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100::CrossIndustryInvoice##urn:cen.eu:en16931:2017::D16B")
    assert provider.send(submission(document=cii)).state is State.FAILED
    assert provider.send(submission(kind="mlr")).state is State.FAILED
    assert provider.send(submission(data=b"\xff\xfe<")).state is State.FAILED
    assert service.calls == []


def test_no_state_is_published(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    assert (provider.status("1117002"), service.calls) == (None, [])


def test_the_inbox_is_read_to_its_end_ten_at_a_time(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    came = [come(service, wrapped(INVOICE)) for _ in range(25)]
    found = []
    for ref in provider.waiting():
        found.append(ref)
        assert provider.fetch(ref).data == wrapped(INVOICE)
        provider.confirm(ref)
    assert (found, service.items) == (came, {})


def test_what_nobody_confirms_does_not_hold_up_the_end(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    came = [come(service, wrapped(INVOICE)) for _ in range(12)]
    assert list(provider.waiting()) == came[:10]


def test_a_document_comes_within_its_own_envelope(both: tuple[server.Billit, Billit], tmp_path: Path) -> None:
    service, provider = both
    ref = come(service, wrapped(INVOICE))
    taken = provider.fetch(ref)
    assert (taken.id, taken.data, taken.sender, taken.receiver) == (ref, wrapped(INVOICE), HEADER.sender, HEADER.receiver)
    came = arrival("billit", taken, Bodies(tmp_path), NOW)
    assert (came.instance_id, came.document, came.process, came.country) == (HEADER.instance_id, HEADER.document, HEADER.process, "BE")


def test_what_is_not_there_or_no_document_is_refused(both: tuple[server.Billit, Billit], tmp_path: Path) -> None:
    service, provider = both
    with pytest.raises(Rejected):
        provider.fetch("1")
    with pytest.raises(DocumentError):
        arrival("billit", provider.fetch(come(service, wrapped(INVOICE)[:-30])), Bodies(tmp_path), NOW)
    lost = come(service, wrapped(INVOICE))
    service.files.pop(service.items[int(lost)]["PeppolFileID"])
    with pytest.raises(Rejected):
        provider.fetch(lost)


def test_confirming_twice_is_like_once(both: tuple[server.Billit, Billit]) -> None:
    service, provider = both
    ref = come(service, wrapped(INVOICE))
    for _ in range(2):
        provider.confirm(ref)
    assert service.items == {}


def test_a_hook_is_a_hint_to_look_into_the_inbox(both: tuple[server.Billit, Billit]) -> None:
    _, provider = both
    (news,) = provider.hear(server.hook(NOW), NOW)
    assert (news.id, news.outcome) == ("", None)
    (other,) = provider.hear(server.hook(NOW, UpdatedEntityID=690999), NOW)
    assert other.key != news.key
    assert provider.hear(server.hook(NOW, UpdatedEntityType="Webhook"), NOW) == ()


def test_the_time_of_a_hook_is_signed_with_it(both: tuple[server.Billit, Billit]) -> None:
    _, provider = both
    old = NOW.replace(hour=1)
    with pytest.raises(Untrusted):
        provider.hear(server.hook(old, stated=NOW), NOW)
