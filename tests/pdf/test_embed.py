"""Embedding: every level byte for byte, the same bytes each time, one invoice however often, other files kept, pages untouched."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from einvoice.errors import DocumentError, MalformedXML, SettingsError, UnknownFormat, Unwritable
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.model.references import Attachment, SupportingDocument
from einvoice.pdf import container
from einvoice.pdf.embed import Attached, documents, embed, embedded
from einvoice.pdf.extract import extract, files, hybrid
from tests.pdf import papers
from tests.pdf.hybrids import Made, order, xmp

FILE_NAMES = dict.fromkeys(papers.LEVELS, "factur-x.xml") | {"xrechnung": "xrechnung.xml"}
NAMES = dict(zip(papers.LEVELS, ("MINIMUM", "BASIC WL", "BASIC", "EN 16931", "EXTENDED", "XRECHNUNG"), strict=True))


@pytest.mark.parametrize("profile", papers.LEVELS)
def test_the_xml_comes_out_byte_for_byte_at_every_level(profile: str) -> None:
    made = embed(papers.printed(), papers.cii(profile))
    found = hybrid(made)
    assert extract(made) == papers.cii(profile)
    assert (found.filename, found.level) == (FILE_NAMES[profile], NAMES[profile])
    assert found.version == ("3.0" if profile == "xrechnung" else "1.0")
    assert found.relationship == ("Data" if profile in papers.LEVELS[:2] else "Alternative")


@pytest.mark.parametrize("profile", papers.LEVELS)
def test_the_container_check_finds_nothing_in_it(profile: str) -> None:
    assert container.examine(embed(papers.archived(), papers.cii(profile))).layer.findings == ()


@pytest.mark.parametrize("profile", [*papers.LEVELS[:2], *papers.LEVELS[3:]])
def test_an_invoice_is_written_under_the_profile(profile: str) -> None:
    made = embed(papers.printed(), papers.invoice(), profile=profile)
    assert extract(made) == papers.cii(profile)


def test_without_a_profile_the_invoice_names_its_level() -> None:
    named = read(papers.cii("facturx-extended"))
    assert hybrid(embed(papers.printed(), named)).level == "EXTENDED"
    old = papers.cii("xrechnung").replace(b"kosit:xrechnung_3.0", b"kosit:xrechnung_2.3")
    assert hybrid(embed(papers.printed(), old)).version == "2.3"
    assert hybrid(embed(papers.printed(), read(old))).version == "2.3"
    assert hybrid(embed(papers.printed(), papers.invoice(), profile="xrechnung-extension")).level == "XRECHNUNG"


def test_what_a_level_cannot_hold_is_refused_unless_it_is_an_excerpt() -> None:
    with pytest.raises(Unwritable) as refused:
        embed(papers.printed(), papers.invoice(), profile="facturx-basic")
    assert {"BT-11", "BT-14"} <= {loss.term for loss in refused.value.losses}
    assert b"IncludedSupplyChainTradeLineItem" not in extract(embed(papers.printed(), papers.invoice(), profile="facturx-basicwl"))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    paper, xml = tmp_path / "paper.pdf", tmp_path / "invoice.xml"
    paper.write_bytes(papers.printed())
    xml.write_bytes(papers.cii())
    made = embed(papers.printed(), papers.cii(), attachments=[Attached("a.txt", b"a")])
    assert embed(paper, xml, attachments=[Attached("a.txt", b"a")]) == made
    assert embed(io.BytesIO(papers.printed()), papers.cii(), attachments=[Attached("a.txt", b"a")]) == made
    assert embed(papers.printed(), papers.cii()) != made


@pytest.mark.parametrize("seed", ["1", "2"])
def test_in_another_process_too(tmp_path: Path, seed: str) -> None:
    paper, xml = tmp_path / "paper.pdf", tmp_path / "invoice.xml"
    paper.write_bytes(papers.by_reportlab())
    xml.write_bytes(papers.cii())
    modules = "import sys; from pathlib import Path; from einvoice.pdf.embed import embed"
    program = f"{modules}; sys.stdout.buffer.write(embed(*map(Path, sys.argv[1:])))"
    ran = subprocess.run(
        [sys.executable, "-c", program, paper, xml], capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
    )
    assert ran.stdout == embed(paper, xml)


def test_a_file_of_twelve_megabytes_within_the_invoice() -> None:
    held = Attachment(content=bytes(9_000_000), mime_code="text/csv", filename="a.csv")
    large = papers.invoice().model_copy(update={"supporting_documents": (SupportingDocument(reference="T", attachment=held),)})
    made = embed(papers.printed(), large, profile="facturx-en16931")
    assert len(extract(made)) > 12_000_000


def test_embedding_twice_replaces_the_invoice() -> None:
    first = embed(papers.printed(), papers.cii(), attachments=[Attached("a.txt", b"a")])
    second = embed(first, papers.cii("facturx-extended"), attachments=[Attached("a.txt", b"b")])
    assert [(file.name, file.data) for file in files(second)] == [("factur-x.xml", papers.cii("facturx-extended")), ("a.txt", b"b")][::-1]
    assert hybrid(second).level == "EXTENDED"
    third = embed(second, papers.cii("xrechnung"))
    assert hybrid(third).filename == "xrechnung.xml"
    assert {file.name for file in files(third)} == {"a.txt", "xrechnung.xml"}
    assert third.count(b"factur-x.xml") == 0
    assert embed(third, papers.cii("xrechnung")) == embed(embed(third, papers.cii("xrechnung")), papers.cii("xrechnung"))


@pytest.mark.parametrize("name", ["ZUGFeRD-invoice.xml", "zugferd-invoice.xml", "invoice-4711.xml"])
def test_the_invoice_of_another_hybrid_is_replaced_too(name: str) -> None:
    old = Made().named((name, papers.cii("facturx-extended")), ("notes.txt", b"kept")).claiming(xmp(name)).bytes()
    made = embed(old, papers.cii())
    assert {file.name: file.data for file in files(made)} == {"factur-x.xml": papers.cii(), "notes.txt": b"kept"}


def test_an_annotation_that_showed_the_old_invoice_shows_the_new_one() -> None:
    made = embed(papers.changed(lambda pdf: _note(pdf, Made().annotated(b"<old/>", "factur-x.xml"))), papers.cii())
    with papers.read(made) as pdf:
        (note,) = [each for each in pdf.pages[0].obj.Annots if each.Subtype == "/FileAttachment"]
        assert note.FS.objgen == pdf.Root.AF[0].objgen


def _note(pdf: pikepdf.Pdf, made: Made) -> None:
    note = pdf.copy_foreign(made.pdf.pages[0].obj.Annots[0])
    note.AP = pikepdf.Dictionary(N=pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9]))
    pdf.pages[0].obj.Annots.append(note)


def test_files_that_are_there_stay_and_get_what_they_lack() -> None:
    def hang(pdf: pikepdf.Pdf) -> None:
        held = pdf.make_stream(b"1;2")
        bare = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=pikepdf.String("hours.csv"), EF=pikepdf.Dictionary(F=held))
        pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("z"), bare])))

    made = embed(papers.changed(hang), papers.cii(), attachments=[Attached("a.pdf", b"%PDF-", description="A letter")])
    assert [(file.name, file.relationship, file.mime) for file in files(made)] == [
        ("a.pdf", "Supplement", "application/pdf"),
        ("factur-x.xml", "Alternative", "text/xml"),
        ("hours.csv", "Unspecified", "text/csv"),
    ]
    with papers.read(made) as pdf:
        keys = [bytes(key) for key in list(pdf.Root.Names.EmbeddedFiles.Names)[::2]]
        assert keys == sorted(keys) == [b"a.pdf", b"factur-x.xml", b"z"]
        assert [str(each.UF) for each in pdf.Root.AF] == ["factur-x.xml", "a.pdf", "hours.csv"]


@pytest.mark.parametrize("name", ["hours.bin", "noname", "list.CSV", "été (1) & co.xml", "日程.pdf"])
def test_files_of_any_kind_and_name_go_in(name: str) -> None:
    data = bytes(range(256)) * 500
    made = embed(papers.printed(), papers.cii(), attachments=[Attached(name, data)])
    assert {file.name: file.data for file in files(made)} == {"factur-x.xml": papers.cii(), name: data}
    assert container.examine(made).layer.findings == ()


def test_an_order_in_the_pdf_stays() -> None:
    made = embed(Made().named(("order-x.xml", order())).claiming(xmp("order-x.xml")).bytes(), papers.cii())
    assert {file.name for file in files(made)} == {"order-x.xml", "factur-x.xml"}
    assert hybrid(made).level == "EN 16931"


def test_the_embedded_file_is_described_as_the_standards_want_it() -> None:
    with papers.read(embed(papers.printed(), papers.cii())) as pdf:
        (stated,) = pdf.Root.AF
        held = stated.EF.F
        assert (str(stated.F), str(stated.UF)) == ("factur-x.xml", "factur-x.xml")
        assert (str(stated.AFRelationship), str(stated.Type)) == ("/Alternative", "/Filespec")
        assert stated.EF.UF.objgen == held.objgen
        assert (str(held.Type), str(held.Subtype), int(held.Params.Size)) == ("/EmbeddedFile", "/text/xml", len(papers.cii()))
        assert bytes(held.Params.CheckSum) == hashlib.md5(papers.cii(), usedforsecurity=False).digest()
        assert str(held.Params.ModDate).startswith("D:" + papers.invoice().issue_date.strftime("%Y%m%d"))  # type: ignore[union-attr]
        assert str(papers.invoice().number) in str(stated.Desc)


def test_the_invoices_own_documents_are_attached_when_asked_for() -> None:
    held = [Attachment(content=content, mime_code="text/csv", filename="t/1.csv") for content in (b"1", b"2")]
    listed = (
        SupportingDocument(reference="T-1", description="Times", attachment=held[0]),
        SupportingDocument(reference="T-2", attachment=held[1]),
        SupportingDocument(reference="T-3", location="https://example.org"),
    )
    plain = papers.invoice().model_copy(update={"supporting_documents": listed})
    assert documents(plain) == (Attached("t_1.csv", b"1", "text/csv", "Times"), Attached("t_1-2.csv", b"2", "text/csv", "T-2"))
    without = embed(papers.printed(), plain, profile="facturx-en16931")
    assert len(files(without)) == 1
    assert len(files(embed(papers.printed(), plain, profile="facturx-en16931", attachments=documents(plain)))) == 3


@pytest.mark.parametrize(
    ("attachments", "relationship"),
    [
        ([Attached("", b"")], None),
        ([Attached("folder/a.txt", b"")], None),
        ([Attached("a.txt", b""), Attached("A.TXT", b"")], None),
        ([Attached("factur-x.xml", b"")], None),
        ([Attached("ZUGFeRD-invoice.xml", b"")], None),
        ([Attached("a.txt", b"", "text")], None),
        ([Attached("a.txt", b"", "text/plain", "", "Friend")], None),
        ([], "Supplement"),
        ([], "alternative"),
    ],
)
def test_attachments_and_relationships_that_cannot_be(attachments: list[Attached], relationship: str | None) -> None:
    with pytest.raises(DocumentError):
        embed(papers.printed(), papers.cii(), attachments=attachments, relationship=relationship)


def test_relationships_by_level_and_country() -> None:
    abroad = papers.cii().replace(b"<ram:CountryID>DE", b"<ram:CountryID>FR")
    assert hybrid(embed(papers.printed(), abroad, relationship="Data")).relationship == "Data"
    at_home = papers.cii().replace(b"<ram:CountryID>NL", b"<ram:CountryID>DE").replace(b"<ram:CountryID>BE", b"<ram:CountryID>DE")
    with pytest.raises(DocumentError):
        embed(papers.printed(), at_home, relationship="Data")
    with pytest.raises(DocumentError):
        embed(papers.printed(), papers.cii("facturx-minimum"), relationship="Alternative")


@pytest.mark.parametrize(
    ("xml", "profile", "error"),
    [
        (lambda: write(papers.invoice(), Syntax.UBL, profile="en16931"), None, DocumentError),
        (lambda: papers.cii().replace(b"urn:cen.eu:en16931:2017", b"urn:example:other"), None, DocumentError),
        (lambda: papers.cii().replace(b"urn:cen.eu:en16931:2017<", b"<"), None, DocumentError),
        (papers.cii, "facturx-extended", DocumentError),
        (lambda: papers.cii("xrechnung"), "facturx-en16931", DocumentError),
        (papers.cii, "peppol", SettingsError),
        (papers.cii, "nonsense", SettingsError),
        (lambda: papers.cii()[:-20], None, MalformedXML),
        (lambda: b"<order/>", None, UnknownFormat),
        (papers.printed, None, UnknownFormat),
        (lambda: papers.cii().replace(b'format="102">20', b'format="102">xx', 1), None, DocumentError),
    ],
)
def test_xml_that_does_not_go_in(xml: object, profile: str | None, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        embed(papers.printed(), xml(), profile=profile)  # type: ignore[operator]
    assert type(refused.value) is error


def test_levels_are_known_by_the_names_of_the_standard_too() -> None:
    assert embedded(papers.printed(), papers.cii(), profile="EN 16931").level == "EN 16931"
    assert embedded(papers.printed(), papers.cii(), profile="en16931").level == "EN 16931"


@pytest.mark.parametrize("paper", [papers.printed, papers.archived, papers.by_reportlab, papers.by_a_browser])
def test_pages_look_the_same_before_and_after(paper: object) -> None:
    before: bytes = paper()  # type: ignore[operator]
    after = embed(before, papers.cii())
    assert papers.seen(after) == papers.seen(before)
    with papers.read(before) as old, papers.read(after) as new:
        assert [page.Contents.read_bytes() for page in new.pages] == [page.Contents.read_bytes() for page in old.pages]
        assert [page.Resources.keys() for page in new.pages] == [page.Resources.keys() for page in old.pages]
