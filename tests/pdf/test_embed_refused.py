"""What is no paper for a hybrid invoice: each refusal by its class, and nothing of the input is repaired in silence."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from einvoice.errors import EncryptedPDF, MalformedPDF, NotArchivable, PDFError, UnknownFormat, Unreadable, UnsafePDF
from einvoice.pdf.embed import embed, embedded
from tests.pdf import papers


def encrypted(user: str) -> bytes:
    out = io.BytesIO()
    with papers.read(papers.printed()) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=user))
    return out.getvalue()


def bomb(pdf: pikepdf.Pdf) -> None:
    """A page that unpacks to 12 MB."""
    made = pdf.make_stream(b"")
    made.write(zlib.compress(b" " * 12_000_000), filter=Name.FlateDecode)
    pdf.pages[0].obj.Contents = made


def signed(pdf: pikepdf.Pdf) -> None:
    widget = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("s"), Rect=[0, 0, 0, 0], F=4, V=Dictionary(Type=Name.Sig))
    )
    pdf.pages[0].obj.Annots = Array([widget])
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), SigFlags=3)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: encrypted("secret"), EncryptedPDF),
        (lambda: encrypted(""), EncryptedPDF),
        (lambda: papers.printed()[:-4_000], MalformedPDF),
        (lambda: b"%PDF-1.7\n%%EOF\n", MalformedPDF),
        (lambda: b"", UnknownFormat),
        (lambda: b"PK\x03\x04", UnknownFormat),
        (papers.cii, UnknownFormat),
        (lambda: Path("no-such-file.pdf"), Unreadable),
        (lambda: papers.changed(signed), NotArchivable),
    ],
    ids=[
        "password",
        "empty password",
        "cut off",
        "empty PDF",
        "empty",
        "archive",
        "XML",
        "absent",
        "signed",
    ],
)
def test_refusals(make: Callable[[], bytes | Path], error: type[PDFError]) -> None:
    with pytest.raises(error) as refused:
        embed(make(), papers.cii())
    assert type(refused.value) is error
    assert refused.value.mend


def test_fonts_that_are_not_embedded_are_named() -> None:
    with pytest.raises(NotArchivable) as refused:
        embed(papers.by_reportlab(embedded=False), papers.cii())
    findings = {finding.rule: finding for finding in refused.value.findings}
    assert "PDFA-6.2.11.4.1-1" in findings
    assert "Helvetica" in str(findings["PDFA-6.2.11.4.1-1"].value)


def test_a_page_that_unpacks_to_more_than_it_may() -> None:
    with pytest.raises(UnsafePDF):
        embedded(papers.changed(bomb), papers.cii(), max_size=10_000_000)


def test_a_pdf_larger_than_it_may_be() -> None:
    with pytest.raises(UnsafePDF):
        embedded(papers.printed(), papers.cii(), max_size=len(papers.cii()) + 1)


def test_the_error_names_the_file(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(encrypted(""))
    with pytest.raises(EncryptedPDF) as refused:
        embed(paper, papers.cii())
    assert refused.value.source == str(paper)
    with pytest.raises(NotArchivable) as named:
        embedded(papers.changed(signed), papers.cii(), name="mail.pdf")
    assert named.value.source == "mail.pdf"


def test_an_empty_signature_field_does_not_matter() -> None:
    def prepared(pdf: pikepdf.Pdf) -> None:
        signed(pdf)
        del pdf.Root.AcroForm.Fields[0]["/V"]

    assert embed(papers.changed(prepared), papers.cii())
