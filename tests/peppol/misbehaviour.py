"""Everything that an SML or an SMP may do wrong, each with the one failure that looking the participant up must end in."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from einvoice.errors import LookupFailed, ParticipantNotFound, PeppolError, ServiceNotFound
from einvoice_peppol.identifiers.values import Process
from einvoice_peppol.pki.identity import common_name
from tests.peppol.networks import BILLING, INVOICE, NOW, URL, WHO, Here
from tests.peppol.smp_documents import DS, EXCLUSIVE, INCLUSIVE, Signing, encoded, redirect

_DAY = timedelta(days=1)
_SIGNATURE = re.compile(rb"<ds:Signature .*</ds:Signature>")
_METADATA = re.compile(rb"<ServiceMetadata>.*</ServiceMetadata>", re.DOTALL)
_MORE = (
    '<ds:Reference URI="#a"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    "<ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ds:DigestValue></ds:Reference>"
)


class Wrong(NamedTuple):
    """What is done to a network, and the failure."""

    name: str
    do: Callable[[Here], object]
    failure: type[PeppolError] = LookupFailed


def mode(name: str) -> Wrong:
    """An SML that misbehaves as a whole."""
    return Wrong(f"the SML is {name}", lambda here: setattr(here.sml, "mode", name))


def record(text: str, failure: type[PeppolError] = LookupFailed, kind: str = "NAPTR") -> Wrong:
    """The only record that the SML has of the participant."""

    def do(here: Here) -> None:
        here.sml.forget(WHO)
        here.sml.add(WHO, text, kind)

    return Wrong(f"{kind} {text}", do, failure)


SML = (
    Wrong("not in the SML", lambda here: here.sml.forget(WHO), ParticipantNotFound),
    record('"no NAPTR at all"', ParticipantNotFound, "TXT"),
    record('100 10 "U" "Meta:CSP" "!.*!https://smp.example!" .', ParticipantNotFound),
    record('100 10 "S" "Meta:SMP" "!.*!https://smp.example!" .', ParticipantNotFound),
    *(mode(name) for name in ("servfail", "refused", "silent", "garbage", "other", "large_without_tcp")),
    record('100 10 "U" "Meta:SMP" "!(a+)+$!https://smp.example!" .'),
    record('100 10 "U" "Meta:SMP" "!^(.*)$!https://smp.example/\\\\1!" .'),
    record('100 10 "U" "Meta:SMP" "!.*!https://smp.example" .'),
    record('100 10 "U" "Meta:SMP" "" .'),
    record('100 10 "U" "Meta:SMP" "!.*!http://smp.example!" .'),
    record('100 10 "U" "Meta:SMP" "!.*!file:///etc/passwd!" .'),
    record('100 10 "U" "Meta:SMP" "!.*!https://user@smp.example!" .'),
    record('100 10 "U" "Meta:SMP" "!.*!https://smp.example#here!" .'),
    record('100 10 "U" "Meta:SMP" "!.*!https://smp.example:99999!" .'),
    record('100 10 "U" "Meta:SMP" "!.*!https://!" .'),
)
"""The SML."""


def status(code: int) -> Wrong:
    """Every question answered by a status."""
    return Wrong(f"the SMP answers {code}", lambda here: setattr(here.smp, "status", code))


def body(name: str, data: bytes) -> Wrong:
    """Bytes in the place of metadata."""
    return Wrong(f"the SMP answers {name}", lambda here: setattr(here.smp, "alter", lambda _: data))


ANSWERS = (
    Wrong("unknown to the SMP", lambda here: here.smp.forget(WHO), ParticipantNotFound),
    Wrong("the type unknown to the SMP", lambda here: here.smp.forget(WHO, INVOICE), ServiceNotFound),
    *(status(code) for code in (302, 401, 500, 503)),
    Wrong("the SMP is slow", lambda here: setattr(here.smp, "delay", 1.5)),
    record('100 10 "U" "Meta:SMP" "!.*!http://127.0.0.1:1!" .')._replace(name="the SMP is gone"),
    body("nothing", b""),
    body("no XML", b"{}"),
    body("half a document", b"<SignedServiceMetadata><ServiceMetadata>"),
    body("a page", b"<html><body>Welcome</body></html>"),
    body("a DOCTYPE", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    body("an entity of a file", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    body("too much", b"<a>" + b" " * 2_100_000 + b"</a>"),
    body("too deep", b"<a>" * 50_000 + b"</a>" * 50_000),
    body("compressed bytes", b"\x1f\x8b\x08\x00abc"),
)
"""What an SMP answers, signatures aside."""


def signing(name: str, **more: object) -> Wrong:
    """Answers signed in another way."""
    return Wrong(name, lambda here: setattr(here.smp, "signing", Signing(**more)))  # type: ignore[arg-type]


def altered(name: str, change: Callable[[bytes], bytes]) -> Wrong:
    """Bytes changed after they were signed."""
    return Wrong(name, lambda here: setattr(here.smp, "alter", change))


def identity(name: str, make: Callable[[Here], object]) -> Wrong:
    """Answers signed by somebody else."""
    return Wrong(name, lambda here: setattr(here.smp, "identity", make(here)))


def signature(data: bytes) -> bytes:
    """The ds:Signature of an answer."""
    found = _SIGNATURE.search(data)
    assert found
    return found[0]


def wrapped(data: bytes) -> bytes:
    """The document that was signed, within the signature of one that says something else."""
    inner = data.partition(b"?>")[2]
    whole = signature(inner)
    evil = whole.replace(b"</ds:Signature>", b"<ds:Object>" + inner + b"</ds:Object></ds:Signature>")
    return inner.replace(whole, evil).replace(b":9/as4", b":66/as4", 1)


def beside(data: bytes) -> bytes:
    """A second ServiceMetadata before the signed one."""
    found = _METADATA.search(data)
    assert found
    return data.replace(found[0], found[0].replace(b":9/as4", b":66/as4") + found[0])


def inside(data: bytes) -> bytes:
    """The signature within what it signs."""
    return data.replace(signature(data), b"").replace(b"</ServiceMetadata>", signature(data) + b"</ServiceMetadata>")


def broken_name(data: bytes) -> bytes:
    """The signer's certificate, its issuer's country no text any more: parsed only when it is first read."""
    found = re.search(rb"(?<=<ds:X509Certificate>)[^<]*", data)
    assert found
    changed = base64.b64decode(found[0]).replace(b"\x13\x02BE", b"\x13\x02\xff\xfe", 1)
    return data.replace(found[0], base64.b64encode(changed))


SIGNATURES = (
    altered("a certificate with a broken name", broken_name),
    altered("the address altered", lambda data: data.replace(b":9/as4", b":66/as4")),
    altered("the certificate altered", lambda data: data.replace(b"<Certificate>MII", b"<Certificate>MIJ")),
    altered("the value altered", lambda data: re.sub(rb"<ds:SignatureValue>.", b"<ds:SignatureValue>/", data)),
    altered("the digest altered", lambda data: re.sub(rb"<ds:DigestValue>....", b"<ds:DigestValue>AAAA", data)),
    altered("no signature", lambda data: data.replace(signature(data), b"")),
    altered("two signatures", lambda data: data.replace(signature(data), signature(data) * 2)),
    altered("no certificate", lambda data: re.sub(rb"<ds:KeyInfo>.*</ds:KeyInfo>", b"", data)),
    altered("no certificate in it", lambda data: re.sub(rb"<ds:X509Certificate>.*</ds:X509Certificate>", b"", data)),
    altered("a broken certificate", lambda data: data.replace(b"<ds:X509Certificate>MII", b"<ds:X509Certificate>AAA")),
    altered("the signed document wrapped", wrapped),
    altered("another one beside it", beside),
    altered("the signature inside", inside),
    altered("text after the signature", lambda data: data.replace(b"</SignedServiceMetadata>", b"x</SignedServiceMetadata>")),
    signing("SHA-1 digests", digest=f"{DS}sha1"),
    signing("RSA with SHA-1", method=f"{DS}rsa-sha1"),
    signing("a reference to a part", uri="#a"),
    signing("one more reference", more=_MORE),
    signing("not enveloped", enveloped=False),
    signing("no transforms", enveloped=False, transform=None),
    signing("a canonical form with comments", canonical=f"{INCLUSIVE}#WithComments"),
    signing("a transform with comments", transform=f"{EXCLUSIVE}WithComments"),
    signing("an XPath transform", transform="http://www.w3.org/TR/1999/REC-xpath-19991116"),
    identity("signed by an access point", lambda here: here.access_point),
    identity("signed by another key", lambda here: here.smp.identity._replace(key=here.other.identity.key)),
    identity("signed by a CA", lambda here: here.pki.smp_ca),
    identity("signed by an SMP of another network", lambda here: here.strangers.smp("PNL000901")),
)
"""The signature of an SMP's answer."""


def written(name: str, change: Callable[[str], str]) -> Wrong:
    """Text changed before it is signed."""
    return Wrong(name, lambda here: setattr(here.smp, "inner", change))


def endpoint(name: str, failure: type[PeppolError] = LookupFailed, **more: object) -> Wrong:
    """The participant's only endpoint."""

    def do(here: Here) -> None:
        here.smp.forget(WHO, INVOICE)
        here.register(**more)  # type: ignore[arg-type]

    return Wrong(name, do, failure)


def other_certificate(name: str, make: Callable[[Here], object]) -> Wrong:
    """The certificate of the participant's only endpoint."""
    return Wrong(name, lambda here: endpoint("", certificate=make(here)).do(here))


CONTENTS = (
    written("another participant", lambda text: text.replace(WHO.value, "0987654365")),
    written("another scheme of participants", lambda text: text.replace('"iso6523-actorid-upis"', '"iso6523-other"')),
    written("another document type", lambda text: text.replace("Invoice-2::Invoice", "CreditNote-2::CreditNote")),
    written("another scheme of document types", lambda text: text.replace("busdox-docid-qns", "peppol-doctype-wildcard")),
    written("no participant", lambda text: re.sub("<ids:ParticipantIdentifier.*?</ids:ParticipantIdentifier>", "", text)),
    written("two document types", lambda text: re.sub("(<ids:DocumentIdentifier.*?</ids:DocumentIdentifier>)", r"\1\1", text)),
    written("two certificates", lambda text: re.sub("(<Certificate>.*?</Certificate>)", r"\1\1", text)),
    written("nothing", lambda text: ""),
    written("two informations", lambda text: text * 2),
    written("no address", lambda text: re.sub("<wsa:Address>.*</wsa:Address>", "", text)),
    written("no process", lambda text: re.sub("<Process>.*</Process>", "", text))._replace(failure=ServiceNotFound),
    endpoint("another process", ServiceNotFound, process=Process("urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0")),
    endpoint("another scheme of processes", ServiceNotFound, process=BILLING._replace(scheme="cenbii-other-ubl")),
    endpoint("not yet", ServiceNotFound, activation=NOW + _DAY),
    endpoint("no longer", ServiceNotFound, expiration=NOW - _DAY),
    endpoint("ended this second", ServiceNotFound, expiration=NOW),
    endpoint("AS2", ServiceNotFound, profile="busdox-transport-as2-ver2p0"),
    endpoint("AS4 version 1", ServiceNotFound, profile="peppol-transport-as4-v1_0"),
    endpoint("no moment", activation="soon"),
    endpoint("no such day", expiration="2027-02-30T00:00:00Z"),
    endpoint("http", url="http://ap.example/as4"),
    endpoint("no address in it", url=""),
    endpoint("a script", url="javascript:alert(1)"),
    endpoint("no Base64", certificate="MII-nothing"),
    endpoint("no certificate", certificate=""),
    endpoint("no DER", certificate="AAAA"),
    other_certificate("an SMP's certificate", lambda here: here.smp.identity.certificate),
    other_certificate("a certificate of another network", lambda here: here.strangers.access_point("PBE000123").certificate),
    other_certificate("half a certificate", lambda here: encoded(here.access_point.certificate)[:400]),
)
"""What is signed and of no use."""


def redirected(
    name: str, failure: type[PeppolError] = LookupFailed, *, href: str = "", uid: str = "", then: Callable[[Here], object] = bool
) -> Wrong:
    """A redirect to the other SMP, good unless told otherwise; `then` changes that SMP."""

    def do(here: Here) -> None:
        here.other.register(WHO, INVOICE, BILLING, url=URL, certificate=here.access_point.certificate)
        subject = here.other.identity.certificate.subject.rfc4514_string()
        here.smp.redirect(WHO, INVOICE, href or here.other.url_of(WHO, INVOICE), uid or subject)
        then(here)

    return Wrong(name, do, failure)


def _again(here: Here) -> None:
    subject = common_name(here.smp.identity.certificate)
    here.other.redirect(WHO, INVOICE, here.smp.url_of(WHO, INVOICE), subject)


def _altered(here: Here) -> None:
    redirected("").do(here)
    here.smp.alter = lambda data: data.replace(b"<Redirect href", b'<Redirect class="a" href')


def _other(name: str, value: object) -> Callable[[Here], object]:
    return lambda here: setattr(here.other, name, value)


REDIRECTS = (
    redirected("redirected twice", then=_again),
    redirected("redirected to itself", then=lambda here: here.smp.redirect(WHO, INVOICE, here.smp.url_of(WHO, INVOICE), "PNL000901")),
    redirected("signed by another than the redirect names", uid="CN=PNL000777,OU=PEPPOL TEST SMP,O=Nobody,C=NL"),
    redirected("signed by whom the redirect only begins to name", uid="CN=PNL00090"),
    redirected("no name in the redirect", uid=" "),
    redirected("redirected to http", href="http://smp.example/a"),
    redirected("redirected to a file", href="file:///etc/passwd"),
    redirected("redirected to nobody", href="http://127.0.0.1:1/a"),
    redirected("the other SMP knows nothing", ServiceNotFound, then=lambda here: here.other.forget(WHO)),
    redirected("the other SMP answers 500", then=_other("status", 500)),
    redirected("altered at the other SMP", then=_other("alter", lambda data: data.replace(b":9/", b":66/"))),
    redirected("another participant there", then=_other("inner", lambda text: text.replace(WHO.value, "0987654365"))),
    Wrong("a redirect that was altered", _altered),
    written("a redirect and an endpoint", lambda text: text + redirect("https://smp.example", "CN=a")),
)
"""Redirects."""

ALL = (*SML, *ANSWERS, *SIGNATURES, *CONTENTS, *REDIRECTS)
"""Everything."""
