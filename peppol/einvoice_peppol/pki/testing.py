"""A Peppol PKI to test with: a root, a CA for access points, one for SMPs, and certificates as theirs are, or with a fault on request.

It mirrors the PKI G3 (names with TEST, critical key usage and extended key usage, seat ids as names) with RSA-2048 throughout, so that
it is quick. Nothing of it is trusted anywhere unless somebody installs it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from einvoice_peppol.pki.identity import Identity, Trust

ROOT, ACCESS_POINTS, PUBLISHERS = (
    "PEPPOL Root TEST CA - G3",
    "PEPPOL ACCESS POINT TEST CA - G3",
    "PEPPOL SERVICE METADATA PUBLISHER TEST CA - G3",
)
_TEN_YEARS, _TWO_YEARS = timedelta(days=3_650), timedelta(days=730)
_USAGE = ("digital_signature", "key_encipherment", "data_encipherment")
_ALL_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def network(folder: Path | None = None, *, now: datetime | None = None, label: str = "", responder: str | None = None) -> TestNetwork:
    """A PKI of its own; `label` keeps two apart. With a folder its certificates are written there as PEM.

    `responder` is the address of an OCSP responder that leaf certificates name, with `/crl` behind it the list of revoked ones.
    """
    made = TestNetwork(now or datetime.now(UTC), label, responder)
    if folder is not None:
        write(folder, {"root": made.root, "access-points": made.ap_ca, "publishers": made.smp_ca})
    return made


class TestNetwork:
    """A root, two CAs, and what they issue; `issued` remembers every leaf."""

    __test__ = False  # no class of tests

    def __init__(self, now: datetime, label: str = "", responder: str | None = None) -> None:
        self.now = now
        self.responder = responder
        self.root = _authority(f"{ROOT}{label}", None, now)
        self.ap_ca = _authority(f"{ACCESS_POINTS}{label}", self.root, now)
        self.smp_ca = _authority(f"{PUBLISHERS}{label}", self.root, now)
        self.issued: list[Identity] = []

    def access_point(self, seat: str = "PNL000001", country: str = "NL", **faults: Any) -> Identity:
        """An access point by its seat id; for `faults` see `leaf`."""
        return self._leaf(seat, country, faults.pop("issuer", self.ap_ca), **faults)

    def smp(self, name: str = "PNL000901", country: str = "NL", **faults: Any) -> Identity:
        """A service metadata publisher."""
        return self._leaf(name, country, faults.pop("issuer", self.smp_ca), **faults)

    def trust(self, **policy: Any) -> Trust:
        """Trusts this network, without asking for revocation unless a policy is given (see `trusting.Anchored`)."""
        from einvoice_peppol.pki.trusting import Anchored  # noqa: PLC0415 - what is tested with it need not be there

        return Anchored({"ap": (self.ap_ca.certificate,), "smp": (self.smp_ca.certificate,)}, (self.root.certificate,), **policy)

    def _leaf(self, name: str, country: str, issuer: Identity, **faults: Any) -> Identity:
        made = leaf(name, country, issuer, self.now, responder=self.responder, **faults)
        self.issued.append(made)
        return made


def leaf(
    name: str,
    country: str,
    issuer: Identity,
    now: datetime,
    *,
    responder: str | None = None,
    since: timedelta = timedelta(days=-1),
    lasts: timedelta = _TWO_YEARS,
    usage: tuple[str, ...] | None = _USAGE,
    extended: tuple[x509.ObjectIdentifier, ...] | None = (ExtendedKeyUsageOID.CLIENT_AUTH,),
    bits: int = 2_048,
    is_ca: bool = False,
    more: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    serial: int | None = None,
) -> Identity:
    """A leaf certificate.

    Its faults: `since` and `lasts` put its validity elsewhere, `usage` and `extended` (None: absent) its purpose, `bits` its key,
    `is_ca` makes it an authority, `more` adds extensions (and whether each is critical).
    """
    key = _key(f"leaf {name}", bits)
    begins = now + since
    builder = _builder(_name(name, country), issuer.certificate.subject, key, begins, begins + lasts, serial)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    if usage is not None:
        builder = builder.add_extension(_usage(usage), critical=True)
    if extended is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=True)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    for extension, critical in (*_responders(responder), *more):
        builder = builder.add_extension(extension, critical=critical)
    return Identity(builder.sign(issuer.key, hashes.SHA256()), key, (issuer.certificate,))


def write(folder: Path, identities: dict[str, Identity], password: str | None = None) -> None:
    """Writes certificates and keys as PEM: NAME.pem, and NAME.key for its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    protection = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    for name, identity in identities.items():
        chain = (identity.certificate, *identity.issuers)
        (folder / f"{name}.pem").write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain))
        file = folder / f"{name}.key"
        file.touch(mode=0o600)
        file.write_bytes(identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))


def _authority(name: str, issuer: Identity | None, now: datetime) -> Identity:
    key = _key(f"authority {name}", 2_048)
    subject = _name(name, "BE")
    issued_by = issuer.certificate.subject if issuer else subject
    builder = _builder(subject, issued_by, key, now - timedelta(days=30), now + _TEN_YEARS, None)
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=None if issuer is None else 0), critical=True)
        .add_extension(_usage(("key_cert_sign", "crl_sign")), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signed = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    return Identity(signed, key, (issuer.certificate,) if issuer else ())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, begins: datetime, ends: datetime, serial: int | None
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(serial or x509.random_serial_number())
    return builder.not_valid_before(begins.replace(microsecond=0)).not_valid_after(ends.replace(microsecond=0))


def _name(name: str, country: str) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, country), (NameOID.ORGANIZATION_NAME, "OpenPEPPOL AISBL"), (NameOID.COMMON_NAME, name)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _usage(named: tuple[str, ...]) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in named for usage in _ALL_USAGES})


def _responders(address: str | None) -> list[tuple[x509.ExtensionType, bool]]:
    if address is None:
        return []
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(address))
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{address.rstrip('/')}/crl")], None, None, None)
    return [(x509.AuthorityInformationAccess([access]), False), (x509.CRLDistributionPoints([point]), False)]


@cache
def _key(_whose: str, bits: int) -> rsa.RSAPrivateKey:
    """A key, made once a process for each holder: making one takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)
