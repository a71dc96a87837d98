"""The search of the directory: pages, pace, limits, answers of no known form."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

import pytest

from einvoice.errors import LookupFailed
from einvoice_peppol.http import Client
from einvoice_peppol.lookup import directory
from tests.peppol import directory as servers

MATCHES = [servers.match(f"0208:{number:010}", f"Brouwerij {number}") for number in range(1_300)]


@pytest.fixture(scope="module")
def http() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


def test_it_reads_page_after_page_as_they_are_asked_for_twice_a_second(http: Client) -> None:
    with servers.serving(MATCHES) as server:
        found = directory.search(http, server.url, "brouwerij")
        first = [*islice(found, 100)]
        assert (len(server.asked), first[0].participant, first[-1].names) == (1, "0208:0000000000", ("Brouwerij 99",))
        assert [*islice(found, 101)][-1].participant == "0208:0000000200"
        assert [query["resultPageIndex"] for query in server.asked] == ["0", "1", "2"]
        assert all(after - before >= 0.45 for before, after in pairwise(server.moments))


def test_it_ends_at_what_the_directory_gives(http: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PER_SECOND", 1_000)
    with servers.serving(MATCHES) as server:
        assert len([*directory.search(http, server.url, "Brouwerij")]) == 1_000
        assert len(server.asked) == 10
        assert len([*directory.search(http, server.url, "Brouwerij 12", most=7)]) == 7
        assert [*directory.search(http, server.url, "nobody")] == []


def test_it_says_what_an_entry_says(http: Client) -> None:
    kind = "busdox-docid-qns::urn:a::B##c::2.1"
    other = {"participantID": {"scheme": "other-scheme", "value": "a"}}
    bare = {"participantID": {"scheme": "iso6523-actorid-upis", "value": "0106:1"}, "entities": [{"name": "One name"}]}
    with servers.serving([servers.match("0208:0123456749", "A", documents=[kind]), other, bare]) as server:
        found = [*directory.search(http, server.url, "a", country="BE")]
        assert found == [
            directory.Entry("0208:0123456749", ("A",), "BE", "Street 1, Town", "2025-01-01", (kind,)),
            directory.Entry("0106:1", ("One name",), None, None, None, ()),
        ]
        assert server.asked[0]["country"] == "BE"


@pytest.mark.parametrize("status", [302, 400, 429, 500])
def test_a_directory_that_cannot_be_asked(http: Client, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setattr(directory, "PER_SECOND", 1_000)
    with servers.serving(MATCHES) as server:
        server.status = status
        with pytest.raises(LookupFailed):
            next(directory.search(http, server.url, "a"))
    with pytest.raises(LookupFailed):
        next(directory.search(http, "http://127.0.0.1:1", "a"))


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"<a/>",
            b"[]",
            b"{}",
            b'{"matches": []}',
            b'{"matches": 5, "total-result-count": 1}',
            b"\xff\xfe",
            b'{"matches": [1], "total-result-count": 1}',
        ),
        *(
            b'{"matches": [{"participantID": "a"}], "total-result-count": 1}',
            b'{"matches": [], "total-result-count": "many"}',
            b"[" * 100_000,
        ),
        b'{"matches": [{"participantID": {"scheme": "iso6523-actorid-upis", "value": "a"}, "entities": ["x"]}], "total-result-count": 1}',
        b'{"matches": [], "total-result-count": ' + b"9" * 5_000 + b"}",
    ],
)
def test_answers_of_no_known_form_are_failures(http: Client, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(directory, "PER_SECOND", 1_000)
    with servers.serving([]) as server:
        server.body = body
        with pytest.raises(LookupFailed):
            [*directory.search(http, server.url, "a")]
