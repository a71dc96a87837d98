"""Broken DER: whatever the bytes, a certificate or an answer is refused in one way, quickly, and never trusted."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.errors import CertificateError
from einvoice_peppol.pki import answering, certificate_files, revocation_lists, testing
from einvoice_peppol.pki import ocsp as asking
from einvoice_peppol.pki.answering import Saying
from einvoice_peppol.pki.statements import Unanswered
from tests.scale import scaled

NET = testing.network(ocsp="http://127.0.0.1:1/", crl="http://127.0.0.1:1/")
LEAF = NET.access_point().certificate
DER = LEAF.public_bytes(Encoding.DER)
CA = NET.ap_ca
NONCE = b"n" * 32
ASKED = ocsp.load_der_ocsp_request(asking.request(LEAF, CA.certificate, NONCE))
OWN = answering.responder(CA, "responder", NET.now)
ANSWER = answering.ocsp_answer(ASKED, CA, NET.now, Saying(signer=OWN, shown=(OWN.certificate,)))
LIST = answering.revocation_list(CA, NET.now, (1, 2, 3))
TRUST = NET.trust()


def altered(data: bytes, draw: random.Random) -> bytes:
    """Bytes with one to four changes: a bit, a byte, a length, a part cut out or repeated."""
    made = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(made) or 1)
        match draw.randrange(5):
            case 0:
                made[at : at + 1] = bytes([made[at] ^ (1 << draw.randrange(8))]) if made else b""
            case 1:
                made[at : at + 1] = bytes([draw.choice((0, 1, 0x7F, 0x80, 0xFF, 0x30, 0x84, draw.randrange(256)))])
            case 2:
                del made[at : at + draw.randint(1, 40)]
            case 3:
                made[at:at] = made[at : at + draw.randint(1, 40)]
            case _:
                made[at:at] = draw.randbytes(draw.randint(1, 8))
    return bytes(made)


def trusted(data: bytes) -> bool:
    """Whether bytes are a certificate that is trusted."""
    try:
        certificate = x509.load_der_x509_certificate(data)
    except (ValueError, x509.InvalidVersion, Warning):
        return False
    try:
        return TRUST.check(certificate, "ap", NET.now) == "PNL000001"
    except CertificateError:
        return False


def states(data: bytes) -> bool:
    """Whether bytes are an OCSP answer that counts."""
    try:
        asking.read(data, LEAF, CA.certificate, NONCE, NET.now)
    except Unanswered:
        return False
    return True


def lists(data: bytes) -> bool:
    """Whether bytes are a list that counts."""
    try:
        revocation_lists.stated(revocation_lists.read(data, "http://127.0.0.1:1/ap.crl", CA.certificate, NET.now), LEAF, NET.now)
    except Unanswered:
        return False
    return True


KINDS = {"certificate": (DER, trusted), "answer": (ANSWER, states), "list": (LIST, lists)}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_whole_counts_and_what_was_altered_does_not(kind: str) -> None:
    data, counts = KINDS[kind]
    assert counts(data)
    draw = random.Random(kind)
    for _ in range(scaled(3_000)):
        made = altered(data, draw)
        assert made == data or not counts(made), made.hex()


@pytest.mark.parametrize("kind", KINDS)
def test_every_truncation_is_refused(kind: str) -> None:
    data, counts = KINDS[kind]
    assert not any(counts(data[:end]) for end in range(0, len(data), 7))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_nothing(data: bytes) -> None:
    assert not trusted(data)
    assert not states(data)
    assert not lists(data)
    assert certificate_files.of(data) == []


@given(st.sampled_from(sorted(testing.FAULTS)), st.sampled_from(["ap", "smp"]), st.integers(-1_000, 1_000))
@settings(max_examples=100, deadline=None)
def test_no_moment_makes_a_faulty_certificate_good(fault: str, role: str, days: int) -> None:
    if fault in ("expired", "not yet valid"):
        return
    made = NET.access_point(fault=fault) if role == "ap" else NET.smp(fault=fault)
    with pytest.raises(CertificateError):
        TRUST.check(made.certificate, role, NET.now + timedelta(days=days))
