"""`einvoice extract`: the XML to standard output, a file or a folder; all files; what is known of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einvoice.cli import extract as verb
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.samples import sample
from tests.cli.conftest import Run

pytest.importorskip("pikepdf", reason="pip install 'einvoice-toolkit[pdf]'")
from tests.pdf.hybrids import Made, order, xmp

CII = write(sample(), Syntax.CII, profile="en16931")


def hybrid() -> Made:
    return Made().named(("factur-x.xml", CII), ("../notes.txt", b"hello")).claiming(xmp("factur-x.xml"))


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder with a hybrid, another below, an ordinary PDF, and XML, which is not asked for."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.pdf").write_bytes(hybrid().bytes())
    (tmp_path / "b.pdf").write_bytes(Made().bytes())
    (tmp_path / "inner" / "c.PDF").write_bytes(hybrid().bytes())
    (tmp_path / "d.xml").write_bytes(CII)
    return tmp_path


def test_the_xml_goes_to_standard_output_byte_for_byte(run: Run, mail: Path) -> None:
    ran = run("extract", mail / "a.pdf")
    assert (ran.code, ran.out.encode(), ran.err) == (0, CII, "")
    assert run("extract", "-", stdin=(mail / "a.pdf").read_bytes()).out.encode() == CII


def test_or_to_a_file_that_is_not_replaced_unasked(run: Run, mail: Path) -> None:
    out = mail / "x.xml"
    assert run("extract", mail / "a.pdf", "-o", out).code == 0
    assert out.read_bytes() == CII
    out.write_bytes(b"mine")
    assert run("extract", mail / "a.pdf", "-o", out).code == 2
    assert out.read_bytes() == b"mine"
    assert run("extract", mail / "a.pdf", "-o", out, "--force").code == 0
    assert out.read_bytes() == CII


def test_several_need_a_folder(run: Run, mail: Path) -> None:
    assert run("extract", mail).code == 2
    ran = run("extract", mail, "-o", f"{mail}/out/")
    assert ran.code == 2  # b.pdf carries none
    assert {path.name: path.read_bytes() for path in (mail / "out").iterdir()} == {"a.xml": CII, "c.xml": CII}
    assert ran.err.startswith(f"{mail}/b.pdf: ")


def test_all_files_and_none_outside_the_folder(run: Run, mail: Path) -> None:
    ran = run("extract", mail / "a.pdf", "--all", "-o", f"{mail}/files/")
    assert (ran.code, ran.err) == (0, "")
    assert {path.name for path in (mail / "files").iterdir()} == {"factur-x.xml", "notes.txt"}
    assert run("extract", mail, "--all", "-o", f"{mail}/every/").code == 2
    assert sorted(str(path.relative_to(mail / "every")) for path in (mail / "every").rglob("*.*")) == [
        "a/factur-x.xml",
        "a/notes.txt",
        "c/factur-x.xml",
        "c/notes.txt",
    ]
    assert run("extract", mail / "a.pdf", "--all").code == 2
    assert run("extract", mail / "a.pdf", "--all", "-o", f"{mail}/files/").code == 2


def test_files_of_one_name_and_of_none(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(Made().named(("a.txt", b"1"), ("A.TXT", b"2"), ("..", b"3"), ("", b"4")).bytes())
    assert run("extract", path, "--all", "-o", f"{tmp_path}/files/").code == 0
    found = {file.name: file.read_bytes() for file in (tmp_path / "files").iterdir()}
    assert found == {"a.txt": b"1", "A-2.TXT": b"2", "attachment": b"3", "attachment-2": b"4"}


def test_what_is_known_of_it(run: Run, mail: Path) -> None:
    facts = {
        "file": str(mail / "a.pdf"),
        "filename": "factur-x.xml",
        "relationship": "Alternative",
        "standard": "Factur-X 1.0 / ZUGFeRD 2",
        "level": "EN 16931",
        "version": "1.0",
        "attachments": ["notes.txt"],
        "place": "names",
        "size": len(CII),
    }
    ran = run("extract", mail / "a.pdf", "--format", "json")
    assert (ran.code, json.loads(ran.out)) == (0, [facts])
    ran = run("extract", mail, "--format", "jsonl")
    first, second, _ = map(json.loads, ran.out.splitlines())
    assert (ran.code, first, second["error"]["type"]) == (2, facts, "NoInvoice")
    ran = run("extract", mail / "a.pdf", "--format", "text", "-o", mail / "too.xml")
    assert "EN 16931" in ran.out
    assert (mail / "too.xml").read_bytes() == CII


@pytest.mark.parametrize(("data", "kind"), [(b"<a/>", "UnknownFormat"), (b"%PDF-1.7", "MalformedPDF")])
def test_what_is_none_is_named(run: Run, tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    ran = run("extract", path, "--format", "jsonl")
    assert (ran.code, json.loads(ran.out)["error"]["type"]) == (2, kind)


def test_an_order_is_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(Made().named(("order-x.xml", order())).bytes())
    ran = run("extract", path)
    assert (ran.code, ran.out) == (2, "")
    assert "Order-X (ORDER)" in ran.err
    assert run("extract", path, "--all", "-o", f"{tmp_path}/files/").code == 0


def test_the_size_is_bounded(run: Run, mail: Path) -> None:
    assert run("extract", mail / "a.pdf", "--max-size", "1 kB").code == 2
    assert run("extract", mail / "a.pdf", "--max-size", "1 MB").code == 0


def test_examples_are_commands_that_there_are() -> None:
    assert all(line.strip().startswith("einvoice extract") for line in verb.EXAMPLES.splitlines())
