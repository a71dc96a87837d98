"""Whose certificate counts, for which role, in which network; every certificate that must not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from einvoice.errors import CertificateError
from einvoice.settings.peppol import Peppol
from einvoice_peppol.http import Client
from einvoice_peppol.pki import anchors, judging, making, testing, trusting
from einvoice_peppol.pki.anchors import Anchor
from einvoice_peppol.pki.identity import Identity

NET = testing.network()
NOW = NET.now


def installed(*found: tuple[Identity, str]) -> trusting.Trusting:
    return trusting.Trusting([Anchor(one.certificate, role) for one, role in found], None)


def test_a_seat_is_trusted_for_its_role_alone() -> None:
    trust, ap, smp = NET.trust(), NET.access_point("PBE000123"), NET.smp("PNL000901")
    assert trust.check(ap.certificate, "ap", NOW) == ap.seat == "PBE000123"
    assert trust.check(smp.certificate, "smp", NOW) == "PNL000901"
    for one, role in ((ap, "smp"), (smp, "ap"), (ap, "root"), (ap, "")):
        with pytest.raises(CertificateError):
            trust.check(one.certificate, role, NOW)


def test_the_certificates_are_made_as_those_of_g3() -> None:
    leaf, ca, root = NET.access_point().certificate, NET.ap_ca.certificate, NET.root.certificate
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 730
    critical = {type(one.value) for one in leaf.extensions if one.critical}
    assert critical == {x509.KeyUsage, x509.ExtendedKeyUsage}
    assert judging.extension(ca, x509.BasicConstraints) == x509.BasicConstraints(True, 1)
    assert judging.extension(root, x509.BasicConstraints) == x509.BasicConstraints(True, None)
    assert ca.subject.rfc4514_string() == "CN=PEPPOL ACCESS POINT TEST CA - G3,OU=FOR TEST ONLY,O=OpenPEPPOL AISBL,C=BE"
    assert testing.network(name="strong", size=4096).root.key.key_size == 4096


@pytest.mark.parametrize("role", ["ap", "smp"])
@pytest.mark.parametrize("fault", testing.FAULTS)
def test_every_fault_is_refused(fault: str, role: str) -> None:
    made = NET.access_point(fault=fault) if role == "ap" else NET.smp(fault=fault)
    with pytest.raises(CertificateError):
        NET.trust().check(made.certificate, role, NOW)


def test_a_smp_takes_no_keys_and_an_access_point_does() -> None:
    usage = ("digital_signature",)
    assert NET.trust().check(NET.smp(usage=usage).certificate, "smp", NOW) == "PNL000901"
    with pytest.raises(CertificateError):
        NET.trust().check(NET.access_point(usage=usage).certificate, "ap", NOW)


def test_validity_is_that_of_the_moment() -> None:
    leaf, trust = NET.access_point().certificate, NET.trust()
    first, last = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    assert trust.check(leaf, "ap", first) == trust.check(leaf, "ap", last) == "PNL000001"
    for moment in (first - timedelta(seconds=1), last + timedelta(seconds=1)):
        with pytest.raises(CertificateError):
            trust.check(leaf, "ap", moment)


def test_a_ca_that_expired_takes_its_seats_with_it() -> None:
    later = NET.ap_ca.certificate.not_valid_after_utc
    leaf = NET.access_point(since=later - timedelta(days=9), until=later + timedelta(days=9)).certificate
    assert NET.trust().check(leaf, "ap", later - timedelta(days=1)) == "PNL000001"
    with pytest.raises(CertificateError):
        NET.trust().check(leaf, "ap", later + timedelta(seconds=1))


def test_a_ca_that_another_root_signed_leads_nowhere() -> None:
    other = testing.network(name="other")
    for root in (other.root, NET.smp_ca, NET.ap_ca):
        with pytest.raises(CertificateError):
            installed((root, "root"), (NET.ap_ca, "ap")).check(NET.access_point().certificate, "ap", NOW)
    with pytest.raises(CertificateError):
        installed((NET.ap_ca, "ap")).check(NET.access_point().certificate, "ap", NOW)


def authority(issuer: Identity | None, label: str, **altered: object) -> Identity:
    plan = making.Plan((label,), NOW - timedelta(days=1), making.years(NOW, 5), is_ca=True, usage=making.CA_USAGE, purposes=None)
    return making.identity(plan._replace(**altered), label, issuer)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("root", "ca"),
    [
        ({"length": 0}, {}),
        ({"is_ca": False}, {}),
        ({}, {"is_ca": False}),
        ({}, {"is_ca": None}),
        ({}, {"usage": ("digital_signature", "crl_sign")}),
        ({}, {"usage": None}),
        ({"usage": ("digital_signature",)}, {}),
        ({}, {"forged": True}),
        ({"forged": True}, {}),
        ({}, {"sha1": True}),
        ({"sha1": True}, {}),
        ({}, {"size": 1024}),
        ({"size": 1024}, {}),
        ({}, {"unknown": True}),
        ({}, {"extra": ((x509.NameConstraints([x509.DNSName("a.example")], None), True),)}),
        ({}, {"until": NOW - timedelta(seconds=1)}),
        ({"since": NOW + timedelta(seconds=1)}, {}),
    ],
)
def test_a_chain_is_as_good_as_its_worst_ca(root: dict[str, object], ca: dict[str, object]) -> None:
    fine = authority(None, "fine root"), authority(authority(None, "fine root"), "fine CA")
    assert installed((fine[0], "root"), (fine[1], "ap")).check(NET.access_point(issuer=fine[1]).certificate, "ap", NOW) == "PNL000001"
    top = authority(None, "a root", **root)
    below = authority(top, "a CA", **ca)
    with pytest.raises(CertificateError):
        installed((top, "root"), (below, "ap")).check(NET.access_point(issuer=below).certificate, "ap", NOW)


def test_a_ca_that_renewed_its_certificate_is_trusted_by_either() -> None:
    renewed = testing.network(now=NOW - timedelta(days=400))
    both = installed((NET.root, "root"), (renewed.ap_ca, "ap"), (NET.ap_ca, "ap"))
    assert both.check(NET.access_point().certificate, "ap", NOW) == "PNL000001"


def test_a_verdict_is_remembered_and_the_moment_is_not() -> None:
    trust, leaf = NET.trust(), NET.access_point().certificate
    assert [trust.check(leaf, "ap", NOW) for _ in range(3)] == ["PNL000001"] * 3
    with pytest.raises(CertificateError):
        trust.check(leaf, "ap", making.years(NOW, 3))
    with pytest.raises(CertificateError):
        trust.check(leaf, "smp", NOW)


def test_anchors_are_installed_once_and_read_again(tmp_path: Path) -> None:
    mine = [Anchor(NET.root.certificate, "root"), Anchor(NET.ap_ca.certificate, "ap"), Anchor(NET.smp_ca.certificate, "smp")]
    assert anchors.install(tmp_path, "test", mine) == mine
    assert anchors.install(tmp_path, "test", mine) == []
    assert anchors.read(tmp_path, "test") == tuple(mine)
    trust = trusting.load(Peppol(trust=tmp_path, revocation="where_reachable"), Client())
    assert trust.check(NET.access_point().certificate, "ap", datetime.now(UTC)) == "PNL000001"
    assert anchors.remove(tmp_path, "test", mine[1].fingerprint) == [mine[1]]
    with pytest.raises(CertificateError):
        trusting.load(Peppol(trust=tmp_path), Client())


def test_an_anchor_for_tests_is_none_in_production(tmp_path: Path) -> None:
    mine = Anchor(NET.ap_ca.certificate, "ap")
    with pytest.raises(CertificateError):
        anchors.install(tmp_path, "production", [mine])
    anchors.install(tmp_path, "test", [mine])
    (tmp_path / "test").rename(tmp_path / "production")
    with pytest.raises(CertificateError):
        anchors.read(tmp_path, "production")


def test_an_anchor_of_production_is_none_in_the_test_network(tmp_path: Path) -> None:
    real = {"organisation": "OpenPEPPOL AISBL", "unit": None}
    root = authority(None, "PEPPOL Root CA - G3", **real)
    mine = Anchor(authority(root, "PEPPOL ACCESS POINT CA - G3", **real).certificate, "ap")
    with pytest.raises(CertificateError):
        anchors.install(tmp_path, "test", [mine])
    assert anchors.install(tmp_path, "production", [mine]) == [mine]


@pytest.mark.parametrize(("one", "role"), [("ap_ca", "smp"), ("ap_ca", "root"), ("root", "ap"), ("smp_ca", "ap"), ("ap_ca", "other")])
def test_an_anchor_is_one_for_the_role_that_its_name_states(tmp_path: Path, one: str, role: str) -> None:
    with pytest.raises(CertificateError):
        anchors.install(tmp_path, "test", [Anchor(getattr(NET, one).certificate, role)])


def test_a_seat_is_no_anchor(tmp_path: Path) -> None:
    with pytest.raises(CertificateError):
        anchors.install(tmp_path, "test", [Anchor(NET.access_point().certificate, "ap")])


@pytest.mark.parametrize("data", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\xff" * 200])
def test_an_anchor_that_was_exchanged_stops_everything(tmp_path: Path, data: bytes) -> None:
    mine = Anchor(NET.ap_ca.certificate, "ap")
    anchors.install(tmp_path, "test", [mine])
    path = tmp_path / "test" / "ap" / f"{mine.fingerprint}.pem"
    path.write_bytes(data or testing.network(name="other").ap_ca.certificate.public_bytes(Encoding.PEM))
    with pytest.raises(CertificateError):
        anchors.read(tmp_path, "test")
