"""The metadata of a hybrid, property by property: what is written, what of the PDF's own is kept, what is dropped."""

from __future__ import annotations

from typing import Any

import pikepdf
import pytest
from lxml import etree

from einvoice.pdf import container, dates
from einvoice.pdf.embed import embed
from tests.pdf import papers
from tests.pdf.hybrids import ZUGFERD_1, xmp

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
    "my": "urn:example:my#",
}
DECLARED = """
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
 <pdfaSchema:schema>Mine</pdfaSchema:schema><pdfaSchema:namespaceURI>urn:example:my#</pdfaSchema:namespaceURI><pdfaSchema:prefix>my</pdfaSchema:prefix>
 <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>Batch</pdfaProperty:name>
 <pdfaProperty:valueType>{type}</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
 {description}</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
DESCRIPTION = "<pdfaProperty:description>A batch</pdfaProperty:description>"


def said(pdf: bytes) -> Any:
    """The metadata as a tree."""
    with papers.read(pdf) as made:
        return etree.fromstring(made.Root.Metadata.read_bytes())


def value(tree: Any, path: str) -> str | None:
    """The text of the only such property, None where there is none."""
    found = tree.xpath(f"//rdf:Description/{path}", namespaces=NAMESPACES)
    assert len(found) < 2, path
    return found[0].text if found else None


def paper(inner: str, **information: str) -> bytes:
    """A page with metadata and document information."""

    def state(pdf: pikepdf.Pdf) -> None:
        spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
        packet = f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><rdf:RDF {spaces}>{inner}</rdf:RDF><?xpacket end="w"?>'
        pdf.Root.Metadata = pdf.make_stream(packet.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary({f"/{key}": pikepdf.String(text) for key, text in information.items()}))

    return papers.changed(state)


def described(inner: str) -> str:
    """Properties in a description."""
    return f'<rdf:Description rdf:about="">{inner}</rdf:Description>'


def test_every_property_that_is_written() -> None:
    number, day, seller = papers.invoice().number, papers.invoice().issue_date, papers.invoice().seller
    assert day is not None
    assert seller is not None
    tree = said(embed(paper(""), papers.cii()))
    moment = f"{day.isoformat()}T00:00:00Z"
    for path, expected in {
        "pdfaid:part": "3",
        "pdfaid:conformance": "B",
        "dc:format": "application/pdf",
        "dc:title/rdf:Alt/rdf:li[@xml:lang='x-default']": f"Invoice {number}, {seller.name}",
        "dc:creator/rdf:Seq/rdf:li": seller.name,
        "xmp:CreatorTool": "einvoice-toolkit",
        "xmp:CreateDate": moment,
        "xmp:ModifyDate": moment,
        "xmp:MetadataDate": moment,
        "pdf:Producer": "einvoice-toolkit",
        "pdf:Keywords": None,
        "fx:DocumentType": "INVOICE",
        "fx:DocumentFileName": "factur-x.xml",
        "fx:Version": "1.0",
        "fx:ConformanceLevel": "EN 16931",
    }.items():
        assert value(tree, path) == expected, path
    assert str(number) in str(value(tree, "dc:description/rdf:Alt/rdf:li"))


def test_the_extension_schema_declares_the_four_properties() -> None:
    tree = said(embed(papers.printed(), papers.cii()))
    (schema,) = tree.xpath("//pdfaExtension:schemas/rdf:Bag/rdf:li", namespaces=NAMESPACES)
    assert schema.findtext("pdfaSchema:namespaceURI", None, NAMESPACES) == NAMESPACES["fx"]
    assert schema.findtext("pdfaSchema:prefix", None, NAMESPACES) == "fx"
    rows = schema.findall("pdfaSchema:property/rdf:Seq/rdf:li", NAMESPACES)
    assert {row.findtext("pdfaProperty:name", None, NAMESPACES) for row in rows} == {
        "DocumentFileName",
        "DocumentType",
        "Version",
        "ConformanceLevel",
    }
    for row in rows:
        assert [row.findtext(f"pdfaProperty:{key}", None, NAMESPACES) for key in ("valueType", "category")] == ["Text", "external"]
        assert row.findtext("pdfaProperty:description", None, NAMESPACES)


def test_pikepdf_reads_the_same_and_the_document_information_agrees() -> None:
    with papers.read(embed(paper("", Keywords="paper, <ink>", Creator="ERP 9"), papers.cii())) as pdf:
        metadata = pdf.open_metadata()
        assert metadata.pdfa_status == "3B"
        assert metadata["dc:creator"] == [str(pdf.docinfo.Author)]
        for key, path in {
            "Title": "dc:title",
            "Subject": "dc:description",
            "Keywords": "pdf:Keywords",
            "Creator": "xmp:CreatorTool",
            "Producer": "pdf:Producer",
        }.items():
            assert metadata[path] == str(pdf.docinfo[f"/{key}"]), key
        for key, path in {"CreationDate": "xmp:CreateDate", "ModDate": "xmp:ModifyDate"}.items():
            assert dates.read(str(pdf.docinfo[f"/{key}"])) == metadata[path]
        assert (str(pdf.docinfo.Creator), str(pdf.docinfo.Keywords)) == ("ERP 9", "paper, <ink>")
        assert set(pdf.docinfo.keys()) == {
            "/Title",
            "/Author",
            "/Subject",
            "/Keywords",
            "/Creator",
            "/Producer",
            "/CreationDate",
            "/ModDate",
        }


def test_the_packet_is_plain_text_in_the_file() -> None:
    assert b"<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in embed(papers.printed(), papers.cii())


@pytest.mark.parametrize("stated", ["Rechnung {}", "facture n° {} du mois"])
def test_a_title_that_names_the_invoice_is_kept(stated: str) -> None:
    title = stated.format(papers.invoice().number)
    for before in (
        paper("", Title=title),
        paper(described(f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>')),
    ):
        assert value(said(embed(before, papers.cii())), "dc:title/rdf:Alt/rdf:li") == title


@pytest.mark.parametrize("stated", ["untitled", "Microsoft Word - invoice.docx", "Invoice 1 of another day"])
def test_any_other_title_goes(stated: str) -> None:
    assert stated not in str(value(said(embed(paper("", Title=stated), papers.cii())), "dc:title/rdf:Alt/rdf:li"))


def test_the_date_on_which_the_pdf_was_made_is_kept() -> None:
    tree = said(embed(paper("", CreationDate="D:20991231235959+01'00'"), papers.cii()))
    assert value(tree, "xmp:CreateDate") == value(tree, "xmp:ModifyDate") == "2099-12-31T23:59:59+01:00"
    old = said(embed(paper(described("<xmp:CreateDate>2001-02-03</xmp:CreateDate>"), CreationDate="yesterday"), papers.cii()))
    assert value(old, "xmp:CreateDate") == "2001-02-03T00:00:00Z"
    assert str(value(old, "xmp:ModifyDate"))[:10] == str(papers.invoice().issue_date)


@pytest.mark.parametrize(
    ("stated", "expected"), [(("3", "U"), "U"), (("3", "a"), "A"), (("3", "X"), "B"), (("2", "A"), "B"), (("1", "B"), "B")]
)
def test_the_level_of_pdf_a_is_kept_where_it_is_one_of_pdf_a_3(stated: tuple[str, str], expected: str) -> None:
    before = paper(described(f"<pdfaid:part>{stated[0]}</pdfaid:part><pdfaid:conformance>{stated[1]}</pdfaid:conformance>"))
    assert value(said(embed(before, papers.cii())), "pdfaid:conformance") == expected


def test_known_properties_are_kept_and_others_dropped() -> None:
    inner = described(
        "<dc:language><rdf:Bag><rdf:li>de</rdf:li></rdf:Bag></dc:language>"
        "<dc:subject><rdf:Bag><rdf:li>a &amp; b</rdf:li></rdf:Bag></dc:subject>"
        "<dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>ours</rdf:li></rdf:Alt></dc:rights><xmpMM:DocumentID>uuid:1</xmpMM:DocumentID>"
        "<xmp:Rating>good</xmp:Rating><dc:invented>x</dc:invented><my:Batch>7</my:Batch><xmpMM:InstanceID>uuid:2</xmpMM:InstanceID>"
    )
    made = embed(paper(inner), papers.cii())
    tree = said(made)
    assert value(tree, "dc:language/rdf:Bag/rdf:li") == "de"
    assert value(tree, "dc:subject/rdf:Bag/rdf:li") == "a & b"
    assert value(tree, "dc:rights/rdf:Alt/rdf:li[@xml:lang='x-default']") == "ours"
    assert value(tree, "xmpMM:DocumentID") == "uuid:1"
    for gone in ("xmp:Rating", "dc:invented", "my:Batch", "xmpMM:InstanceID"):
        assert value(tree, gone) is None
    assert container.examine(made).layer.findings == ()


def test_declared_properties_are_kept_with_their_schema() -> None:
    made = embed(
        paper(DECLARED.format(type="Text", description=DESCRIPTION) + described("<my:Batch>7</my:Batch><my:Other>8</my:Other>")),
        papers.cii(),
    )
    tree = said(made)
    assert (value(tree, "my:Batch"), value(tree, "my:Other")) == ("7", None)
    names = tree.xpath("//pdfaSchema:namespaceURI/text()", namespaces=NAMESPACES)
    assert names == [NAMESPACES["fx"], "urn:example:my#"]
    assert container.examine(made).layer.findings == ()
    assert value(said(embed(made, papers.cii())), "my:Batch") == "7"


@pytest.mark.parametrize(
    "wrong", [DECLARED.format(type="Text", description=""), DECLARED.format(type="Nothing known", description=DESCRIPTION)]
)
def test_a_schema_that_is_declared_wrongly_is_dropped(wrong: str) -> None:
    made = embed(paper(wrong + described("<my:Batch>7</my:Batch>")), papers.cii())
    assert value(said(made), "my:Batch") is None
    assert said(made).xpath("//pdfaSchema:namespaceURI/text()", namespaces=NAMESPACES) == [NAMESPACES["fx"]]
    assert container.examine(made).layer.findings == ()


@pytest.mark.parametrize("packet", [b"", b"<", b"\xff\xfe\x00", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<x/>", b"\0" * 40])
def test_metadata_that_cannot_be_read_are_written_anew(packet: bytes) -> None:
    def state(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Metadata = pdf.make_stream(packet, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)

    assert container.examine(embed(papers.changed(state), papers.cii())).layer.findings == ()


def test_no_other_hybrid_is_claimed() -> None:
    def state(pdf: pikepdf.Pdf) -> None:
        packet = xmp("ZUGFeRD-invoice.xml", "COMFORT", ZUGFERD_1)
        pdf.Root.Metadata = pdf.make_stream(packet, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)

    assert b"urn:ferd" not in etree.tostring(said(embed(papers.changed(state), papers.cii())))


def test_texts_of_the_invoice_are_escaped() -> None:
    seller = papers.invoice().seller
    assert seller is not None
    odd = papers.invoice().model_copy(update={"seller": seller.model_copy(update={"name": "A & B <Söhne> {x} “GmbH”"})})
    with papers.read(embed(papers.printed(), odd, profile="facturx-en16931")) as pdf:
        assert str(pdf.docinfo.Author) == pdf.open_metadata()["dc:creator"][0] == "A & B <Söhne> {x} “GmbH”"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("D:20261121", "2026-11-21T00:00:00Z"),
        ("D:20261121103005Z00'00'", "2026-11-21T10:30:05Z"),
        ("D:20261121103005-05'30'", "2026-11-21T10:30:05-05:30"),
        ("D:20261121103005+01", "2026-11-21T10:30:05+01:00"),
        ("2026-11-21T10:30:05.123+0100", "2026-11-21T10:30:05+01:00"),
        ("2026", "2026-01-01T00:00:00Z"),
        ("D:20261341", None),
        ("D:00000101", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_dates_in_either_notation(text: str, expected: str | None) -> None:
    found = dates.read(text)
    assert found == expected
    assert found is None or dates.read(dates.pdf(found)) == found
