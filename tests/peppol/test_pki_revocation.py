"""Revocation: who is asked, whose answer counts, what is remembered, what happens where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from einvoice.errors import CertificateError
from einvoice_peppol.pki import answering, revocation, testing
from einvoice_peppol.pki.answering import Saying
from einvoice_peppol.pki.revocation import REQUIRED, WHERE_REACHABLE
from einvoice_peppol.pki.testing import TestNetwork
from tests.peppol.revocations import LISTS, PARTS, WRONG, Here, standing

SECOND = timedelta(seconds=1)


@pytest.fixture
def here() -> Iterator[Here]:
    with standing() as made:
        yield made


def test_what_is_good_counts_and_the_list_is_not_fetched(here: Here) -> None:
    assert here.accepts()
    assert here.said.asked == {"ocsp": 2, "crl": 0}  # the seat and its CA


@pytest.mark.parametrize("policy", [REQUIRED, WHERE_REACHABLE])
@pytest.mark.parametrize("way", ["ocsp", "crl"])
@pytest.mark.parametrize("whose", ["seat", "CA"])
def test_what_was_revoked_is_refused_under_either_policy(here: Here, policy: str, way: str, whose: str) -> None:
    if way == "crl":
        here.said.ocsp = None
    leaf = here.network.access_point()
    assert here.accepts(policy, leaf)
    here.said.revoked.add((leaf if whose == "seat" else here.network.ap_ca).certificate.serial_number)
    assert not here.accepts(policy, leaf)


def test_the_list_is_fetched_where_the_responder_is_silent(here: Here) -> None:
    here.said.ocsp = None
    assert here.accepts()
    assert here.said.asked == {"ocsp": 1, "crl": 2}  # who was silent about the CA is not asked about the seat


def test_where_nobody_answers_the_policy_decides(here: Here) -> None:
    here.said.ocsp = here.said.crl = None
    assert not here.accepts(REQUIRED)
    assert here.accepts(WHERE_REACHABLE)


def test_where_nobody_listens_the_policy_decides(here: Here) -> None:
    gone = testing.network(ocsp="http://127.0.0.1:1/ocsp", crl="http://127.0.0.1:1/crl")
    for policy, is_fine in ((REQUIRED, False), (WHERE_REACHABLE, True)):
        assert here.accepts(policy, gone.access_point()) is is_fine


def test_where_somebody_is_slow_the_policy_decides(here: Here) -> None:
    here.said.delay = 1.2
    leaf = here.made(crl=False).access_point()
    assert here.accepts(WHERE_REACHABLE, leaf)


def test_a_seat_that_names_nobody_is_refused_where_an_answer_is_required(here: Here) -> None:
    leaf = here.made(ocsp=False, crl=False).access_point()
    assert not here.accepts(REQUIRED, leaf)
    assert here.accepts(WHERE_REACHABLE, leaf)


@pytest.mark.parametrize("policy", [REQUIRED, WHERE_REACHABLE])
@pytest.mark.parametrize("fault", WRONG)
def test_an_answer_that_does_not_count_is_no_reason_to_trust(here: Here, fault: str, policy: str) -> None:
    here.said.ocsp, here.said.crl = WRONG[fault](here), None
    assert not here.accepts(policy)


def delegate(here: Here, **altered: object) -> Saying:
    own = answering.responder(here.network.ap_ca, "responder", here.network.now, **altered)
    return Saying(signer=own, shown=(own.certificate,))


def seat_alone(here: Here) -> TestNetwork:
    """A network whose CA names nobody: the seat is asked about alone."""
    plain = testing.network()
    here.network = TestNetwork(plain.name, plain.root, plain.ap_ca, plain.smp_ca, plain.now, ocsp=here.said.ocsp_url)
    here.said.serves(here.network)
    return here.network


def test_a_responder_that_the_ca_charged_may_answer(here: Here) -> None:
    seat_alone(here)
    here.said.ocsp = delegate(here)
    assert here.accepts()


@pytest.mark.parametrize(
    "altered",
    [
        {"purposes": None},
        {"purposes": (ExtendedKeyUsageOID.CLIENT_AUTH,)},
        {"usage": ("key_encipherment",)},
        {"no_check": False},
        {"forged": True},
        {"sha1": True},
        {"size": 1024},
        {"unknown": True},
        {"until": testing.network().now - SECOND},
        {"since": testing.network().now + timedelta(hours=1)},
    ],
)
def test_a_responder_that_the_ca_did_not_charge_may_not(here: Here, altered: dict[str, object]) -> None:
    seat_alone(here)
    here.said.ocsp = delegate(here, **altered)
    assert not here.accepts()


def test_a_responder_of_another_ca_may_not(here: Here) -> None:
    seat_alone(here)
    own = answering.responder(here.network.smp_ca, "another responder", here.network.now)
    here.said.ocsp = Saying(signer=own, shown=(own.certificate,))
    assert not here.accepts()


def test_an_answer_without_a_nonce_counts_while_it_is_in_date(here: Here) -> None:
    here.said.ocsp = Saying(nonce=b"", since=-timedelta(hours=20), until=timedelta(hours=4))
    assert here.accepts()


def test_the_list_speaks_where_the_responder_knows_nothing(here: Here) -> None:
    here.said.ocsp = Saying(status="unknown")
    assert here.accepts()
    here.said.revoked.add(here.network.access_point(seat := "PNL000002").certificate.serial_number)
    assert here.accepts(leaf=here.network.access_point(seat))  # another certificate of the same seat


@pytest.mark.parametrize("policy", [REQUIRED, WHERE_REACHABLE])
@pytest.mark.parametrize("fault", LISTS)
def test_a_list_that_does_not_count_is_no_reason_to_trust(here: Here, fault: str, policy: str) -> None:
    here.said.ocsp, here.said.crl = None, LISTS[fault](here)
    assert not here.accepts(policy)


@pytest.mark.parametrize("fault", PARTS)
def test_a_list_that_is_not_whole_is_no_reason_to_trust(here: Here, fault: str) -> None:
    here.said.ocsp, here.said.extensions = None, (PARTS[fault],)
    assert not here.accepts(WHERE_REACHABLE)


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"\x30\x03\x0a\x01\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80" * 10_000, b"x" * 6_000_000]
)
def test_bytes_that_are_no_answer_are_no_reason_to_trust(here: Here, raw: bytes) -> None:
    here.said.raw = raw
    assert not here.accepts(REQUIRED)


def test_an_answer_is_remembered_for_an_hour_at_most(here: Here) -> None:
    trust, leaf, now = here.trust(), here.network.access_point().certificate, here.network.now
    for minutes in (0, 1, 59):
        trust.check(leaf, "ap", now + timedelta(minutes=minutes))
    assert here.said.asked["ocsp"] == 2
    here.said.now = lambda: now + timedelta(hours=1)
    here.said.revoked.add(leaf.serial_number)
    with pytest.raises(CertificateError):
        trust.check(leaf, "ap", now + timedelta(hours=1))


def test_an_answer_is_remembered_no_longer_than_it_counts(here: Here) -> None:
    here.said.ocsp = Saying(until=timedelta(minutes=2))
    trust, leaf, now = here.trust(), here.network.access_point().certificate, here.network.now
    trust.check(leaf, "ap", now + timedelta(minutes=1))
    here.said.now = lambda: now + timedelta(minutes=2)
    trust.check(leaf, "ap", now + timedelta(minutes=2))
    assert here.said.asked["ocsp"] == 4


def test_a_list_is_fetched_once_for_many_seats(here: Here) -> None:
    here.said.ocsp = None
    trust, now = here.trust(), here.network.now
    for number in range(5):
        trust.check(here.network.access_point(f"PNL00000{number}").certificate, "ap", now)
    assert here.said.asked["crl"] == 2  # that of the root, that of the CA


def test_after_a_failure_nobody_is_asked_for_a_minute(here: Here) -> None:
    here.said.ocsp = here.said.crl = None
    trust, leaf, now = here.trust(WHERE_REACHABLE), here.network.access_point().certificate, here.network.now
    for seconds in (0, 30, 59):
        trust.check(leaf, "ap", now + timedelta(seconds=seconds))
    assert here.said.asked == {"ocsp": 1, "crl": 2}
    trust.check(leaf, "ap", now + timedelta(seconds=61))
    assert here.said.asked == {"ocsp": 2, "crl": 4}


def test_many_threads_ask_once(here: Here) -> None:
    trust, leaf, now = here.trust(), here.network.access_point().certificate, here.network.now
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: trust.check(leaf, "ap", now), range(40))) == {"PNL000001"}
    assert here.said.asked["ocsp"] == 2


def test_what_is_remembered_is_bounded(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "_CERTIFICATES", 3)
    trust, now = here.trust(), here.network.now
    seats = [here.network.access_point(f"PNL00001{number}").certificate for number in range(4)]
    for one in seats:
        trust.check(one, "ap", now)
    asked = here.said.asked["ocsp"]
    trust.check(seats[-1], "ap", now)
    assert here.said.asked["ocsp"] == asked
    trust.check(seats[0], "ap", now)
    assert here.said.asked["ocsp"] > asked
