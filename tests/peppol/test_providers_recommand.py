"""Recommand: sending at once, what it keeps, the inbox; beside a server that behaves as docs.recommand.eu says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from einvoice.errors import Rejected
from einvoice.outbox import State
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.providers.port import News
from einvoice_peppol.providers.recommand import Recommand
from tests.providers.paying import Reply
from tests.providers.peppol import recommand as server
from tests.providers.peppol.cases import CASES, NOW, beside, submission


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[server.Recommand, Recommand]]:
    with beside(CASES["recommand"], tmp_path) as (service, provider):
        assert isinstance(provider, Recommand)
        yield service, provider


def test_a_document_says_whom_it_is_for_and_what_it_is(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    asked = submission()
    outcome = provider.send(asked)
    assert (outcome.state, outcome.provider) == (State.SENT, "doc_01")
    sent = json.loads(service.calls[-1].body)
    assert sent == {
        "recipient": "0208:0999999031",
        "documentType": "xml",
        "document": asked.data.decode(),
        "doctypeId": asked.document.value,
        "processId": asked.process.value,
    }


def test_a_receiver_who_is_not_there_is_refused_for_good(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    service.unreachable.add("0208:0999999031")
    outcome = provider.send(submission())
    assert (outcome.state, service.documents) == (State.FAILED, {})


@pytest.mark.parametrize(
    ("status", "errors"),
    [
        (400, {"root": ["duplicate key value violates unique constraint"]}),
        (400, None),
        (422, {"root": ["Failed to send document over Peppol network. No additional context available, please contact support"]}),
        (200, {}),
    ],
)
def test_a_fault_that_does_not_say_what_is_wrong_leaves_open_what_happened(
    both: tuple[server.Recommand, Recommand], status: int, errors: object
) -> None:
    service, provider = both
    service.trouble = [Reply(status, {"success": False, "errors": errors})]
    assert provider.send(submission()).state is State.UNKNOWN


def test_what_went_by_mail_alone_is_not_sent(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    service.trouble = [Reply(200, {"success": True, "sentOverPeppol": False, "sentOverEmail": True, "id": "doc_77"})]
    assert provider.send(submission()).state is State.UNKNOWN
    kept = service.keep("outgoing", b"<Invoice/>", sentOverPeppol=False, sentOverEmail=True)
    found = provider.status(kept["id"])
    assert found is not None
    assert found.state is State.BOUNCED


def test_what_cannot_be_said_to_it_is_refused_before_a_call(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    wild = DocumentType("urn:x::Invoice##urn:peppol:pint:billing-1@eu-1::2.1", "peppol-doctype-wildcard")
    assert provider.send(submission(document=wild)).state is State.FAILED
    assert provider.send(submission(data="<Invoice>é</Invoice>".encode("latin-1"))).state is State.FAILED
    assert service.calls == []


def test_its_word_on_a_document_of_ours_is_the_proof(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    ref = provider.send(submission()).provider
    assert ref is not None
    found = provider.status(ref)
    assert found is not None
    assert (found.state, json.loads(str(found.proof))["receivedPeppolSignalMessage"]) == (State.DELIVERED, "<Messaging/>")
    with pytest.raises(Rejected):
        provider.status("doc_99")
    with pytest.raises(Rejected):
        provider.status(service.keep("incoming", b"<Invoice/>")["id"])


def test_what_came_waits_until_it_is_confirmed(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    kind = submission().document.value
    kept = [service.keep("incoming", f"<Invoice>{number}</Invoice>".encode(), docTypeId=kind)["id"] for number in range(3)]
    service.keep("incoming", b"<Invoice/>", companyId="c_another")
    service.keep("outgoing", b"<Invoice/>")
    assert list(provider.waiting()) == kept
    taken = provider.fetch(kept[0])
    assert taken.data == b"<Invoice>0</Invoice>"
    assert (taken.sender, taken.receiver) == (Participant("0208", "0428759497"), Participant("0208", "0999999031"))
    assert (taken.document, taken.process) == (submission().document, Process("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"))
    assert (taken.message_id, taken.country, taken.at) == ("message-1@recommand", "BE", datetime(2026, 11, 28, 9, tzinfo=UTC))
    for _ in range(2):
        provider.confirm(kept[0])
    assert list(provider.waiting()) == kept[1:]


def test_what_it_does_not_tell_of_a_document_is_left_open(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    unsaid = {"receiverId": None, "processId": "", "countryC1": "", "createdAt": "", "peppolMessageId": None}
    ref = service.keep("incoming", b"<Invoice/>", senderId="nobody", docTypeId="?", **unsaid)["id"]
    taken = provider.fetch(ref)
    assert (taken.id, taken.message_id, taken.data, set(taken[3:])) == (ref, ref, b"<Invoice/>", {None, ""})


def test_a_document_that_did_not_come_for_us_is_not_fetched(both: tuple[server.Recommand, Recommand]) -> None:
    service, provider = both
    for ref in (service.keep("outgoing", b"<Invoice/>")["id"], service.keep("incoming", b"")["id"], "doc_99", ".."):
        with pytest.raises(Rejected):
            provider.fetch(ref)


def test_a_hook_says_no_more_than_which_document_came(both: tuple[server.Recommand, Recommand]) -> None:
    _, provider = both
    assert provider.hear(server.hook("doc_01"), NOW) == (News("doc_01:document.received", "doc_01"),)
    assert provider.hear(server.hook("doc_01", event="company.verified"), NOW) == ()
