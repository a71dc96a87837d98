"""`einvoice embed`: an invoice into a PDF of one's own or a rendered one; what is lost and mended is said, nothing is half-written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from einvoice.cli import main
from einvoice.conversion import convert
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.model.references import Attachment, SupportingDocument
from einvoice.samples import sample
from tests.cli.conftest import Run

pytest.importorskip("typst", reason="pip install 'einvoice-toolkit[pdf]'")
pytest.importorskip("jinja2", reason="pip install 'einvoice-toolkit[pdf]'")

from einvoice.pdf.extract import extract, files, hybrid
from tests.pdf import papers

UBL = write(sample(), Syntax.UBL, profile="en16931")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a printed page, the invoice as CII and UBL, and another file."""
    (tmp_path / "paper.pdf").write_bytes(papers.printed())
    (tmp_path / "cii.xml").write_bytes(papers.cii())
    (tmp_path / "ubl.xml").write_bytes(UBL)
    (tmp_path / "hours.csv").write_bytes(b"1;2")
    return tmp_path


def test_cii_goes_in_byte_for_byte(run: Run, home: Path) -> None:
    out = home / "out.pdf"
    ran = run("embed", home / "cii.xml", "--pdf", home / "paper.pdf", "-o", out)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert extract(out) == papers.cii()
    assert run("check", out).code == 0


def test_from_standard_input_to_standard_output(
    home: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(papers.cii())))
    assert main(["embed", "-", "--pdf", str(home / "paper.pdf")]) == 0
    assert extract(capfdbinary.readouterr().out) == papers.cii()


def test_without_a_pdf_it_is_rendered(run: Run, home: Path) -> None:
    for language in ("en", "de"):
        assert run("embed", home / "cii.xml", "--language", language, "-o", home / f"{language}.pdf").code == 0
        assert extract(home / f"{language}.pdf") == papers.cii()
    assert (home / "en.pdf").read_bytes() != (home / "de.pdf").read_bytes()
    (home / "house").mkdir()
    (home / "house" / "style.toml").write_text('accent = "#aa0000"\n')
    assert run("embed", home / "cii.xml", "--templates", home / "house", "-o", home / "red.pdf").code == 0
    assert papers.seen((home / "red.pdf").read_bytes()) != papers.seen((home / "en.pdf").read_bytes())


def test_ubl_is_converted_and_keeps_its_profile(run: Run, home: Path) -> None:
    ran = run("embed", home / "ubl.xml", "--pdf", home / "paper.pdf", "-o", home / "out.pdf")
    assert (ran.code, ran.err) == (0, "")
    assert extract(home / "out.pdf") == convert(sample(), Syntax.CII, profile="facturx-en16931").data


def test_another_profile_is_converted_to_and_losses_are_listed(run: Run, home: Path) -> None:
    words = ("embed", home / "cii.xml", "--pdf", home / "paper.pdf", "--profile", "facturx-basic", "-o", home / "out.pdf")
    strict = run(*words, "--strict")
    assert (strict.code, (home / "out.pdf").exists()) == (1, False)
    ran = run(*words)
    assert (ran.code, ran.err) == (0, strict.err)
    assert "BT-11" in ran.err
    assert hybrid(home / "out.pdf").level == "BASIC"


def test_an_excerpt_loses_nothing_that_it_should_have(run: Run, home: Path) -> None:
    words = ("embed", home / "cii.xml", "--pdf", home / "paper.pdf", "--profile", "facturx-minimum", "-o", home / "out.pdf", "--strict")
    ran = run(*words)
    assert (ran.code, ran.err) == (0, "")
    assert (hybrid(home / "out.pdf").level, hybrid(home / "out.pdf").relationship) == ("MINIMUM", "Data")


def test_a_profile_without_a_level_needs_another(run: Run, home: Path) -> None:
    (home / "peppol.xml").write_bytes(write(sample(), Syntax.UBL, profile="peppol"))
    assert run("embed", home / "peppol.xml", "--pdf", home / "paper.pdf", "-o", home / "out.pdf").code == 2
    assert run("embed", home / "cii.xml", "--profile", "peppol", "-o", home / "out.pdf").code == 2
    assert not (home / "out.pdf").exists()
    assert run("embed", home / "peppol.xml", "--pdf", home / "paper.pdf", "--profile", "facturx-en16931", "-o", home / "out.pdf").code == 0


def test_the_xml_of_one_pdf_goes_into_another(run: Run, home: Path) -> None:
    assert run("embed", home / "cii.xml", "--pdf", home / "paper.pdf", "-o", home / "old.pdf").code == 0
    (home / "new.pdf").write_bytes(papers.archived())
    assert run("embed", home / "old.pdf", "--pdf", home / "new.pdf", "-o", home / "out.pdf").code == 0
    assert extract(home / "out.pdf") == papers.cii()


def test_further_files(run: Run, home: Path) -> None:
    held = Attachment(content=b"7", mime_code="text/csv", filename="times.csv")
    carrying = sample().model_copy(update={"supporting_documents": (SupportingDocument(reference="T", attachment=held),)})
    (home / "carrying.xml").write_bytes(convert(carrying, Syntax.CII, profile="facturx-en16931").data)
    words = ("embed", home / "carrying.xml", "--pdf", home / "paper.pdf", "--attach", home / "hours.csv", "-o", home / "out.pdf")
    assert run(*words).code == 0
    assert {file.name for file in files(home / "out.pdf")} == {"factur-x.xml", "hours.csv"}
    assert run(*words, "--documents", "--force").code == 0
    assert {file.name: file.data for file in files(home / "out.pdf")}["times.csv"] == b"7"
    absent = run("embed", home / "cii.xml", "--pdf", home / "paper.pdf", "--attach", home / "nothing.csv", "-o", home / "other.pdf")
    assert (absent.code, (home / "other.pdf").exists()) == (2, False)
    assert absent.err.startswith(str(home / "nothing.csv"))


def test_what_was_mended_is_said(run: Run, home: Path) -> None:
    (home / "erp.pdf").write_bytes(papers.by_reportlab())
    ran = run("embed", home / "cii.xml", "--pdf", home / "erp.pdf", "-o", home / "out.pdf")
    assert (ran.code, len(ran.err.splitlines())) == (0, 1)
    assert ran.err.startswith(str(home / "erp.pdf"))


def test_a_pdf_that_cannot_be_archived_is_refused_by_condition(run: Run, home: Path) -> None:
    (home / "erp.pdf").write_bytes(papers.by_reportlab(embedded=False))
    (home / "out.pdf").write_bytes(b"mine")
    ran = run("embed", home / "cii.xml", "--pdf", home / "erp.pdf", "-o", home / "out.pdf", "--force")
    assert ran.code == 2
    assert (home / "out.pdf").read_bytes() == b"mine"
    assert "PDFA-6.2.11.4.1-1" in ran.err
    assert [path.name for path in home.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("no-such.xml", "--pdf", "paper.pdf"),
        ("cii.xml", "--pdf", "no-such.pdf"),
        ("cii.xml", "--pdf", "hours.csv"),
        ("hours.csv", "--pdf", "paper.pdf"),
        ("cii.xml", "--pdf", "paper.pdf", "--relationship", "Friend"),
        ("cii.xml", "--pdf", "paper.pdf", "--profile", "nonsense"),
        ("cii.xml", "--pdf", "paper.pdf", "--attach", "cii.xml", "--attach", "cii.xml"),
        ("cii.xml", "--pdf", "paper.pdf", "--max-size", "1 kB"),
    ],
)
def test_words_that_lead_nowhere(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(home)
    ran = run("embed", *words, "-o", "out.pdf")
    assert (ran.code, ran.out, (home / "out.pdf").exists()) == (2, "", False)
    assert ran.err
    assert "Traceback" not in ran.err


def test_what_is_there_is_not_replaced_unasked(run: Run, home: Path) -> None:
    (home / "out.pdf").write_bytes(b"mine")
    assert run("embed", home / "cii.xml", "--pdf", home / "paper.pdf", "-o", home / "out.pdf").code == 2
    assert (home / "out.pdf").read_bytes() == b"mine"
