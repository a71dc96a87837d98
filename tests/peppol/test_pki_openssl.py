"""OpenSSL as a second opinion: what it refuses we refuse, what it answers we read, what we answer it reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.x509 import ocsp

from einvoice.errors import CertificateError
from einvoice_peppol.http import Client
from einvoice_peppol.pki import answering, testing
from einvoice_peppol.pki import ocsp as asking
from einvoice_peppol.pki.answering import Saying
from einvoice_peppol.pki.revocation import Revocation
from tests.peppol import openssl

pytestmark = pytest.mark.skipif(openssl.program() is None, reason=openssl.ABSENT)
NET = testing.network()
OURS_ALONE = {
    "key usage of a CA",
    "issued by the root",
    "exponent 3",
    "no key usage",
    "no extended key usage",
    "any extended key usage",
    "key usage without signature",
    "no CN",
    "two CNs",
    "CN of a host",
    "CN in small letters",
    "CN with more behind it",
    "a CA",
}
"""What only Peppol's rules refuse: its seat ids, its uses of keys, its two CAs."""


def test_it_finds_the_chain_good_as_we_do(tmp_path: Path) -> None:
    assert openssl.verifies(NET.access_point(), NET.ap_ca, NET.root, tmp_path, NET.now)


@pytest.mark.parametrize("fault", [name for name in testing.FAULTS if name not in OURS_ALONE])
def test_it_refuses_the_faults_of_any_pki(fault: str, tmp_path: Path) -> None:
    assert not openssl.verifies(NET.access_point(fault=fault), NET.ap_ca, NET.root, tmp_path, NET.now)


@pytest.fixture
def http() -> Iterator[Client]:
    """One client: OpenSSL's responder serves one connection at a time."""
    made = Client(plain=True)
    yield made
    made.close()


def test_its_responder_is_understood(tmp_path: Path, http: Client) -> None:
    good, revoked = (NET.access_point(name).certificate for name in ("PNL000001", "PNL000002"))
    nonce = b"n" * 32
    with openssl.responder(NET.ap_ca, [(good, False), (revoked, True)], tmp_path) as url:
        now = datetime.now(UTC)
        for certificate, is_revoked in ((good, False), (revoked, True)):
            body = asking.request(certificate, NET.ap_ca.certificate, nonce)
            answer = http.call("POST", url, headers={"content-type": "application/ocsp-request"}, body=body, timeout=3)
            stated = asking.read(answer.body, certificate, NET.ap_ca.certificate, nonce, now)
            assert (stated.is_revoked, stated.reason) == (is_revoked, "keyCompromise" if is_revoked else "")


def test_what_its_responder_does_not_know_is_not_trusted(tmp_path: Path, http: Client) -> None:
    known = NET.access_point("PNL000001").certificate
    with openssl.responder(NET.ap_ca, [(known, False)], tmp_path) as url:
        stranger = NET.access_point("PNL000003", ocsp=url).certificate
        with pytest.raises(CertificateError):
            NET.trust(Revocation(http, "where_reachable", 3.0)).check(stranger, "ap", datetime.now(UTC))


@pytest.mark.parametrize("status", ["good", "revoked"])
@pytest.mark.parametrize("by", ["CA", "delegate"])
def test_it_reads_our_answers(status: str, by: str, tmp_path: Path) -> None:
    leaf = NET.access_point()
    asked = ocsp.load_der_ocsp_request(asking.request(leaf.certificate, NET.ap_ca.certificate, b"n" * 32))
    own = answering.responder(NET.ap_ca, "responder", NET.now)
    saying = Saying(status) if by == "CA" else Saying(status, signer=own, shown=(own.certificate,))
    assert openssl.reads(answering.ocsp_answer(asked, NET.ap_ca, NET.now, saying), leaf, NET.ap_ca, tmp_path) == status


def test_it_does_not_read_an_answer_of_somebody_else(tmp_path: Path) -> None:
    leaf, other = NET.access_point(), testing.network(name="other")
    asked = ocsp.load_der_ocsp_request(asking.request(leaf.certificate, NET.ap_ca.certificate, b"n" * 32))
    answer = answering.ocsp_answer(asked, NET.ap_ca, NET.now, Saying(signer=other.ap_ca))
    assert openssl.reads(answer, leaf, NET.ap_ca, tmp_path) == ""
