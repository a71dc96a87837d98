"""Whatever a provider answers: a document is sent only where its documented word for it is there, and nothing but our errors is raised."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.errors import PeppolError
from einvoice.outbox import State
from einvoice_peppol.http import Answer
from einvoice_peppol.providers.port import Provider, Taken
from tests.providers.peppol.cases import CASES, NOW, kept, submission

ALL = pytest.mark.parametrize("name", sorted(CASES))
_WORDS = (
    *"id guid InboxItemID success sentOverPeppol documents document InboxItems PeppolFileID FileContent direction xml".split(),
    *"senderId receiverId docTypeId processId countryC1 createdAt name createdOn description evidence errors network".split(),
    *"topic documentId partyId sentOn event event_type".split(),
)
_STATED = "incoming outgoing peppol InvoiceSent InvoiceSentError succeeded document.received PGEvPg== 2026-11-28".split()
_SAID = st.sampled_from([*_STATED, "", "\x00é"])
_LEAVES = st.none() | st.booleans() | st.integers(-5, 10**30) | st.floats(allow_nan=False) | _SAID | st.text(max_size=8)
_KEYS = st.sampled_from(_WORDS) | st.text(max_size=4)
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=8)
_BODIES = _JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
_STATUSES = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503])
_HEADERS = st.sampled_from([{}, {"retry-after": "7"}, {"retry-after": "²"}, {"retry-after": "9" * 400}, {"content-type": "text/html"}])


class Scripted:
    """Carries nothing: gives a token where one is asked for, and else the answers that it was given, again and again."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = answers
        self.calls = 0

    def call(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **_: Any) -> Answer:
        if url.endswith("/connect/token"):
            return Answer(200, {}, b'{"access_token": "t", "expires_in": 3600}')
        self.calls += 1
        return self.answers[min(self.calls, len(self.answers)) - 1]


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Provider]:
    folder = tmp_path_factory.mktemp("secrets")
    return {name: case.adapter("http://127.0.0.1:9", lambda secret: kept(folder, secret), 20.0) for name, case in CASES.items()}


def answering(provider: Provider, given_: list[Answer]) -> Provider:
    """The provider, whose other side answers so."""
    http = Scripted(given_)
    for part in (vars(provider)["_api"], vars(provider).get("_tokens")):
        if part is not None:
            vars(part)["_http"] = http
    return provider


def answers() -> st.SearchStrategy[list[Answer]]:
    return st.lists(st.builds(Answer, _STATUSES, _HEADERS, _BODIES), min_size=1, max_size=3)


@ALL
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_document_is_sent_only_by_the_documented_word(name: str, providers: dict[str, Provider], data: st.DataObject) -> None:
    given_ = data.draw(answers())
    outcome = answering(providers[name], given_).send(submission())
    first = given_[0]
    if outcome.state is State.SENT:
        assert outcome.provider
        assert first.status in (200, 201, 204) or (name, first.status) == ("econnect", 409)
    elif outcome.state is State.FAILED:
        assert first.status in (400, 413, 422)
    elif outcome.state is State.PLANNED:
        assert first.status in (401, 403, 404, 429)
    else:
        assert outcome.state is State.UNKNOWN
    assert outcome.retry_after is None or 0 <= outcome.retry_after <= 86_400


@ALL
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_it_says_of_documents_only_our_errors_are_raised(name: str, providers: dict[str, Provider], data: st.DataObject) -> None:
    provider = answering(providers[name], data.draw(answers()))
    for asked in (
        lambda: provider.status("a"),
        lambda: list(provider.waiting()),
        lambda: provider.fetch("a"),
        lambda: provider.confirm("a"),
    ):
        try:
            found = asked()
        except PeppolError:
            continue
        assert found is None or isinstance(found, list | Taken) or found.state in (State.DELIVERED, State.BOUNCED)


@ALL
@settings(max_examples=100, deadline=None)
@given(body=_BODIES)
def test_whatever_a_hook_of_theirs_holds_only_our_errors_are_raised(name: str, providers: dict[str, Provider], body: bytes) -> None:
    provider = answering(providers[name], [Answer(500, {}, b"")])
    try:
        news = provider.hear(CASES[name].stamped(body, NOW), NOW)
    except PeppolError:
        return
    assert all(one.key for one in news)
