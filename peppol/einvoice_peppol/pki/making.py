"""Making certificates for tests: what one says is a value, so that a test can alter any of it.

Nothing here is used outside tests and `einvoice peppol pki`: no key that is made here is anybody's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from einvoice_peppol.pki.identity import Identity

_SHA256_RSA = bytes.fromhex("06092a864886f70d01010b")
_SHA1_RSA = bytes.fromhex("06092a864886f70d010105")
_UNKNOWN = ObjectIdentifier("2.25.1234567890")
_USAGES = (
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
LEAF_USAGE = ("digital_signature", "key_encipherment", "data_encipherment")
CA_USAGE = ("digital_signature", "key_cert_sign", "crl_sign")


class Plan(NamedTuple):
    """What a certificate is to say.

    `usage` and `purposes` None leave the extension out; `forged` signs with a key that is not the issuer's.

    `length` is the path length of a CA, None where it states none; `is_ca` None leaves the basic constraints out. `ocsp`, `crl` are the
    addresses of those who can be asked. `unknown` adds a critical extension that nobody knows, `sha1` signs as it was done before 2013.
    """

    names: tuple[str, ...]
    since: datetime
    until: datetime
    is_ca: bool | None = None
    length: int | None = None
    usage: tuple[str, ...] | None = LEAF_USAGE
    purposes: tuple[ObjectIdentifier, ...] | None = (ExtendedKeyUsageOID.CLIENT_AUTH,)
    country: str = "NL"
    organisation: str = "Test"
    unit: str | None = "PEPPOL TEST AP"
    ocsp: str | None = None
    crl: str | None = None
    size: int = 2048
    exponent: int = 65_537
    unknown: bool = False
    sha1: bool = False
    forged: bool = False
    no_check: bool = False
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()


@lru_cache(maxsize=256)
def key(label: str, size: int = 2048, exponent: int = 65_537) -> rsa.RSAPrivateKey:  # noqa: ARG001 - the label is the key of the cache
    """The RSA key of a label, made once in a process: a test waits for it once."""
    return rsa.generate_private_key(exponent, size)


def identity(plan: Plan, label: str, issuer: Identity | None = None) -> Identity:
    """A certificate as planned and its key; it signs itself where there is no issuer."""
    own = key(label, plan.size, plan.exponent)
    signer = key("a key of somebody else") if plan.forged else (issuer.key if issuer else own)
    built = _builder(plan, own.public_key(), issuer.certificate if issuer else None)
    certificate = built.sign(signer, hashes.SHA256())
    return Identity(_with_sha1(certificate, signer) if plan.sha1 else certificate, own, _above(issuer))


def _above(issuer: Identity | None) -> tuple[x509.Certificate, ...]:
    return (issuer.certificate, *issuer.issuers) if issuer else ()


def _builder(plan: Plan, public: rsa.RSAPublicKey, issuer: x509.Certificate | None) -> x509.CertificateBuilder:
    subject = _subject(plan)
    signer = issuer.public_key() if issuer else public
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(plan.since)
        .not_valid_after(plan.until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)  # type: ignore[arg-type]
    )
    for extension, is_critical in _extensions(plan):
        built = built.add_extension(extension, is_critical)
    return built


def _subject(plan: Plan) -> x509.Name:
    fields = [(NameOID.COUNTRY_NAME, plan.country), (NameOID.ORGANIZATION_NAME, plan.organisation)]
    fields += [(NameOID.ORGANIZATIONAL_UNIT_NAME, plan.unit)] if plan.unit else []
    fields += [(NameOID.COMMON_NAME, name) for name in plan.names]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in fields])


def _extensions(plan: Plan) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = list(plan.extra)
    if plan.is_ca is not None:
        found.append((x509.BasicConstraints(plan.is_ca, plan.length if plan.is_ca else None), True))
    if plan.usage is not None:
        found.append((x509.KeyUsage(**{name: name in plan.usage for name in _USAGES}), True))
    if plan.purposes is not None:
        found.append((x509.ExtendedKeyUsage(plan.purposes), True))
    if plan.ocsp:
        found.append((_access(plan.ocsp), False))
    if plan.crl:
        found.append((x509.CRLDistributionPoints([x509.DistributionPoint([_address(plan.crl)], None, None, None)]), False))
    if plan.no_check:
        found.append((x509.OCSPNoCheck(), False))
    if plan.unknown:
        found.append((x509.UnrecognizedExtension(_UNKNOWN, b"\x05\x00"), True))
    return found


def _access(url: str) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _address(url))])


def _address(url: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(url)


def _with_sha1(certificate: x509.Certificate, signer: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same certificate, signed with SHA-1: the library makes none any more, so the algorithm is exchanged in its bytes."""
    asked = certificate.tbs_certificate_bytes
    body = asked.replace(_SHA256_RSA, _SHA1_RSA)
    signature = signer.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - a test asks for what must be refused
    whole = certificate.public_bytes(Encoding.DER).replace(asked, body).replace(_SHA256_RSA, _SHA1_RSA)
    return x509.load_der_x509_certificate(whole.replace(certificate.signature, signature))


def years(since: datetime, count: int) -> datetime:
    """So many years of 365 days later."""
    return since + timedelta(days=365 * count)
