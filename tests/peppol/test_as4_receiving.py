"""Messages that are received, in every form that peers give them, and the hundreds that are not."""

from __future__ import annotations

import base64
import gzip
import quopri
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from einvoice_peppol.as4 import ebms, packaging
from einvoice_peppol.as4.message import UserMessage
from einvoice_peppol.as4.receiving import Limits
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from tests.peppol.as4_access_points import LIMITS, Ear, ear, strangers
from tests.peppol.as4_attacks import Attack, attacks
from tests.peppol.as4_changes import text
from tests.peppol.as4_messages import CID, DOCUMENT, EXCLUSIVE, NOW, PROCESS, Made, canonical, element, find, made, sbdh, tag
from tests.peppol.canonical_forms import canonical as form

ATTACKS = {attack.name: attack for attack in attacks()}


@pytest.fixture
def here(tmp_path: Path) -> Ear:
    shared = ear()
    return Ear(shared.pki, shared.sender, shared.own, shared.trust, Bodies(tmp_path / "spool"))


def refusal(here: Ear, content_type: str, data: bytes, limits: Limits = LIMITS) -> ebms.Refused:
    """How it is refused; nothing of it is left."""
    with pytest.raises(ebms.Refused) as caught:
        here.read(content_type, data, limits)
    return caught.value


def test_a_good_message(here: Ear) -> None:
    sent = made(here.recipe)
    got = here.hear(sent)
    assert got.message.message_id == "message-1@sender.test"
    assert (got.message.timestamp, got.message.conversation_id) == (NOW - timedelta(seconds=30), "conversation-1")
    assert (got.seat, got.message.sender_party, got.message.receiver_party) == ("PDE000001", "PDE000001", "PNL000002")
    assert (got.message.original_sender.id, got.message.final_recipient.id) == ("9930:de123456789", "0208:0123456749")
    assert (got.message.document.value, got.message.process.value) == (DOCUMENT, PROCESS)
    assert (got.header.instance_id, got.header.country) == ("instance-1", "DE")
    assert got.body.keep().data == sbdh()
    assert got.envelope == sent.envelope
    assert got.certificate == here.sender.certificate
    assert [reference.uri for reference in got.references] == ["#messaging", "#body", f"cid:{CID}"]
    assert [found.get("URI") for found in got.signed] == ["#messaging", "#body", f"cid:{CID}"]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_the_right_code(here: Ear, tmp_path: Path, name: str) -> None:
    attack: Attack = ATTACKS[name]
    sent = attack.make(here.recipe)
    refused = refusal(here, sent.content_type, sent.body())
    assert refused.error.code == attack.code
    assert not list((tmp_path / "spool").glob("*"))


def test_the_table_of_attacks_leaves_nothing_out(here: Ear) -> None:
    root = etree.fromstring(made(here.recipe).envelope)
    names = {found.tag for found in root.iter()} - {tag("S12:Envelope"), tag("wsse:SecurityTokenReference")}
    told = " ".join(ATTACKS)
    assert len(ATTACKS) > 300
    assert not [name for name in names if etree.QName(name).localname not in told]


def test_a_refusal_names_the_message_and_not_serviced(here: Ear) -> None:
    document = sbdh(receiver="0208:nobody")

    def change(root: etree._Element) -> None:
        find(root, "eb:Property[@name='finalRecipient']").text = "0208:nobody"

    sent = made(here.recipe.but(document=document, before=change))
    refused = refusal(here, sent.content_type, sent.body())
    assert (refused.error, refused.detail, refused.message_id) == (ebms.OTHER, "PEPPOL:NOT_SERVICED", "message-1@sender.test")


def test_signers_that_are_not_believed(here: Ear) -> None:
    pki = here.pki
    for _, own in strangers(pki):
        sent = made(here.recipe.but(own=own, before=text("eb:From/eb:PartyId", "PDE000001")))
        assert refusal(here, sent.content_type, sent.body()).error == ebms.FAILED_AUTHENTICATION
    sent = made(here.recipe.but(token=pki.access_point("PDE000003").certificate))
    assert refusal(here, sent.content_type, sent.body()).error == ebms.FAILED_AUTHENTICATION


def test_a_message_for_another_access_point(here: Ear) -> None:
    other = here.pki.access_point("PBE000009", "BE")
    sent = made(here.recipe.but(receiver=other.certificate))
    assert refusal(here, sent.content_type, sent.body()).error == ebms.VALUE_INCONSISTENT

    def to_us(root: etree._Element) -> None:
        find(root, "eb:To/eb:PartyId").text = "PNL000002"

    sent = made(here.recipe.but(receiver=other.certificate, before=to_us))
    assert refusal(here, sent.content_type, sent.body()).error == ebms.FAILED_DECRYPTION


def test_a_message_stays_good_for_as_long_as_the_limits_say(here: Ear) -> None:
    sent = made(here.recipe.but(moment=(NOW - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert here.hear(sent).seat == "PDE000001"
    assert refusal(here, sent.content_type, sent.body(), LIMITS._replace(age=timedelta(days=6))).error == ebms.VALUE_INCONSISTENT


def _with_prefixes(root: etree._Element) -> None:
    """Messaging and SignedInfo with InclusiveNamespaces S12, as phase4 signs them."""
    listed = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="S12"/>'
    for holder in (find(root, "ds:CanonicalizationMethod"), find(root, "ds:Reference[@URI='#messaging']//ds:Transform")):
        holder.append(element(listed))


def test_inclusive_namespaces_are_honoured(here: Ear) -> None:
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    def sign(root: etree._Element) -> None:
        _with_prefixes(root)
        find(root, "S12:Body").set("other", "x")
        find(root, "ds:Reference[@URI='#body']/ds:DigestValue").text = base64.b64encode(
            hashlib.sha256(canonical(find(root, "S12:Body"))).digest()
        ).decode()
        for name, target in (("eb:Messaging", "ds:Reference[@URI='#messaging']/ds:DigestValue"), ("ds:SignedInfo", "ds:SignatureValue")):
            at = [found.tag for found in root.iter() if isinstance(found.tag, str)].index(tag(name))
            octets = form(etree.tostring(root, encoding="unicode"), at, exclusive=True, prefixes=("S12",)).encode()
            value = hashlib.sha256(octets).digest() if name == "eb:Messaging" else here.sender.key.sign(octets, PKCS1v15(), SHA256())
            find(root, target).text = base64.b64encode(value).decode()

    sent = made(here.recipe.but(after=sign))
    got = here.hear(sent)
    assert got.references[0].transforms == ((EXCLUSIVE, "S12"),)


def _encoded(good: Made, encoding: str, data: bytes) -> bytes:
    root, _ = good.parts()
    head = f"Content-Type: application/octet-stream\r\nContent-ID: <{CID}>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return good.body([root, head.encode() + data])


def test_every_transfer_encoding(here: Ear) -> None:
    good = made(here.recipe)
    lines = base64.encodebytes(good.attachment)
    for encoding, data in (
        ("8bit", good.attachment),
        ("BINARY", good.attachment),
        ("base64", lines),
        ("Base64", lines.replace(b"\n", b"\r\n")),
        ("base64", base64.b64encode(good.attachment)),
        ("quoted-printable", quopri.encodestring(good.attachment, quotetabs=True).replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n")),
    ):
        if encoding == "quoted-printable":
            data = b"".join(b"=%02X" % byte + (b"=\r\n" if at % 20 == 19 else b"") for at, byte in enumerate(good.attachment))
        assert here.read(good.content_type, _encoded(good, encoding, data)).body.keep().data == sbdh()
    for encoding, data in (
        ("base64", lines[:-3]),
        ("base64", b"AAA=" + lines),
        ("base64", b"!" + lines),
        ("quoted-printable", b"=ZZ"),
        ("quoted-printable", b"x" * 5_000),
        ("x-uuencode", lines),
    ):
        assert refusal(here, good.content_type, _encoded(good, encoding, data)).error == ebms.MIME_INCONSISTENCY


class Slow(BytesIO):
    """Gives a few bytes at a time."""

    step = 1

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.step)


@pytest.mark.parametrize("step", [1, 2, 7, 64])
def test_boundaries_across_chunks(here: Ear, step: int) -> None:
    good = made(here.recipe)
    stream = Slow(b"a preamble\r\n" + good.body() + b"\r\nan epilogue")
    stream.step = step
    assert here.read(good.content_type, stream).body.keep().data == sbdh()


def test_forms_of_mime_that_are_fine(here: Ear) -> None:
    good = made(here.recipe)
    body = good.body()
    assert here.read(good.content_type, body.replace(b"--=_boundary\r\n", b"--=_boundary \t\r\n")).seat
    assert here.read("Multipart/Related;boundary==_boundary", body).seat
    assert here.read(good.content_type, b"Content-Type: multipart/related\r\n\r\n" + body).seat
    assert here.read(
        good.content_type, body.replace(b"Content-ID: <payload", b"Content-Description: a\r\n\tb\r\ncontent-id:\t<payload")
    ).seat


def test_forms_of_mime_that_are_refused(here: Ear) -> None:
    good = made(here.recipe)
    body, kind = good.body(), good.content_type
    end = body.rindex(b"--=_boundary--")
    for content_type, data in (
        ("text/xml", body),
        ("", body),
        ("multipart/related", body),
        ("multipart/mixed; boundary=x", body),
        (kind + "; boundary=other", body),
        (kind.replace("=_boundary", "x" * 71), body),
        (kind.replace("=_boundary", "\u00e9"), body),
        (kind.replace('"=_boundary"', '"'), body),
        (kind.replace("root@", "other@"), body),
        (kind.replace("soap+xml", "xop+xml"), body),
        (kind, b""),
        (kind, body[:end]),
        (kind, body[: end + 12]),
        (kind, body[: end + 13]),
        (kind, body[:-10_0]),
        (kind, body.replace(b"\r\n", b"\n")),
        (kind, body.replace(b"--=_boundary\r\n", b"--=_boundaryX\r\n")),
        (kind, body.replace(b"--=_boundary\r\n", b"--=_boundary-\r\n")),
        (kind, body.replace(b"--=_boundary\r\n", b"--=_boundary" + b" " * 2_000)),
        (kind, b"x" * 70_000 + b"\r\n" + body),
        (kind, body + b"x" * 70_000),
        (kind, body.replace(b"Content-ID: <root", b"Content-ID: <x@y>\r\nContent-ID: <root")),
        (kind, body.replace(b"Content-ID: <root", b"no header\r\nContent-ID: <root")),
        (kind, body.replace(b"Content-ID: <root", b"A: \xff\r\nContent-ID: <root")),
        (kind, body.replace(b"Content-ID: <root", b"A: b\r\n" * 70 + b"Content-ID: <root")),
        (kind, body.replace(b"Content-ID: <root", b"A: " + b"b" * 17_000 + b"\r\nContent-ID: <root")),
        (kind, body.replace(b"application/soap+xml", b"text/xml")),
        (kind, body.replace(b'charset="UTF-8"', b'charset="UTF-16"')),
        (kind, body.replace(b"application/octet-stream", b"octets")),
    ):
        assert refusal(here, content_type, data).error == ebms.MIME_INCONSISTENCY, (content_type, data[:60])


def test_an_attachment_larger_than_the_limit(here: Ear) -> None:
    limits = Limits(size=10_000)
    sent = made(here.recipe.but(packed=lambda data: data + bytes(20_000)))
    assert refusal(here, sent.content_type, sent.body(), limits).error == ebms.OTHER
    sent = made(here.recipe.but(document=sbdh() + b" " * 20_000))
    assert len(gzip.compress(sbdh() + b" " * 20_000)) < 10_000
    assert refusal(here, sent.content_type, sent.body(), limits).error == ebms.DECOMPRESSION_FAILURE


def test_a_large_document_goes_to_the_spool(here: Ear, tmp_path: Path) -> None:
    text = base64.b64encode(bytes(range(256)) * 4_000).decode()
    sent = made(here.recipe.but(document=sbdh(f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>{text}</Invoice>")))
    got = here.hear(sent)
    body = got.body.keep()
    assert body.file == body.sha256
    assert [file.name for file in (tmp_path / "spool").iterdir()] == [body.sha256]
    with here.bodies.open(body) as stream:
        assert text.encode() in stream.read()


def test_what_the_stream_raises_goes_through(here: Ear) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        here.read(made(here.recipe).content_type, Broken())


def test_a_header_of_somebody_elses_that_need_not_be_understood(here: Ear) -> None:
    sent = made(here.recipe.but(after=lambda root: find(root, "S12:Header").append(element("<eb:Other/>"))))
    assert here.hear(sent).seat == "PDE000001"


WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc", "Cn")), min_size=1, max_size=40
)
IDS = st.from_regex(r"[!-;=?A-~]{1,60}@[!-;=?A-~]{1,60}", fullmatch=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    IDS,
    WORDS,
    st.datetimes(NOW.replace(tzinfo=None) - timedelta(days=6), NOW.replace(tzinfo=None)),
    st.from_regex(r"[!-~]{1,100}", fullmatch=True),
)
def test_whatever_our_sender_says_is_read_as_it_was_said(here: Ear, message_id: str, conversation: str, at: datetime, process: str) -> None:
    moment = at.replace(microsecond=at.microsecond // 1_000 * 1_000, tzinfo=UTC)
    sender, receiver = Participant("9930", "de123456789"), Participant("0208", "0123456749")
    said = UserMessage(
        message_id, moment, conversation, "PDE000001", "PNL000002", sender, receiver, DocumentType(DOCUMENT), Process(process)
    )
    into = BytesIO()
    document = sbdh(process=escape(process))
    built = packaging.build(said, BytesIO(document), here.sender, here.own.certificate, into)
    got = here.read(built.content_type, into.getvalue())
    assert got.message == said
    assert got.references == built.references
    assert got.body.keep().data == document
