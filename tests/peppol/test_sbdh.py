"""Envelopes: what is put in comes out, what is wrong is refused, nothing grows."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from einvoice.errors import DocumentError, MalformedXML, Unreadable, UnsafeXML
from einvoice_peppol.identifiers import DocumentType, Participant
from einvoice_peppol.sbdh import characters
from einvoice_peppol.sbdh.header import CONTENT, SBDH
from einvoice_peppol.sbdh.unwrapping import read_header, unwrap
from einvoice_peppol.sbdh.wrapping import wrap
from tests.peppol.envelopes import EDIFACT, HEADER, INVOICE, Counting, long, unwrapped, wrapped

DOCUMENT = f'<Invoice xmlns="{INVOICE}"><a b="&gt;/&#10;">t &amp; ü 😀</a><!-- c --><?p i?><![CDATA[<x>]]></Invoice>'.encode()
names = st.from_regex("[a-z_][a-z0-9._-]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="￾￿"), max_size=30)


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> str:
    name = draw(names)
    quote = draw(st.sampled_from("'\""))
    escaped = draw(texts).replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;").replace('"', "&quot;")
    attribute = f" {draw(names)}={quote}{escaped}{quote}" if draw(st.booleans()) else ""
    blank = draw(st.sampled_from(["", " ", "\n"]))
    if not depth or draw(st.booleans()):
        return f"<{name}{attribute}{blank}/>"
    within = "".join(draw(st.lists(st.one_of(elements(depth - 1), _pieces()), max_size=3)))
    return f"<{name}{attribute}{blank}>{within}</{name}{blank}>"


def _pieces() -> st.SearchStrategy[str]:
    plain = texts.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;"))
    return st.one_of(
        plain, plain.map(lambda text: f"<![CDATA[{text}]]>"), st.sampled_from(["/>", "<!-- </Invoice> -->", "<?x </Invoice> ?>"])
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(elements(), max_size=3), st.sampled_from(["", " ", "\n"]), st.integers(1, 40), st.booleans())
def test_what_is_put_in_comes_out(within: list[str], blank: str, step: int, empty: bool) -> None:
    """unwrap(wrap(x)) is x, byte for byte, however the chunks fall."""
    body = f'<Invoice xmlns="{INVOICE}"{blank}' + ("/>" if empty else f">{''.join(within)}</Invoice{blank}>")
    before = characters.STEP, characters._LOOK
    characters.STEP, characters._LOOK = step, step + 6
    try:
        header, document = unwrapped(wrapped(body.encode()))
    finally:
        characters.STEP, characters._LOOK = before
    assert document == body.encode()
    assert header[:9] == HEADER[:9]


@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "iso-8859-1", "windows-1252", "us-ascii"])
def test_encodings_become_utf8(declared: str) -> None:
    text = f'<Invoice xmlns="{INVOICE}">{"" if declared == "us-ascii" else "é"}</Invoice>'
    named = declared.removesuffix("-sig") if "16" not in declared else "utf-16"
    data = f'<?xml version="1.0" encoding="{named}"?>\n<!-- {"x" * 3000} -->{text}\n'.encode(declared)
    assert unwrapped(wrapped(data))[1] == text.encode()


def test_the_header_is_what_was_stated() -> None:
    full = HEADER._replace(mls_to=Participant("0242", "000123"), mls_type="ALWAYS_SEND")
    envelope = wrapped(DOCUMENT, full)
    header, _ = unwrapped(envelope)
    assert header == full._replace(standard=INVOICE, type="Invoice", type_version="2.1") == read_header(BytesIO(envelope))
    assert unwrap(BytesIO(envelope), None) == header


def test_the_document_still_stands_alone() -> None:
    """No namespace of the envelope leaks into it, and those that only a foreign envelope declares come with it."""
    bare = f'<i:Invoice xmlns:i="{INVOICE}"><x/></i:Invoice>'.encode()
    tree = etree.fromstring(wrapped(bare))
    assert [element.tag for element in tree[1].iter()] == [f"{{{INVOICE}}}Invoice", "x"]
    envelope = wrapped(bare).replace(
        b"<sh:StandardBusinessDocument ", b'<sh:StandardBusinessDocument xmlns:q="urn:q&amp;" xmlns:i="urn:no" '
    )
    envelope = envelope.replace(b"<x/>", b"<q:x q:y=' xmlns:q=\"\"'/>")
    root = etree.fromstring(unwrapped(envelope)[1])
    assert [element.tag for element in root.iter()] == [f"{{{INVOICE}}}Invoice", "{urn:q&}x"]


@pytest.mark.parametrize(
    ("mime", "data"), [("application/pdf", bytes(range(256)) * 999), ("text/plain", "a\r\nb <ü>\t".encode() * 9), ("application/x", b"")]
)
def test_what_is_no_xml(mime: str, data: bytes) -> None:
    header, document = unwrapped(wrapped(data, HEADER._replace(document=EDIFACT, mime=mime)))
    assert document == data
    assert (header.mime, header.standard, header.type) == (mime, "urn:peppol:doctype:edifact:INVOIC", "INVOIC")


def test_content_that_is_wrong() -> None:
    envelope = wrapped(b"%PDF-1.7" * 5, HEADER._replace(document=EDIFACT, mime="application/pdf"))
    folded = envelope.replace(b"JVBERi0x", b"JVBE\r\n Ri0x")
    assert unwrapped(folded)[1] == b"%PDF-1.7" * 5
    for old, new in (
        (b"JVBERi0x", b"JVBERi0"),
        (b"JVBERi0x", b"JV=="),
        (b"JVBERi0x", b"<a/>"),
        (b"JVBERi0x", b"J_BERi0x"),
        (b"mimeType", b"type"),
    ):
        with pytest.raises(Unreadable):
            unwrapped(envelope.replace(old, new, 1))
    with pytest.raises(MalformedXML):
        wrapped(b"\x00", HEADER._replace(document=EDIFACT, mime="text/plain"))
    with pytest.raises(MalformedXML):
        wrapped(b"\xff", HEADER._replace(document=EDIFACT, mime="text/plain"))
    with pytest.raises(Unreadable):
        wrapped(b"", HEADER._replace(document=EDIFACT, mime='"'))


ALTERED = [
    ("<sh:HeaderVersion>1.0", "<sh:HeaderVersion>1.1"),
    ("<sh:HeaderVersion>1.0</sh:HeaderVersion>", ""),
    ('Authority="iso6523-actorid-upis"', 'Authority="other"'),
    ('Authority="iso6523-actorid-upis"', ""),
    ("0208:0428759497", ""),
    ("0208:0428759497", "be"),
    ("<sh:Sender>", "<sh:Sender><sh:Identifier Authority='iso6523-actorid-upis'>0208:1</sh:Identifier></sh:Sender><sh:Sender>"),
    ("<sh:Receiver>", "<sh:Receiver/><sh:Receiver>"),
    (f"<sh:Standard>{INVOICE}", "<sh:Standard>urn:other"),
    ("<sh:TypeVersion>2.1", "<sh:TypeVersion>2.2"),
    ("<sh:Type>Invoice", "<sh:Type>CreditNote"),
    ("9c1b3a52-6a5f-4a6f-9a0d-0d6a8f4f2a11", ""),
    ("9c1b3a52-6a5f-4a6f-9a0d-0d6a8f4f2a11", "x" * 201),
    ("2026-11-28T14:00:00.123Z", "2026-11-31T14:00:00Z"),
    ("2026-11-28T14:00:00.123Z", "yesterday"),
    ("2026-11-28T14:00:00.123Z", "0001-01-01T00:00:00+10:00"),
    ("<sh:Type>DOCUMENTID", "<sh:Type>OTHER"),
    ("<sh:Type>PROCESSID", "<sh:Type>OTHER"),
    ("<sh:Type>COUNTRY_C1", "<sh:Type>OTHER"),
    ("<sh:Type>PROCESSID", "<sh:Type>COUNTRY_C1"),
    ("<sh:InstanceIdentifier>BE", "<sh:InstanceIdentifier>Belgium"),
    ("<sh:InstanceIdentifier>0242:000123", "<sh:InstanceIdentifier>0208:000123"),
    ("ALWAYS_SEND", "SOMETIMES"),
    ("poacc:billing:3.0", "poacc: billing:3.0"),
    (f'<Invoice xmlns="{INVOICE}">', '<Invoice xmlns="urn:other">'),
    ("<sh:BusinessScope>", "stray<sh:BusinessScope>beside"),
    ("</sh:StandardBusinessDocumentHeader>", "</sh:StandardBusinessDocumentHeader>stray"),
    ("</sh:StandardBusinessDocumentHeader>", "</sh:StandardBusinessDocumentHeader><Invoice xmlns='urn:a'/>"),
    ("</sh:StandardBusinessDocument>", f"<Invoice xmlns='{INVOICE}'/></sh:StandardBusinessDocument>"),
    ("</sh:StandardBusinessDocument>", "</sh:StandardBusinessDocument><a/>"),
    ("</sh:StandardBusinessDocument>", ""),
    ("sh:StandardBusinessDocument>", "sh:StandardBusinessDocument2>"),
    (SBDH, "urn:other"),
    ("<sh:HeaderVersion>", "<sh:HeaderVersion>" * 101),
    ("?>", "?><!DOCTYPE a>"),
    ("?>", "?><!DOCTYPE a [<!ENTITY b 'c'>]>"),
    ("t &amp; ", "t &b; "),
    ("t &amp; ", "t \x01 "),
    ("t &amp; ", "t ]]> "),
    ("<?p i?>", "<p:a/>"),
    ("UTF-8", "UTF-7"),
    ('version="1.0"', 'version="1.1"'),
]


@pytest.mark.parametrize(("old", "new"), ALTERED)
def test_what_is_wrong_is_refused(old: str, new: str) -> None:
    envelope = wrapped(DOCUMENT, HEADER._replace(mls_to=Participant("0242", "000123"), mls_type="ALWAYS_SEND")).decode()
    assert old in envelope
    count = 2 if old == "sh:StandardBusinessDocument>" else 1
    altered = (
        envelope.replace(old, new, count)
        if old != "<sh:BusinessScope>"
        else envelope.replace("</sh:BusinessScope>", "</sh:BusinessScopes>")
    )
    with pytest.raises(DocumentError):
        unwrapped(altered.encode())


def test_the_moment_is_read_as_xml_schema_writes_it() -> None:
    for text, moment in (
        ("2026-11-28T14:00:00", datetime(2026, 11, 28, 14, tzinfo=UTC)),
        ("2026-11-28T14:00:00.1234567+01:00", datetime(2026, 11, 28, 13, 0, 0, 123457, tzinfo=UTC)),
        ("2026-11-28T14:00:00.9999999Z", datetime(2026, 11, 28, 14, 0, 0, 999999, tzinfo=UTC)),
    ):
        envelope = wrapped(DOCUMENT).replace(b"2026-11-28T14:00:00.123Z", text.encode())
        assert read_header(BytesIO(envelope)).created_at == moment
    local = HEADER._replace(created_at=datetime(2026, 11, 28, 15, tzinfo=timezone(timedelta(hours=1))))
    assert b"2026-11-28T14:00:00.000Z" in wrapped(DOCUMENT, local)


@pytest.mark.parametrize(
    "header",
    [
        HEADER._replace(country="Belgium"),
        HEADER._replace(instance_id=""),
        HEADER._replace(mls_type="NEVER"),
        HEADER._replace(mls_to=Participant("0208", "0428759497")),
        HEADER._replace(type="CreditNote"),
        HEADER._replace(document=DocumentType(f"{INVOICE}::Invoice##urn:peppol:pint:billing-1*::2.1", "peppol-doctype-wildcard")),
        HEADER._replace(document=DocumentType("urn:other::Invoice##urn:x::2.1")),
    ],
)
def test_a_header_that_cannot_be_stated(header: object) -> None:
    with pytest.raises(Unreadable):
        wrapped(DOCUMENT, header)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no xml",
        b"<!DOCTYPE Invoice>" + DOCUMENT,
        DOCUMENT[:-3],
        DOCUMENT + DOCUMENT,
        DOCUMENT + b"x",
        DOCUMENT.replace(b"\xc3\xbc", b"\xc3"),
        b"<?xml version='1.0' encoding='UTF-16'?>" + DOCUMENT,
        b"<?xml version='1.0' encoding='cp037'?>" + DOCUMENT,
        b"<?xml version='1.0' encoding='iso-8859-99'?>" + DOCUMENT,
        DOCUMENT.decode().encode("utf-32"),
        DOCUMENT.replace(b"<?p i?>", b"<a>" * 101),
        DOCUMENT.replace(b"<?p i?>", b"<?xml version='1.0'?>"),
    ],
)
def test_a_document_that_cannot_be_wrapped(document: bytes) -> None:
    with pytest.raises(DocumentError):
        wrapped(document)


def test_every_published_invoice_comes_out_as_it_went_in() -> None:
    from tests import corpora

    folder = corpora.folder()
    if folder is None:
        pytest.skip(corpora.ABSENT)
    seen = 0
    for path in sorted(folder.glob("*/**/*.xml"))[::25]:
        data = path.read_bytes()
        try:
            root = etree.fromstring(data)
        except etree.XMLSyntaxError:
            continue
        name = etree.QName(root)
        if root.getroottree().docinfo.internalDTD is not None or not name.namespace:
            continue
        document = DocumentType(f"{name.namespace}::{name.localname}##urn:x::2.1")
        _, taken = unwrapped(wrapped(data, HEADER._replace(document=document)))
        assert taken in data or etree.tostring(etree.fromstring(taken), method="c14n") == etree.tostring(root, method="c14n")
        seen += 1
    assert seen > 50


GROWING = {
    "names": (b"".join(b"<n%d/>" % number for number in range(100_000)), 1),
    "prefixes": (b"".join(b"<a xmlns:p%d='u'/>" % number for number in range(100_000)), 1),
    "attribute": (b"<a b='", 1),
    "comment": (b"<!--", 1),
    "instruction": (b"<?a ", 1),
    "depth": (b"<a>" * 1_000, 1),
}


@pytest.mark.parametrize("kind", GROWING)
def test_what_grows_without_end_is_stopped(kind: str) -> None:
    head = wrapped(DOCUMENT).partition(b"<a b=")[0] + GROWING[kind][0]
    tracemalloc.start()
    try:
        with pytest.raises(UnsafeXML):
            unwrap(long(head, b"x" * 65_536, 1_600, b""), None)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_a_header_that_never_ends_is_stopped() -> None:
    head = wrapped(DOCUMENT).partition(b"0208:")[0]
    with pytest.raises(DocumentError):
        read_header(long(head, b"x" * 65_536, 1_600, b""))
    with pytest.raises(UnsafeXML):
        unwrap(long(b"", b" " * 65_536, 1_600, b""), None)


def test_a_hundred_megabytes_in_one_text() -> None:
    part, times = b"QUJD" * 16_384, 1_600
    made = Counting()
    tracemalloc.start()
    try:
        wrap(long(f'<Invoice xmlns="{INVOICE}">'.encode(), part, times, b"</Invoice>"), HEADER, made)
        head, tail = wrapped(f'<Invoice xmlns="{INVOICE}">'.encode() + b"@</Invoice>").split(b"@")
        taken = Counting()
        unwrap(long(head, part, times, tail), taken)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert made.size == len(part) * times + len(head) + len(tail)
    assert taken.size == len(part) * times + len(f'<Invoice xmlns="{INVOICE}"></Invoice>')
    assert peak < 16_000_000


@given(st.binary(max_size=300), st.integers(0, 2_500), st.booleans())
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(noise: bytes, at: int, replace: bool) -> None:
    envelope = wrapped(DOCUMENT)
    altered = envelope[:at] + noise + envelope[at + (len(noise) if replace else 0) :]
    for read in (lambda: unwrapped(altered), lambda: read_header(BytesIO(altered)), lambda: wrapped(noise)):
        try:
            read()
        except DocumentError:
            continue


def test_the_content_namespace() -> None:
    assert CONTENT.encode() in wrapped(b"a", HEADER._replace(document=EDIFACT, mime="text/plain"))


@pytest.mark.parametrize(
    "tag", ["<{}/>", "<x {}='1'/>", "<x xmlns='{}'/>", "<x xmlns:{}='u'/>"], ids=["names", "attributes", "namespaces", "prefixes"]
)
def test_long_names_are_not_remembered_without_an_end(tag: str) -> None:
    many = "".join(tag.format(f"n{number:03}{'a' * 50_000}") for number in range(100))
    with pytest.raises(UnsafeXML):
        unwrapped(wrapped(DOCUMENT).replace(b"</Invoice>", many.encode() + b"</Invoice>"))
