"""Certificates in files: who we are, what a file of anchors holds, the verbs, and what `doctor` says of it all."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from einvoice.cli import examination_peppol, main
from einvoice.errors import CertificateError, SettingsError
from einvoice.settings import Secret, current
from einvoice.settings.peppol import Peppol
from einvoice_peppol.pki import anchors, certificate_files, identity_files, testing, testing_files
from einvoice_peppol.pki.identity import Identity

NET = testing.network()
OWN = NET.access_point()
CAS = [one.certificate for one in (NET.root, NET.ap_ca, NET.smp_ca)]
PEM = b"".join(testing_files.pem(one) for one in CAS)


def key_bytes(one: Identity, password: str | None = None, encoding: Encoding = Encoding.PEM) -> bytes:
    how = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return one.key.private_bytes(encoding, PrivateFormat.PKCS8, how)


def files(folder: Path, key: bytes, certificates: bytes = b"") -> Peppol:
    (folder / "own.pem").write_bytes(certificates or testing_files.pem(OWN.certificate))
    (folder / "own.key").write_bytes(key)
    return Peppol(certificate=folder / "own.pem", key=folder / "own.key")


def test_an_identity_in_pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "secret")
    word = Secret("env:WORD")
    for data, password in ((key_bytes(OWN), None), (key_bytes(OWN), word), (key_bytes(OWN, "secret"), word)):
        settings = files(tmp_path, data)._replace(key_password=password)
        found = identity_files.load(settings)
        assert (found.certificate, found.key.private_numbers()) == (OWN.certificate, OWN.key.private_numbers())
    assert identity_files.load(files(tmp_path, key_bytes(OWN, None, Encoding.DER))).seat == "PNL000001"


def test_the_issuers_beside_it_are_found_in_any_order(tmp_path: Path) -> None:
    own = identity_files.load(files(tmp_path, key_bytes(OWN), PEM + testing_files.pem(OWN.certificate)))
    assert (own.certificate, own.issuers) == (OWN.certificate, tuple(CAS))


def test_one_file_holds_both(tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_bytes(key_bytes(OWN) + testing_files.pem(OWN.certificate))
    assert identity_files.read(tmp_path / "own.pem").seat == "PNL000001"
    secret = BestAvailableEncryption(b"secret")
    (tmp_path / "own.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"own", OWN.key, OWN.certificate, CAS[:2], secret))
    assert identity_files.read(tmp_path / "own.p12", None, "secret").issuers == tuple(CAS[:2])
    with pytest.raises(CertificateError):
        identity_files.read(tmp_path / "own.p12", None, "other")


def test_a_certificate_in_der_with_its_key_apart(tmp_path: Path) -> None:
    (tmp_path / "own.cer").write_bytes(OWN.certificate.public_bytes(Encoding.DER))
    (tmp_path / "own.key").write_bytes(key_bytes(OWN))
    assert identity_files.read(tmp_path / "own.cer", tmp_path / "own.key").certificate == OWN.certificate
    with pytest.raises(CertificateError):
        identity_files.read(tmp_path / "own.cer")


def test_an_identity_is_valid_or_none(tmp_path: Path) -> None:
    settings, until = files(tmp_path, key_bytes(OWN)), OWN.certificate.not_valid_after_utc
    assert identity_files.load(settings, until).seat == "PNL000001"
    for moment in (until + timedelta(seconds=1), OWN.certificate.not_valid_before_utc - timedelta(seconds=1)):
        with pytest.raises(CertificateError):
            identity_files.load(settings, moment)


BAD_KEYS = {
    "of another seat": key_bytes(NET.access_point("PNL000002")),
    "under a password": key_bytes(OWN, "secret"),
    "of another kind": ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "nothing": b"",
    "no key": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "too large": b"x" * 1_000_001,
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_key_that_does_not_fit_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CertificateError):
        identity_files.load(files(tmp_path, BAD_KEYS[name]))


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    for settings in (Peppol(), Peppol(certificate=tmp_path / "none.pem"), files(tmp_path, key_bytes(OWN))._replace(key=tmp_path / "none")):
        with pytest.raises(CertificateError):
            identity_files.load(settings)
    with pytest.raises(SettingsError):
        identity_files.load(files(tmp_path, b"")._replace(key_password=Secret("env:NOT_SET")))


def test_a_certificate_of_a_ca_is_no_identity(tmp_path: Path) -> None:
    with pytest.raises(CertificateError):
        identity_files.load(files(tmp_path, key_bytes(NET.ap_ca), PEM))


def java_store(certificates: list[x509.Certificate]) -> bytes:
    """A Java key store: a key with its chain, then trusted certificates (the digest at its end is not looked at)."""
    entries = []
    for number, certificate in enumerate(certificates):
        der = certificate.public_bytes(Encoding.DER)
        name = f"ca{number}".encode()
        entries.append(
            struct.pack(">IH", 2, len(name)) + name + bytes(8) + struct.pack(">H", 5) + b"X.509" + struct.pack(">I", len(der)) + der
        )
    key = struct.pack(">IH", 1, 1) + b"k" + bytes(8) + struct.pack(">I", 4) + b"\1\2\3\4" + struct.pack(">I", 0)
    return b"\xfe\xed\xfe\xed" + struct.pack(">II", 2, len(entries) + 1) + key + b"".join(entries) + bytes(20)


def zipped(**held: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in held.items():
            archive.writestr(f"folder/{name}", data)
    return made.getvalue()


def trust_store(word: bytes | None) -> bytes:
    entries = [pkcs12.PKCS12Certificate(one, f"ca{number}".encode()) for number, one in enumerate(CAS)]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(word) if word else NoEncryption())


CONTAINERS = {
    "PEM": PEM,
    "PEM with words": b"Subject: a CA\n" + PEM,
    "PKCS #7 in DER": pkcs7.serialize_certificates(CAS, Encoding.DER),
    "PKCS #7 in PEM": pkcs7.serialize_certificates(CAS, Encoding.PEM),
    "PKCS #12": trust_store(b"peppol"),
    "PKCS #12 without a password": trust_store(None),
    "JKS": java_store(CAS),
    "zip": zipped(a=PEM, b=PEM, c=b"read me"),
    "zip of DER": zipped(**{f"c{number}": one.public_bytes(Encoding.DER) for number, one in enumerate(CAS)}),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_its_certificates_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "held").write_bytes(CONTAINERS[name])
    found = certificate_files.read(tmp_path / "held")
    assert sorted(map(anchors.fingerprint, found)) == sorted(map(anchors.fingerprint, CAS))
    assert len(found) == 3


def test_one_certificate_in_der() -> None:
    assert certificate_files.of(CAS[0].public_bytes(Encoding.DER)) == [CAS[0]]


@pytest.mark.parametrize("data", [b"", b"hello", zipped(a=b"hello"), b"PK\x03\x04", b"\xfe\xed\xfe\xed", java_store(CAS)[:900], PEM[:500]])
def test_a_file_without_certificates_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "held").write_bytes(data)
    with pytest.raises(CertificateError):
        certificate_files.read(tmp_path / "held")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of one's own with settings and the CAs in a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EINVOICE_CONFIG", str(tmp_path / "einvoice.toml"))
    (tmp_path / "einvoice.toml").write_text('[peppol]\ntrust = "trust"\n', "utf-8")
    (tmp_path / "cas.pem").write_bytes(PEM)
    current.cache_clear()
    yield tmp_path
    current.cache_clear()


def test_nothing_is_trusted_unseen(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peppol", "trust", "install", "--from", "cas.pem", "--format", "json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [row["role"] for row in rows] == ["root", "ap", "smp"]
    assert [row["sha256"] for row in rows] == [anchors.fingerprint(one) for one in CAS]
    assert not (here / "trust").exists()
    assert main(["peppol", "trust", "list"]) == 1


def test_what_is_named_by_its_fingerprint_is_trusted_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prints = anchors.fingerprint(CAS[1])
    spoken = ":".join(prints[at : at + 2] for at in range(0, 64, 2)).upper()
    states = []
    for text in (spoken, prints):
        assert main(["peppol", "trust", "install", "--from", "cas.pem", "--fingerprint", text, "--format", "json"]) == 0
        states += [row["state"] for row in json.loads(capsys.readouterr().out)]
    assert states == ["installed", "was there already"]
    assert [one.fingerprint for one in anchors.read(here / "trust", "test")] == [prints]
    assert main(["peppol", "trust", "remove", "--fingerprint", spoken]) == 0
    assert anchors.read(here / "trust", "test") == ()
    assert main(["peppol", "trust", "remove", "--fingerprint", spoken]) == 2


@pytest.mark.parametrize(
    "more",
    [
        ["--fingerprint", "ab"],
        ["--fingerprint", "0" * 64],
        ["--fingerprint", anchors.fingerprint(CAS[1]), "--fingerprint", "0" * 64],
        ["--fingerprint", anchors.fingerprint(CAS[1]), "--network", "production"],
        ["--fingerprint", anchors.fingerprint(CAS[1]), "--role", "smp"],
    ],
)
def test_what_must_not_be_trusted_is_not(here: Path, more: list[str]) -> None:
    assert main(["peppol", "trust", "install", "--from", "cas.pem", *more]) == 2
    assert not list(here.glob("trust/**/*.pem"))


def test_a_pki_in_files_is_used_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peppol", "pki", "test", "--into", "pki"]) == 0
    assert main(["peppol", "pki", "test", "--into", "pki", "--seat", "PBE000002", "--smp", "PNL000901"]) == 0
    settings = Peppol(trust=here / "pki" / "trust", revocation="where_reachable")
    from einvoice_peppol.http import Client
    from einvoice_peppol.pki import trusting

    trust = trusting.load(settings, Client())
    for name, role in (("PNL000001", "ap"), ("PBE000002", "ap"), ("PNL000901", "smp")):
        one = testing_files.read(here / "pki", name)
        assert trust.check(one.certificate, role, datetime.now(tz=CAS[0].not_valid_before_utc.tzinfo)) == name
        assert not identity_files.is_exposed(here / "pki" / f"{name}.key")
    assert main(["peppol", "pki", "test", "--into", "pki", "--seat", "PNL000003", "--fault", "expired"]) == 0
    assert main(["peppol", "pki", "test", "--into", "pki", "--fault", "none such"]) == 2
    assert main(["peppol", "pki", "test", "--into", "pki", "--seat", "../PNL000003"]) == 2
    capsys.readouterr()
    assert main(["peppol", "pki", "test", "--into", "pki", "--fault", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == list(testing.FAULTS)


def worst(settings: Peppol, now: datetime) -> list[str]:
    return [check.level for check in examination_peppol.network(settings, now)]


def test_the_doctor_says_what_will_not_last(tmp_path: Path) -> None:
    settings = files(tmp_path, key_bytes(OWN))._replace(trust=tmp_path / "trust", participants=("0208:0123456749",))
    (tmp_path / "own.key").chmod(0o600)
    anchors.install(tmp_path / "trust", "test", [anchors.Anchor(one, role) for one, role in zip(CAS, anchors.ROLES, strict=True)])
    fine = settings._replace(url="https://ap.example.com/as4")
    assert set(worst(fine, NET.now)) == {"ok"}
    until = OWN.certificate.not_valid_after_utc
    assert "warn" not in worst(fine, until - timedelta(days=61))
    assert worst(fine, until - timedelta(days=59)).count("warn") == 1
    assert worst(fine, until + timedelta(days=1)).count("fail") == 1
    (tmp_path / "own.key").chmod(0o644)
    assert worst(fine, NET.now).count("warn") == 1


@pytest.mark.parametrize(
    ("altered", "level"),
    [
        ({"trust": None}, "warn"),
        ({"network": "production"}, "fail"),
        ({"key": None}, "fail"),
        ({"participants": ("0208:0123456789",)}, "fail"),
        ({"participants": ()}, "warn"),
        ({"url": None}, "warn"),
        ({"certificate": None, "key": None}, "warn"),
    ],
)
def test_the_doctor_finds_what_is_missing(tmp_path: Path, altered: dict[str, object], level: str) -> None:
    settings = files(tmp_path, key_bytes(OWN))._replace(participants=("0208:0123456749",), url="https://ap.example.com/as4")
    (tmp_path / "own.key").chmod(0o600)
    anchors.install(tmp_path / "trust", "test", [anchors.Anchor(one, role) for one, role in zip(CAS, anchors.ROLES, strict=True)])
    assert level in worst(settings._replace(**{"trust": tmp_path / "trust", **altered}), NET.now)  # type: ignore[arg-type]
