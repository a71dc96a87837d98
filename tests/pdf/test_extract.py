"""`extract`: where an invoice hangs, what it is called, which of several it is."""

from __future__ import annotations

import codecs
from base64 import a85encode
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pytest

import einvoice
from einvoice.errors import MalformedPDF, MalformedXML, NoInvoice, SeveralInvoices, UnknownFormat
from einvoice.formats.vocabularies import refuse_bytes
from einvoice.pdf.attached import attached
from einvoice.pdf.extract import extract, files, hybrid
from einvoice.pdf.opening import opened
from tests.pdf import raw
from tests.pdf.hybrids import ORDER_X, ZUGFERD_1, Made, cii, order, ubl, xmp

CII, UBL = cii(), ubl()
OTHER = CII.replace(b"<ram:ID>2026-0117", b"<ram:ID>2026-0118")
ZUGFERD_1_XML = b'<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (Made().named(("factur-x.xml", CII)), "names"),
        (Made().associated(CII), "document"),
        (Made(pages=3).associated(CII, page=2), "page 3"),
        (Made(pages=3).annotated(CII, page=1), "annotation on page 2"),
    ],
)
def test_it_hangs_wherever_it_may(made: Made, place: str) -> None:
    found = hybrid(made.bytes())
    assert (found.data, found.filename, found.place) == (CII, "factur-x.xml", place)
    assert found.relationship == "Alternative"


@pytest.mark.parametrize("name", ["factur-x.xml", "FACTUR-X.XML", "xrechnung.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml"])
@pytest.mark.parametrize("source", ["bytes", "path", "stream"])
def test_the_standards_names_in_any_case(name: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(Made().named(("notes.txt", b"hello"), (name, CII)).bytes())
    with path.open("rb") as stream:
        given: dict[str, bytes | Path | BinaryIO] = {"bytes": path.read_bytes(), "path": path, "stream": stream}
        assert extract(given[source]) == CII


@pytest.mark.parametrize(
    "data",
    [
        CII,
        UBL,
        b"<ubl:Invoice xmlns:ubl='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>",
        ZUGFERD_1_XML,
        b"<!-- <Other> --><?p <a>?>\n" + ZUGFERD_1_XML,
        codecs.BOM_UTF8 + CII,
        CII.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ],
)
def test_under_another_name_it_is_known_by_how_it_begins(data: bytes) -> None:
    made = Made().named(("a.png", b"\x89PNG<Invoice>"), ("rechnung.xml", data), ("report.xml", b"<Report><Invoice/></Report>"))
    assert extract(made.bytes()) == data


def test_a_name_counts_more_than_how_it_begins() -> None:
    assert extract(Made().named(("a.xml", OTHER), ("factur-x.xml", CII)).bytes()) == CII


def test_the_same_bytes_twice_are_one() -> None:
    made = Made().named(("factur-x.xml", CII), ("ZUGFeRD-invoice.xml", CII)).annotated(CII)
    assert extract(made.bytes()) == CII


def test_several_that_differ_are_refused_by_name() -> None:
    with pytest.raises(SeveralInvoices) as refused:
        extract(Made().named(("factur-x.xml", CII), ("xrechnung.xml", OTHER)).bytes())
    assert refused.value.candidates == ("factur-x.xml", "xrechnung.xml")


@pytest.mark.parametrize("hidden", [Made.associated, Made.annotated])
def test_a_second_one_elsewhere_is_not_overlooked(hidden: Callable[[Made, bytes], Made]) -> None:
    made = Made().named(("factur-x.xml", CII))
    hidden(made, OTHER)
    with pytest.raises(SeveralInvoices):
        extract(made.bytes())


def test_duplicate_names_that_differ_are_several() -> None:
    with pytest.raises(SeveralInvoices) as refused:
        extract(Made().named(("factur-x.xml", CII), ("factur-x.xml", OTHER)).claiming(xmp("factur-x.xml")).bytes())
    assert refused.value.candidates == ("factur-x.xml",) * 2


@pytest.mark.parametrize("attributes", [True, False])
def test_of_several_the_metadata_name_one(attributes: bool) -> None:
    made = Made().named(("factur-x.xml", CII), ("ZUGFeRD-invoice.xml", OTHER))
    made.claiming(xmp("ZUGFeRD-invoice.xml", "COMFORT", ZUGFERD_1, attributes=attributes))
    found = hybrid(made.bytes())
    assert (found.data, found.standard, found.level, found.version) == (OTHER, "ZUGFeRD 1", "COMFORT", "1.0")
    assert found.attachments == ("factur-x.xml",)


def test_a_specification_that_embeds_two_different_files_is_several() -> None:
    made = Made().named(("factur-x.xml", CII))
    specification = made.pdf.Root.Names.EmbeddedFiles.Names[1]
    specification.EF.F = made.pdf.make_stream(OTHER)
    with pytest.raises(SeveralInvoices):
        extract(made.bytes())


@pytest.mark.parametrize(
    "name", ["factur-x.xml".encode("utf-16"), codecs.BOM_UTF16_BE + "factur-x.xml".encode("utf-16-be"), codecs.BOM_UTF8 + b"factur-x.xml"]
)
def test_names_in_every_encoding(name: bytes) -> None:
    assert hybrid(Made().named((name, CII)).bytes()).filename == "factur-x.xml"


def test_folders_before_a_name_do_not_count() -> None:
    assert hybrid(Made().named(("C:\\mail\\factur-x.xml", CII)).bytes()).filename == "factur-x.xml"


def test_a_nested_name_tree_is_walked_in_order() -> None:
    made = Made()
    leaves = [
        pikepdf.Dictionary(Limits=["a", "b"], Names=[pikepdf.String(f"{number}.txt"), made.specification(b"x", f"{number}.txt")])
        for number in range(3)
    ]
    leaves[2].Names.extend([pikepdf.String("factur-x.xml"), made.specification(CII, "factur-x.xml")])
    inner = made.pdf.make_indirect(pikepdf.Dictionary(Kids=[made.pdf.make_indirect(leaf) for leaf in leaves[1:]]))
    made.pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Kids=[made.pdf.make_indirect(leaves[0]), inner]))
    found = hybrid(made.bytes())
    assert (found.data, found.attachments) == (CII, ("0.txt", "1.txt", "2.txt"))


def test_nothing_of_it_is_an_invoice() -> None:
    with pytest.raises(NoInvoice) as refused:
        extract(Made().named(("a.png", b"\x89PNG"), ("b.xml", b"<Report/>")).bytes())
    assert refused.value.attachments == ("a.png", "b.xml")
    with pytest.raises(NoInvoice) as refused:
        extract(Made().bytes())
    assert refused.value.attachments == ()


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_file_is_no_invoice(data: bytes) -> None:
    with pytest.raises(NoInvoice):
        extract(Made().named(("factur-x.xml", data)).bytes())


@pytest.mark.parametrize("data", [b"PK\x03\x04zip", b"hello", b"%PDF-1.7", b'{"a": 1}'])
def test_what_has_the_name_and_is_no_xml_is_named(data: bytes) -> None:
    with pytest.raises(UnknownFormat) as refused:
        hybrid(Made().named(("factur-x.xml", data)).bytes(), name="a.pdf")
    assert refused.value.source == "a.pdf[factur-x.xml]"


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (Made().named(("order-x.xml", order("231"))).claiming(xmp("order-x.xml", "BASIC", ORDER_X, "ORDER_RESPONSE")), "ORDER_RESPONSE"),
        (Made().named(("order-x.xml", order("230"))), "ORDER_CHANGE"),
        (Made().named(("bestellung.xml", order())), "ORDER"),
        (Made().named(("factur-x.xml", order())), "ORDER"),
    ],
)
def test_order_x_is_named_as_what_it_is(made: Made, kind: str) -> None:
    with pytest.raises(UnknownFormat) as refused:
        extract(made.bytes())
    assert not isinstance(refused.value, NoInvoice)
    assert f"Order-X ({kind})" in refused.value.message


def test_an_invoice_beside_an_order_is_taken() -> None:
    assert extract(Made().named(("order-x.xml", order()), ("factur-x.xml", CII)).bytes()) == CII


@pytest.mark.parametrize(
    "metadata", [b"", b"<broken", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', xmp("factur-x.xml").replace(b"fx:", b"gx:")]
)
def test_metadata_that_say_nothing_do_not_stop_it(metadata: bytes) -> None:
    found = hybrid(Made().named(("factur-x.xml", CII)).claiming(metadata).bytes())
    assert (found.data, found.level, found.standard) == (CII, None, "Factur-X 1.0 / ZUGFeRD 2")


def test_a_namespace_without_its_sharp_is_understood() -> None:
    made = Made().named(("factur-x.xml", CII)).claiming(xmp("factur-x.xml", "BASIC WL").replace(b":1p0#", b":1p0"))
    assert hybrid(made.bytes()).level == "BASIC WL"


@pytest.mark.parametrize(
    ("filters", "data"),
    [
        (b"", CII),
        (b"/Filter/ASCIIHexDecode", CII.hex().encode() + b">"),
        (b"/Filter[/ASCII85Decode]", a85encode(CII) + b"~>"),
        (b"/Filter/RunLengthDecode", bytes((127,)) + CII[:128] + bytes((200,)) + b" " + bytes((128,))),
    ],
)
def test_every_way_of_packing_without_measure_problems(filters: bytes, data: bytes) -> None:
    objects, catalog = raw.attached(data, filters=filters)
    expected = CII[:128] + b" " * 57 if b"RunLength" in filters else CII
    assert extract(raw.pdf(objects, catalog)) == expected


@pytest.mark.parametrize("filters", [b"/Filter/LZWDecode", b"/Filter/Crypt", b"/Filter(FlateDecode)", b"/Filter/FlateDecode"])
def test_what_does_not_unpack_is_damaged(filters: bytes) -> None:
    objects, catalog = raw.attached(CII, filters=filters)
    with pytest.raises(MalformedPDF):
        extract(raw.pdf(objects, catalog))


def test_every_file_comes_with_what_is_said_of_it() -> None:
    made = Made().named(("factur-x.xml", CII), ("a.txt", b"hello"))
    found = files(made.bytes())
    assert [(file.name, file.data, file.relationship, file.mime) for file in found] == [
        ("factur-x.xml", CII, "Alternative", "text/xml"),
        ("a.txt", b"hello", "Alternative", "text/xml"),
    ]


def test_what_hangs_twice_is_one_file() -> None:
    made = Made().named(("factur-x.xml", CII))
    made.pdf.Root.AF = pikepdf.Array([made.pdf.Root.Names.EmbeddedFiles.Names[1]])
    with opened(made.bytes()) as found:
        assert [each.place for each in attached(found)] == ["names"]


def test_the_face_reads_converts_and_detects_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(Made().named(("factur-x.xml", CII)).bytes())
    assert einvoice.read(path) == einvoice.read(CII)
    assert einvoice.detect(path) == einvoice.detect(CII)
    assert einvoice.convert(path, einvoice.Syntax.UBL) == einvoice.convert(CII, einvoice.Syntax.UBL)
    path.write_bytes(Made().named(("factur-x.xml", b"<broken")).bytes())
    with pytest.raises(MalformedXML) as refused:
        einvoice.read(path)
    assert refused.value.source == f"{path}[factur-x.xml]"


def test_the_guard_alone_refuses_it_and_says_what_to_do() -> None:
    refused = refuse_bytes(Made().bytes())
    assert refused is not None
    assert "einvoice.extract" in str(refused)
