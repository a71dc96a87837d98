"""The lookup over real DNS and HTTP: what it finds, and that everything wrong ends in the one failure that it must end in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from einvoice.errors import LookupFailed, ParticipantNotFound, ServiceNotFound
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers.values import WILDCARD, DocumentType, Participant, Process
from einvoice_peppol.lookup import finding
from einvoice_peppol.lookup.words import WORDS
from tests.peppol import misbehaviour
from tests.peppol.networks import BILLING, INVOICE, NOW, URL, WHO, Here, standing
from tests.peppol.smp_documents import EXCLUSIVE, INCLUSIVE, INCLUSIVE_11, Signing, encoded

PINT = Process("urn:peppol:bis:billing")


@pytest.fixture(scope="module")
def http() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


@pytest.fixture
def here(http: Client) -> Iterator[Here]:
    with standing(http) as found:
        yield found


def pint(customization: str) -> DocumentType:
    return DocumentType(WORDS["pint-eu"].value.replace("urn:peppol:pint:billing-1@eu-1", customization), WILDCARD)


def test_it_finds_the_access_point(here: Here) -> None:
    found = finding.find(WHO, INVOICE, BILLING, here.asked())
    assert (found.url, found.seat, found.certificate) == (URL, "PBE000123", here.access_point.certificate)
    assert (found.document, found.process, found.smp, found.smp_id) == (INVOICE, BILLING, here.smp.url, "PNL000901")
    assert (found.activation, found.expiration, found.contact) == (None, None, "mailto:support@ap.example")
    assert [transport for transport, *_ in here.sml.asked] == ["udp"]
    assert here.smp.asked == [here.smp.url_of(WHO, INVOICE).removeprefix(here.smp.url)]


@pytest.mark.parametrize("wrong", misbehaviour.ALL, ids=lambda wrong: wrong.name.replace("\\", ""))
def test_whatever_is_wrong_ends_in_its_failure(here: Here, wrong: misbehaviour.Wrong) -> None:
    wrong.do(here)
    with pytest.raises((LookupFailed, ParticipantNotFound, ServiceNotFound)) as caught:
        finding.find(WHO, INVOICE, BILLING, here.asked())
    assert caught.type is wrong.failure


@pytest.mark.parametrize("transform", [None, INCLUSIVE, INCLUSIVE_11, EXCLUSIVE])
@pytest.mark.parametrize("canonical", [INCLUSIVE, INCLUSIVE_11, EXCLUSIVE])
def test_the_three_canonical_forms_are_accepted(here: Here, canonical: str, transform: str | None) -> None:
    here.smp.signing = Signing(canonical, transform, with_chain=True)
    assert finding.find(WHO, INVOICE, BILLING, here.asked()).url == URL


def test_comments_do_not_cut_what_is_signed(here: Here) -> None:
    def commented(data: bytes) -> bytes:
        for text in (WHO.value.encode(), b":9/as4", INVOICE.value.encode()):
            data = data.replace(text, text[:3] + b"<!-- a -->" + text[3:])
        return data

    here.smp.alter = commented
    found = finding.find(WHO, INVOICE, BILLING, here.asked())
    assert (found.url, found.document) == (URL, INVOICE)


def test_certificates_may_stand_in_pem_or_in_lines(here: Here) -> None:
    whole = encoded(here.access_point.certificate)
    lines = "\n".join(whole[at : at + 64] for at in range(0, len(whole), 64))
    for text in (lines, here.access_point.certificate.public_bytes(Encoding.PEM).decode()):
        here.smp.forget(WHO, INVOICE)
        here.register(certificate=text)
        assert finding.find(WHO, INVOICE, BILLING, here.asked()).certificate == here.access_point.certificate


def test_the_truncated_datagram_is_asked_for_again_by_tcp(here: Here) -> None:
    here.sml.mode = "large"
    assert finding.find(WHO, INVOICE, BILLING, here.asked()).url == URL
    assert [transport for transport, *_ in here.sml.asked] == ["udp", "tcp"]


def test_the_record_of_lowest_order_then_preference_wins(here: Here) -> None:
    here.sml.forget(WHO)
    here.sml.register(WHO, "http://127.0.0.1:1", order=100, preference=10)
    here.sml.register(WHO, "http://127.0.0.1:2", order=50, preference=20)
    here.sml.register(WHO, here.smp.url, order=50, preference=10)
    assert finding.find(WHO, INVOICE, BILLING, here.asked()).smp == here.smp.url


def test_a_record_of_no_use_gives_way_to_the_next(here: Here) -> None:
    here.sml.add(WHO, '1 1 "U" "Meta:SMP" "!(x+x+)+y!https://smp.example!" .')
    here.sml.add(WHO, '1 2 "U" "Meta:SMP" "!.*!gopher://smp.example!" .')
    assert finding.find(WHO, INVOICE, BILLING, here.asked()).smp == here.smp.url


def test_participants_are_the_same_in_any_case(here: Here) -> None:
    upper = Participant("0088", "ABC123")
    here.sml.register(upper, here.smp.url)
    here.smp.register(Participant("0088", "Abc123"), INVOICE, BILLING, url=URL, certificate=here.access_point.certificate)
    assert finding.find(Participant("0088", "abc123"), INVOICE, BILLING, here.asked()).url == URL


@pytest.mark.parametrize("form", ["name", "turned", "cn"])
def test_one_redirect_is_followed(here: Here, form: str) -> None:
    here.other.register(WHO, INVOICE, BILLING, url="http://127.0.0.1:9/other", certificate=here.access_point.certificate)
    subject = here.other.identity.certificate.subject
    turned = ", ".join(part.rfc4514_string() for part in subject.rdns)
    uid = {"name": subject.rfc4514_string(), "turned": turned, "cn": "PNL000902"}[form]
    here.smp.redirect(WHO, INVOICE, here.other.url_of(WHO, INVOICE), uid)
    found = finding.find(WHO, INVOICE, BILLING, here.asked())
    assert (found.url, found.smp_id) == ("http://127.0.0.1:9/other", "PNL000902")


def test_a_document_goes_to_the_wildcard_that_covers_most_of_it(here: Here) -> None:
    for customization in ("urn:peppol:pint:billing-1*", "urn:peppol:pint:billing-1@eu-1*", "urn:peppol:pint:billing-1@eu-1@be*"):
        here.register(pint(customization), PINT)
    network = here.asked()
    assert finding.find(WHO, pint("urn:peppol:pint:billing-1@eu-1"), PINT, network).document == pint("urn:peppol:pint:billing-1@eu-1*")
    assert finding.find(WHO, pint("urn:peppol:pint:billing-1@eu-1@nl"), PINT, network).document == pint("urn:peppol:pint:billing-1@eu-1*")
    assert finding.find(WHO, pint("urn:peppol:pint:billing-1@jp-1"), PINT, network).document == pint("urn:peppol:pint:billing-1*")
    with pytest.raises(ServiceNotFound):
        finding.find(WHO, pint("urn:peppol:pint:other-1@eu-1"), PINT, network)


def test_a_list_of_another_participant_is_refused(here: Here) -> None:
    here.register(pint("urn:peppol:pint:billing-1*"), PINT)
    here.smp.forget(WHO)
    here.smp.register(Participant("0208", "0987654365"), pint("urn:peppol:pint:billing-1*"), PINT, url=URL, certificate="")
    here.smp.rename(WHO, Participant("0208", "0987654365"))
    with pytest.raises(LookupFailed):
        finding.find(WHO, pint("urn:peppol:pint:billing-1@eu-1"), PINT, here.asked())


def test_of_several_endpoints_the_one_that_holds_now_is_taken(here: Here) -> None:
    day = timedelta(days=1)
    here.smp.forget(WHO, INVOICE)
    here.register(url="http://127.0.0.1:9/old", expiration=NOW - day)
    here.register(url="http://127.0.0.1:9/now", activation=NOW - day, expiration=NOW + day)
    here.register(url="http://127.0.0.1:9/new", activation=NOW + day)
    network = here.asked()
    found = finding.find(WHO, INVOICE, BILLING, network)
    assert (found.url, found.activation, found.expiration) == ("http://127.0.0.1:9/now", NOW - day, NOW + day)
    here.clock.turn(86_400)
    assert finding.find(WHO, INVOICE, BILLING, network).url == "http://127.0.0.1:9/new"


def test_everything_that_a_participant_takes(here: Here) -> None:
    here.register(WORDS["credit-note"])
    here.register(WORDS["mlr"], expiration=NOW - timedelta(days=1))
    here.register(WORDS["mls"], certificate="nothing")
    found = finding.services(WHO, here.asked())
    assert [one.document for one in found.services] == [INVOICE, WORDS["credit-note"]]
    assert [(one.document, one.known) for one in found.unusable] == [(WORDS["mlr"], True), (WORDS["mls"], False)]
    assert [one.document for one in finding.services(WHO, here.asked(), INVOICE).services] == [INVOICE]


def test_where_no_type_can_be_asked_for_the_lookup_has_failed(here: Here) -> None:
    here.register(WORDS["credit-note"])
    here.smp.signing = Signing(uri="#a")
    with pytest.raises(LookupFailed):
        finding.services(WHO, here.asked())


def test_in_the_real_network_nothing_leads_into_this_machine(here: Here) -> None:
    with pytest.raises(LookupFailed):
        finding.find(WHO, INVOICE, BILLING, here.asked()._replace(local=False))
    assert here.smp.asked == []
