"""Storecove: submissions, their evidence, hooks; beside a server that behaves as its API v2 says."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.errors import Rejected
from einvoice.outbox import State
from einvoice_peppol.identifiers import DocumentType, Participant
from einvoice_peppol.identifiers.participants import scheme
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.storecove import SCHEMES, Storecove
from tests.providers.paying import Reply
from tests.providers.peppol import storecove as server
from tests.providers.peppol.cases import CASES, NOW, beside, submission


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[server.Storecove, Storecove]]:
    with beside(CASES["storecove"], tmp_path) as (service, provider):
        assert isinstance(provider, Storecove)
        yield service, provider


def test_a_submission_names_its_entity_its_key_and_its_receiver(both: tuple[server.Storecove, Storecove]) -> None:
    service, provider = both
    outcome = provider.send(submission(receiver=Participant("9930", "de321281763")))
    assert (outcome.state, outcome.provider) == (State.SENT, next(iter(service.submissions)))
    sent = json.loads(service.calls[-1].body)
    assert (sent["legalEntityId"], sent["idempotencyGuid"]) == (server.ENTITY, guid(submission().key))
    assert sent["routing"] == {"eIdentifiers": [{"scheme": "DE:VAT", "id": "DE321281763"}], "emails": []}
    raw = sent["document"]["rawDocumentData"]
    assert (sent["document"]["documentType"], raw["parseStrategy"], b64decode(raw["document"])) == ("invoice", "ubl", submission().data)


def test_an_invoice_in_cii_is_said_to_be_one(both: tuple[server.Storecove, Storecove]) -> None:
    service, provider = both
    kind = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100::CrossIndustryInvoice##urn:cen.eu:en16931:2017::D16B"
    assert provider.send(submission(document=DocumentType(kind), data=b"<CrossIndustryInvoice/>")).state is State.SENT
    assert json.loads(service.calls[-1].body)["document"]["rawDocumentData"]["parseStrategy"] == "cii"


def test_its_names_of_schemes_are_of_schemes_that_exist() -> None:
    assert [code for code in SCHEMES if scheme(code) is None] == []
    assert len(set(SCHEMES.values())) == len(SCHEMES)


def test_what_it_cannot_be_told_is_refused_before_a_call(both: tuple[server.Storecove, Storecove]) -> None:
    service, provider = both
    assert provider.send(submission(receiver=Participant("0246", "de123"))).state is State.FAILED
    assert provider.send(submission(kind="invoice_response")).state is State.FAILED
    assert service.calls == []


def test_a_repeat_is_not_mistaken_for_a_refusal(both: tuple[server.Storecove, Storecove]) -> None:
    service, provider = both
    assert provider.send(submission()).state is State.SENT
    assert provider.send(submission()).state is State.UNKNOWN
    answers: list[object] = [b"", {}, [], [{"source": "document"}], [{"details": "IdempotencyGuid was used"}], ["text"]]
    for said in answers:
        service.trouble = [Reply(422, said)]
        assert provider.send(submission("peppol:2")).state is State.UNKNOWN
    assert len(service.submissions) == 1


def test_evidence_is_the_proof_that_it_arrived(both: tuple[server.Storecove, Storecove]) -> None:
    service, provider = both
    ref = provider.send(submission()).provider
    assert ref is not None
    assert provider.status(ref) is None
    service.succeed(ref)
    found = provider.status(ref)
    assert found is not None
    proof = json.loads(str(found.proof))
    assert (found.state, found.provider, proof["evidence"]["xml"]) == (State.DELIVERED, ref, "<Messaging/>")
    service.succeed(ref, network="smtp")
    with pytest.raises(Rejected):
        provider.status(ref)


def test_hooks_tell_what_became_of_a_submission(both: tuple[server.Storecove, Storecove]) -> None:
    _, provider = both
    states = {}
    for event in ("succeeded", "failed", "no_action_taken"):
        (news,) = provider.hear(server.hook(event, "guid-1", details="why"), NOW)
        assert news.outcome is not None
        states[event] = (news.id, news.outcome.state, news.outcome.reason)
    assert states == {
        "succeeded": ("guid-1", State.DELIVERED, None),
        "failed": ("guid-1", State.BOUNCED, "why"),
        "no_action_taken": ("guid-1", State.BOUNCED, "why"),
    }
    assert provider.hear(server.hook("acknowledged", "guid-1"), NOW) == ()
    assert provider.hear(server.hook("succeeded", "guid-1", kind="received_document"), NOW) == ()


def test_nothing_is_received_by_it(both: tuple[server.Storecove, Storecove]) -> None:
    _, provider = both
    assert list(provider.waiting()) == []
    with pytest.raises(Rejected):
        provider.fetch("guid-1")
