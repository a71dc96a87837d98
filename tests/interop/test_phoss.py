"""Our lookup finds what phoss SMP publishes, and tells apart what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from lxml import etree

from einvoice.errors import LookupFailed, ParticipantNotFound, ServiceNotFound
from einvoice.settings.peppol import Peppol
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers.values import WILDCARD, DocumentType, Participant, Process
from einvoice_peppol.lookup import finding, network
from einvoice_peppol.lookup.network import Network
from einvoice_peppol.pki import testing
from tests.interop import folders, phoss, published
from tests.peppol import dns, smp

pytestmark = pytest.mark.slow

WHO, OTHER = Participant("0208", "0123456749"), Participant("0106", "12345678")
BILLING = Process("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
UBL = "urn:oasis:names:specification:ubl:schema:xsd"
INVOICE = DocumentType(f"{UBL}:Invoice-2::Invoice##urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1")
CREDIT_NOTE = DocumentType(
    f"{UBL}:CreditNote-2::CreditNote##urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
)
PINT = DocumentType(f"{UBL}:Invoice-2::Invoice##urn:peppol:pint:billing-1*::2.1", WILDCARD)
PINT_EU = DocumentType(f"{UBL}:Invoice-2::Invoice##urn:peppol:pint:billing-1@eu-1::2.1", WILDCARD)
URL = "https://ap.example/as4"
NOW = datetime.now(UTC).replace(microsecond=0)


class Here(NamedTuple):
    """A network whose SMP is phoss."""

    pki: testing.TestNetwork
    sml: dns.Dns
    smp: phoss.Publisher
    http: Client

    def asked(self) -> Network:
        """Nothing remembered yet."""
        return network.of(Peppol(dns=(self.sml.address,), zone=self.sml.zone), self.http, self.pki.trust())


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """The network, while the module runs."""
    pki, http = testing.network(), Client()
    anchors = [pki.smp_ca.certificate, pki.root.certificate]
    try:
        with phoss.publishing(pki.smp("PNL000901"), anchors, tmp_path_factory.mktemp("phoss")) as publisher, dns.serving() as sml:
            sml.register(WHO, publisher.url)
            yield Here(pki, sml, publisher, http)
    except folders.Absent as reason:
        pytest.skip(str(reason))
    finally:
        http.close()


def test_finds_what_is_registered(here: Here) -> None:
    own = here.pki.access_point("PBE000123")
    begins, ends = NOW - timedelta(days=1), NOW + timedelta(days=30)
    here.smp.register(WHO, INVOICE, BILLING, url=URL, certificate=own.certificate, activation=begins, expiration=ends)
    found = finding.find(WHO, INVOICE, BILLING, here.asked())
    assert found[:7] == (URL, own.certificate, "PBE000123", INVOICE, BILLING, begins, ends)
    assert (found.smp, found.smp_id) == (here.smp.url, "PNL000901")


def test_lists_what_a_participant_takes(here: Here) -> None:
    own = here.pki.access_point("PBE000123")
    for document in (INVOICE, CREDIT_NOTE):
        here.smp.register(WHO, document, BILLING, url=URL, certificate=own.certificate)
    listed = finding.services(WHO, here.asked()).services
    assert {INVOICE, CREDIT_NOTE} <= {service.document for service in listed}
    assert {service.seat for service in listed} == {"PBE000123"}


def test_a_wildcard_serves_its_specialisations(here: Here) -> None:
    own = here.pki.access_point("PBE000123")
    here.smp.register(WHO, PINT, Process("urn:peppol:bis:billing"), url=URL, certificate=own.certificate)
    found = finding.find(WHO, PINT_EU, Process("urn:peppol:bis:billing"), here.asked())
    assert found.document == PINT


def test_what_is_over_or_not_yet_is_not_found(here: Here) -> None:
    own = here.pki.access_point("PBE000123")
    for more in ({"expiration": NOW - timedelta(days=1)}, {"activation": NOW + timedelta(days=1)}):
        here.smp.register(WHO, CREDIT_NOTE, BILLING, url=URL, certificate=own.certificate, **more)
        with pytest.raises(ServiceNotFound):
            finding.find(WHO, CREDIT_NOTE, BILLING, here.asked())


def test_three_failures_stay_apart(here: Here) -> None:
    with pytest.raises(ParticipantNotFound):
        finding.find(Participant("0208", "0999999922"), INVOICE, BILLING, here.asked())
    with pytest.raises(ServiceNotFound):
        finding.find(WHO, DocumentType(f"{UBL}:Order-2::Order##urn:fdc:peppol.eu:poacc:trns:order:3::2.1"), BILLING, here.asked())
    here.smp.register(WHO, INVOICE, BILLING, url=URL, certificate=here.pki.smp("PNL000902").certificate)
    with pytest.raises(LookupFailed):
        finding.find(WHO, INVOICE, BILLING, here.asked())


def test_follows_a_redirect_to_another_publisher(here: Here) -> None:
    own, second = here.pki.access_point("PBE000123"), here.pki.smp("PNL000902")
    with smp.serving(second) as other:
        here.sml.register(OTHER, here.smp.url)
        other.register(OTHER, INVOICE, BILLING, url=URL, certificate=own.certificate)
        here.smp.redirect(OTHER, INVOICE, other.url_of(OTHER, INVOICE), second.certificate.subject.rfc4514_string())
        assert finding.find(OTHER, INVOICE, BILLING, here.asked()).seat == "PBE000123"
        here.smp.redirect(OTHER, INVOICE, other.url_of(OTHER, INVOICE), own.certificate.subject.rfc4514_string())
        with pytest.raises(LookupFailed):
            finding.find(OTHER, INVOICE, BILLING, here.asked())


def test_another_ca_is_not_trusted(here: Here) -> None:
    own = here.pki.access_point("PBE000123")
    here.smp.register(WHO, INVOICE, BILLING, url=URL, certificate=own.certificate)
    other = network.of(Peppol(dns=(here.sml.address,), zone=here.sml.zone), here.http, testing.network(name="another").trust())
    with pytest.raises(LookupFailed):
        finding.find(WHO, INVOICE, BILLING, other)


def test_the_server_of_our_own_tests_answers_as_the_schema_says(here: Here) -> None:
    """The SMP that the tests of the lookup use, and phoss, both emit what the published schema describes."""
    own = here.pki.access_point("PBE000123")
    here.smp.register(WHO, INVOICE, BILLING, url=URL, certificate=own.certificate, activation=NOW)
    with smp.serving(here.pki.smp("PNL000902")) as ours:
        ours.register(WHO, INVOICE, BILLING, url=URL, certificate=own.certificate, activation=NOW)
        answers = [
            ours.answer(f"/{WHO}")[1],
            ours.answer(f"/{WHO}/services/{INVOICE}".replace("#", "%23"))[1],
            here.smp.get(WHO),
            here.smp.get(WHO, INVOICE),
        ]
    assert [published.wrong(etree.fromstring(answer), "smp") for answer in answers] == [[], [], [], []]
