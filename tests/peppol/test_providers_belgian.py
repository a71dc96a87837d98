"""The adapters of Peppyrus and e-invoice.be beside servers built from their documentation, with everything that may happen."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.errors import PeppolError, Rejected
from einvoice.outbox import Outcome, State
from einvoice.settings import peppol as settings
from einvoice.settings.values import Secret
from einvoice_peppol.http import Client
from einvoice_peppol.providers import einvoicebe, peppyrus
from einvoice_peppol.providers.port import Call, Untrusted
from tests.providers.peppol import belgian, trying
from tests.providers.peppol.belgian import CASES, EINVOICEBE, PEPPYRUS
from tests.providers.peppol.cases import NOW, beside, kept, submission
from tests.providers.peppol.einvoicebe import HOOK, hook
from tests.providers.peppol.peppyrus import NOBODY

NAMES = pytest.mark.parametrize("name", CASES)


def wrong(found: dict[str, bool]) -> list[str]:
    return [name for name, is_right in found.items() if not is_right]


def test_what_may_happen_to_a_document_at_peppyrus(tmp_path: Path) -> None:
    assert wrong(trying.tried(PEPPYRUS, tmp_path)) == []


def test_a_receiver_that_nobody_is_called_is_refused_for_good(tmp_path: Path) -> None:
    with beside(PEPPYRUS, tmp_path) as (service, provider):
        scheme, _, value = NOBODY.partition(":")
        outcome = provider.send(submission(receiver=submission().receiver._replace(scheme=scheme, value=value)))
    assert (outcome.state, outcome.answered, service.messages) == (State.FAILED, True, {})


def test_what_may_happen_while_a_draft_is_made(tmp_path: Path) -> None:
    assert wrong(belgian.drafted(tmp_path)) == []


def test_what_may_happen_while_a_draft_is_sent(tmp_path: Path) -> None:
    assert wrong(belgian.sent(tmp_path)) == []


@NAMES
def test_what_became_of_it_and_what_came(name: str, tmp_path: Path) -> None:
    assert wrong(belgian.asked(CASES[name], tmp_path)) == []


@NAMES
def test_hooks_good_and_forged(name: str, tmp_path: Path) -> None:
    told, forged = belgian.believed(CASES[name], tmp_path)
    assert [outcome and outcome.state for outcome in told] == [None, State.DELIVERED, State.BOUNCED]
    assert wrong(forged) == []


@NAMES
def test_without_a_secret_no_hook_is_believed(name: str, tmp_path: Path) -> None:
    with belgian.without_secret(CASES[name], tmp_path) as provider:
        body = hook("doc_1", shared="").body
        for headers in ({}, dict(hook("doc_1", shared="").headers)):
            with pytest.raises(Untrusted):
                provider.hear(Call(headers, body, "https://ap.example/peppol/hooks/x?secret="), NOW)


def test_the_published_signatures_of_e_invoice_be(tmp_path: Path) -> None:
    """The examples of docs.e-invoice.be, Webhooks, with their secret `secret`."""
    section = settings.EInvoiceBe(kept(tmp_path, "key"), "http://127.0.0.1:9", kept(tmp_path, "secret"))
    provider = einvoicebe.of(section, Client())
    assert provider is not None
    text = r"⚡️ New webhook event: document.sent\n\n{\n  \"document_id\": \"doc-1\"\n}"
    body = f"""{{"id": "evt-e7wyc7gtpqx4z73x2wqmwhebhbb3r8n3ovfhcsdbulxr3s2awf49de76yglrnri3", "tenant_id": "ten-abc123",
        "created_at": 1762780249, "type": "document.sent", "data": {{"document_id": "doc-1"}}, "text": "{text}"}}"""
    signature = "sha256=2f8ec8fab5adedd8f82a2b4064f559c40b14aed0c6da27ed394e51176b10bd1b"
    (news,) = provider.hear(Call({"x-signature": signature}, body.encode()), NOW)
    assert (news.id, news.outcome and news.outcome.state) == ("doc-1", State.DELIVERED)
    older = (
        b'{"document": {"id": "doc-1", "name": "test.xml", "type": "application/xml", "size": 100, "url": "https://example.com/test.xml"}}'
    )
    signature = "sha256=6722b498bf28ce7ca5a6f21c0fca9166e24dea480978b276725ff46e503dd70f"
    with pytest.raises(PeppolError) as raised:  # believed, and it names no document
        provider.hear(Call({"x-signature": signature}, older), NOW)
    assert not isinstance(raised.value, Untrusted)


def test_an_event_of_another_kind_is_no_news(tmp_path: Path) -> None:
    with beside(EINVOICEBE, tmp_path) as (_, provider):
        assert provider.hear(hook("doc_1", "document.archived", HOOK), NOW) == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'{"id": 1}', b"\xff", b'{"a":' + b"9" * 5_000 + b"}"])
@NAMES
def test_a_hook_that_is_no_json_object_is_refused_without_a_traceback(name: str, body: bytes, tmp_path: Path) -> None:
    with beside(CASES[name], tmp_path) as (_, provider), pytest.raises(PeppolError):
        provider.hear(Call({"x-signature": "sha256=00"}, body, f"https://x.example/?secret={'secret-of-the-address'}"), NOW)


def test_nothing_is_installed_without_a_key(tmp_path: Path) -> None:
    assert peppyrus.of(settings.Peppyrus(), Client()) is None
    assert einvoicebe.of(settings.EInvoiceBe(), Client()) is None
    path = tmp_path / "lines.secret"
    path.write_text("one\ntwo")
    with pytest.raises(PeppolError) as raised:
        peppyrus.of(settings.Peppyrus(Secret(f"file:{path}")), Client())
    assert "two" not in str(raised.value)


def test_an_outcome_is_news_once(tmp_path: Path) -> None:
    with beside(PEPPYRUS, tmp_path) as (service, provider):
        ref = str(provider.send(submission()).provider)
        first = provider.hear(service.hook(ref), NOW)
        assert [news.outcome for news in first] == [Outcome(State.SENT, provider=ref)]


def test_a_file_is_fetched_from_this_machine_only_where_the_api_is_here_too(tmp_path: Path) -> None:
    with beside(EINVOICEBE, tmp_path) as (service, provider):
        service.base = provider._section.api  # type: ignore[attr-defined]
        ref = belgian.comes(EINVOICEBE, service, submission().data)
        assert provider.fetch(ref).data == submission().data
        provider._section = provider._section._replace(api="https://api.example")  # type: ignore[attr-defined]
        with pytest.raises(Rejected):
            provider.fetch(ref)
