"""The parts of the lookup: names in the SML, matching, addresses, subjects, memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.errors import BadIdentifier, LookupFailed, ParticipantNotFound
from einvoice.settings.peppol import Peppol
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers.values import DOCUMENTS, WILDCARD, DocumentType, Participant
from einvoice_peppol.lookup import addresses, matching, naptr, network, subjects, words
from einvoice_peppol.lookup.cache import Cache
from einvoice_peppol.pki import testing

PARTS = st.lists(st.text("abcdefg-1:", min_size=1, max_size=6), min_size=1, max_size=5)


def pint(customization: str, scheme: str = WILDCARD) -> DocumentType:
    return DocumentType(f"urn:oasis:ubl:Invoice-2::Invoice##{customization}::2.1", scheme)


def customizations(document: DocumentType) -> list[str]:
    return [one.value.partition("##")[2].rpartition("::")[0] for one in matching.candidates(document)]


@pytest.mark.parametrize(
    ("participant", "label"),
    [
        ("9915:test", "eh5boavaktmbgzyh2a63dz4qov33fvp5nsdvqklucfraayoodw6a"),
        ("9915:TEST", "eh5boavaktmbgzyh2a63dz4qov33fvp5nsdvqklucfraayoodw6a"),
        ("0192:923609016", "xqk4t3fmtezduy5bovjmtnaq45n7e4tibyhwfpgot75bsp7uyg2a"),
    ],
)
def test_names_in_the_sml_are_the_published_ones(participant: str, label: str) -> None:
    scheme, _, value = participant.partition(":")
    assert naptr.name(Participant(scheme, value), network.ZONES["test"]) == (
        f"{label}.iso6523-actorid-upis.participant.sml.test.tech.peppol.org."
    )


def test_the_order_of_wildcards() -> None:
    assert customizations(pint("a@b@c")) == ["a@b@c", "a@b@c*", "a@b*", "a*"]
    assert customizations(pint("a@b*")) == ["a@b", "a@b*", "a*"]
    assert customizations(pint("a")) == ["a", "a*"]


def test_only_documents_of_the_wildcard_scheme_match_wildcards() -> None:
    exact = pint("a@b", DOCUMENTS)
    assert matching.candidates(exact) == (exact,)
    assert matching.best(exact, [pint("a*"), pint("a@b*"), pint("a@b")]) is None


@pytest.mark.parametrize("value", ["urn:a", "urn:a::B", "urn:a::B##c", "urn:a::B##a*b@c::2.1"])
def test_what_has_no_customization_or_a_star_in_it_matches_itself_alone(value: str) -> None:
    document = DocumentType(value, WILDCARD)
    assert matching.candidates(document) == (document,)


@given(PARTS, st.sets(st.integers(0, 6)))
def test_the_best_match_is_the_first_candidate_that_is_registered(parts: list[str], chosen: set[int]) -> None:
    found = matching.candidates(pint("@".join(parts)))
    registered = [found[at] for at in chosen if at < len(found)]
    wanted = found[min(at for at in chosen if at < len(found))] if registered else None
    assert matching.best(pint("@".join(parts)), registered) == wanted


@given(PARTS, PARTS)
def test_a_wildcard_serves_exactly_what_begins_with_its_parts(parts: list[str], more: list[str]) -> None:
    wildcard = pint("@".join(parts) + "*")
    assert matching.best(pint("@".join([*parts, *more])), [wildcard]) == wildcard
    other = pint("@".join([parts[0] + "z", *parts[1:], *more]))
    assert matching.best(other, [wildcard]) is None


@given(PARTS)
def test_candidates_grow_wider_and_stand_once_each(parts: list[str]) -> None:
    found = customizations(pint("@".join(parts)))
    assert len(found) == len(set(found)) == len(parts) + 1
    assert all(wide.removesuffix("*") == narrow.removesuffix("*")[: len(wide) - 1] for narrow, wide in pairwise(found))


@pytest.mark.parametrize("regexp", ["!.*!https://a.example!", "!^.*$!https://a.example!", "/.*/https:a/", "|.*|https://a.example|i"])
def test_rewrite_rules_of_the_one_form_are_taken_apart(regexp: str) -> None:
    assert naptr.target(regexp).startswith("https:")


@given(st.text(max_size=60))
def test_no_rewrite_rule_does_more_than_be_refused(regexp: str) -> None:
    try:
        found = naptr.target(regexp)
    except ValueError:
        return
    assert found in regexp
    assert "\\" not in found


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "https://a.example:8443/b/c", "https://192.0.32.8/a", "https://[2606:4700::1111]/", "https://A_b.0xa.example."],
)
def test_addresses_that_are_accepted(url: str) -> None:
    assert addresses.checked(f" {url} ", local=False) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "a", "http://a.example", "ftp://a.example", "https://", "https:///a", "https://a b.example", "https://a.example\\@b.example"),
        *("https://user:word@a.example", "https://@a.example", "https://a.example#b", "https://a.example:0x50", "https://a.example:99999"),
        *("https://localhost", "https://localhost.", "https://a.localhost/", "https://127.0.0.1", "https://127.1", "https://2130706433"),
        *("https://10.0.0.1", "https://169.254.169.254/meta", "https://[::1]", "https://[fe80::1%25eth0]/", "https://[::ffff:10.0.0.1]/"),
        *("https://0x7f.1", "https://0x7f000001/", "https://%31%32%37.0.0.1", "https://\uff4cocalhost", "https://\u2460.example"),
        *("https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]", "https://a..example", f"https://{'a' * 64}.example", "https://*.example"),
        *("https://[", "https://a.example\n/", "https://a.example/\x00", "https://a.example/" + "a" * 3_000),
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the one kind that it raises
        addresses.checked(url, local=False)


def test_a_subject_is_the_whole_name_or_the_cn() -> None:
    certificate = testing.network().smp("PNL000901").certificate
    name = certificate.subject.rfc4514_string()
    parts = [part.rfc4514_string() for part in certificate.subject.rdns]
    assert len(parts) > 1
    for stated in (name, name.lower(), ", ".join(parts), "PNL000901", f" {name} "):
        assert subjects.is_subject(stated, certificate)
    others = (f"{name},O=More", name.replace("PNL000901", "PNL000902"), ",".join(parts[1:]), "CN=PNL000901")
    for stated in ("", " ", "PNL00090", "pnl000901", "=", ",,", *others):
        assert not subjects.is_subject(stated, certificate)


@given(st.text(max_size=80))
def test_no_text_is_a_subject_by_accident(stated: str) -> None:
    assert subjects.is_subject(stated, testing.network().smp("PNL000901").certificate) is False


class Turned:
    def __init__(self) -> None:
        self.now = datetime(2026, 12, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_the_memory_forgets_the_oldest_and_what_is_past() -> None:
    clock, asked = Turned(), list[int]()
    cache = Cache(clock, most=3, seconds=600, negative=60)

    def get(key: int, until: datetime | None = None) -> int:
        def ask() -> tuple[int, datetime | None]:
            asked.append(key)
            return key, until

        return cache.get(key, ask)

    assert [get(key) for key in (1, 2, 3, 1, 4, 1, 2)] == [1, 2, 3, 1, 4, 1, 2]
    assert asked == [1, 2, 3, 4, 2]
    assert len(cache) == 3
    clock.now += timedelta(seconds=600)
    assert (get(1), asked[-1]) == (1, 1)
    get(9, clock.now + timedelta(seconds=5))
    clock.now += timedelta(seconds=5)
    get(9)
    assert asked[-2:] == [9, 9]


def test_what_is_not_there_is_remembered_for_a_short_time_and_what_failed_not_at_all() -> None:
    clock, asked = Turned(), list[str]()
    cache = Cache(clock, seconds=600, negative=60)

    def fail(fault: Exception) -> tuple[int, None]:
        asked.append(type(fault).__name__)
        raise fault

    for _ in range(3):
        with pytest.raises(ParticipantNotFound):
            cache.get("a", lambda: fail(ParticipantNotFound("a")))
        with pytest.raises(LookupFailed):
            cache.get("b", lambda: fail(LookupFailed("b")))
    assert asked == ["ParticipantNotFound", "LookupFailed", "LookupFailed", "LookupFailed"]
    clock.now += timedelta(seconds=60)
    assert cache.get("a", lambda: (7, None)) == 7


def test_a_clock_that_was_set_back_makes_nothing_hold_for_longer() -> None:
    clock = Turned()
    cache = Cache(clock, seconds=600)
    assert cache.get("a", lambda: (1, None)) == 1
    clock.now -= timedelta(days=365)
    assert cache.get("a", lambda: (2, None)) == 2


def test_networks_by_their_settings() -> None:
    http, trust = Client(), testing.network().trust()
    production = network.of(Peppol(network="production", dns=("192.0.2.1", "[2001:db8::1]:5353", "2001:db8::2")), http, trust)
    assert (production.zone, production.directory, production.local) == (
        "participant.sml.prod.tech.peppol.org.",
        "https://directory.peppol.eu",
        False,
    )
    assert [str(server) for server in production.resolver.nameservers] == [
        "Do53:192.0.2.1@53",
        "Do53:2001:db8::1@5353",
        "Do53:2001:db8::2@53",
    ]
    own = network.of(Peppol(dns=("127.0.0.1:5353",), zone="sml.example.", directory="http://127.0.0.1:1/"), http, trust)
    assert (own.zone, own.directory, own.local) == ("sml.example.", "http://127.0.0.1:1", True)
    for wrong in ("name.example", "127.0.0.1:port", "::1]:53", "[::1]:a"):
        with pytest.raises(LookupFailed):
            network.of(Peppol(dns=(wrong,)), http, trust)
    http.close()


def test_document_types_by_words_names_and_identifiers() -> None:
    assert words.document("Invoice") == words.WORDS["invoice"]
    assert words.document("si-ubl 2.0 invoice") == words.WORDS["nlcius"]
    assert words.document(str(words.WORDS["pint-eu"])) == words.WORDS["pint-eu"]
    assert all(words.called(document) for document in words.WORDS.values())
    with pytest.raises(BadIdentifier):
        words.document("invoce")
