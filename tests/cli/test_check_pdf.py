"""PDFs in every verb: `check` judges the container and the XML, the others work on the XML; lines are those of the XML."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import einvoice
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.report import Verdict
from einvoice.samples import sample
from tests.cli.conftest import Run

pytest.importorskip("pikepdf", reason="pip install 'einvoice-toolkit[pdf]'")
from einvoice.errors import NoInvoice, SeveralInvoices
from einvoice_validators.batch import check_many
from tests import corpora
from tests.pdf.hybrids import Made, xmp

CII = write(sample(), Syntax.CII, profile="en16931")
WRONG = CII.replace(b"<ram:TypeCode>380", b"\n\n<ram:TypeCode>999")
LAYERS = ["pdf", "structure", "en16931"]


def hybrid(data: bytes = CII) -> bytes:
    """Not PDF/A: the container alone is invalid."""
    return Made().named(("factur-x.xml", data)).claiming(xmp("factur-x.xml")).bytes()


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder with an invoice as XML, a hybrid, an ordinary PDF and two invoices in one."""
    (tmp_path / "a.xml").write_bytes(CII)
    (tmp_path / "b.pdf").write_bytes(hybrid(WRONG))
    (tmp_path / "c.PDF").write_bytes(Made().bytes())
    (tmp_path / "d.pdf").write_bytes(Made().named(("factur-x.xml", CII), ("xrechnung.xml", WRONG)).bytes())
    return tmp_path


def line_of(data: bytes, text: bytes) -> int:
    return data[: data.index(text)].count(b"\n") + 1


def test_container_and_xml_are_layers_of_one_report() -> None:
    report = einvoice.validate(hybrid())
    assert (report.syntax, report.profile, report.inside) == ("cii", "en16931", "factur-x.xml")
    assert [layer.name for layer in report.layers] == LAYERS
    assert report.layers[1:] == einvoice.validate(CII).layers
    assert report.verdict is Verdict.INVALID  # for its container, which no PDF/A program made


def test_a_published_hybrid_is_valid_as_a_whole() -> None:
    home = corpora.folder()
    if home is None:
        pytest.skip(corpora.ABSENT)
    path = home / "zugferd-pdf" / "XML-Rechnung_FX_EN16931_Einfach.pdf"
    report = einvoice.validate(path)
    assert (report.verdict, report.source) == (Verdict.VALID, str(path))
    assert [layer.name for layer in report.layers] == LAYERS


def test_an_ordinary_pdf_raises_what_it_is() -> None:
    with pytest.raises(NoInvoice):
        einvoice.validate(Made().bytes())


@pytest.mark.parametrize("how", [{}, {"jobs": 2}, {"official": True}, {"both": True}])
def test_a_folder_of_mail_is_judged_file_by_file(mail: Path, how: dict[str, Any]) -> None:
    paths = sorted(mail.iterdir())
    sound, wrong, none, several = check_many(paths, **how)
    official = how.get("official") or how.get("both")
    assert sound.report is not None
    assert official or sound.verdict is Verdict.VALID
    assert wrong.report is not None
    assert wrong.verdict is Verdict.INVALID
    assert (wrong.report.source, wrong.report.inside, wrong.report.layers[0].name) == (str(paths[1]), "factur-x.xml", "pdf")
    assert all(report.layers[0] == wrong.report.layers[0] for report in wrong.reports)
    assert isinstance(none.error, NoInvoice)
    assert (none.verdict, none.error.attachments) == (Verdict.NOT_JUDGED, ())
    assert isinstance(several.error, SeveralInvoices)
    assert several.error.candidates == ("factur-x.xml", "xrechnung.xml")


def test_text_names_the_xml_and_its_line(run: Run, mail: Path) -> None:
    path = mail / "b.pdf"
    ran = run("check", path)
    assert ran.code == 1
    line = line_of(WRONG, b"<ram:TypeCode>999")
    assert re.search(rf"^{re.escape(str(path))}\[factur-x\.xml\]:{line}: BR-CL-01:", ran.out, re.MULTILINE)
    assert re.search(rf"^{re.escape(str(path))}: PDFA-", ran.out, re.MULTILINE)


def test_a_folder_yields_both_kinds_and_ends_with_2_for_what_was_not_checked(run: Run, mail: Path) -> None:
    ran = run("check", mail, "--format", "jsonl")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 2
    assert [(Path(row["file"]).name, row["verdict"]) for row in rows] == [
        ("a.xml", "valid"),
        ("b.pdf", "invalid"),
        ("c.PDF", "not judged"),
        ("d.pdf", "not judged"),
    ]
    assert "inside" not in rows[0]
    assert (rows[1]["inside"], [*rows[1]["layers"]]) == ("factur-x.xml", LAYERS)
    assert [row["error"]["type"] for row in rows[2:]] == ["NoInvoice", "SeveralInvoices"]


def test_json_has_the_findings_of_both(run: Run, mail: Path) -> None:
    (row,) = json.loads(run("check", mail / "b.pdf", "--format", "json").out)
    rules = {finding["rule"] for finding in row["findings"]}
    assert "BR-CL-01" in rules
    assert any(rule.startswith("PDFA-") for rule in rules)


def test_sarif_points_at_the_pdf_and_tells_the_line_of_the_xml(run: Run, mail: Path) -> None:
    results = json.loads(run("check", mail / "b.pdf", "--format", "sarif").out)["runs"][0]["results"]
    (wrong,) = (result for result in results if result["ruleId"] == "BR-CL-01")
    assert wrong["message"]["text"].startswith(f"factur-x.xml:{line_of(WRONG, b'<ram:TypeCode>999')}: ")
    assert wrong["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert wrong["properties"]["inside"] == "factur-x.xml"
    container = [result for result in results if result["ruleId"].startswith("PDFA-")]
    assert container
    assert all("inside" not in result["properties"] for result in container)


def test_junit_is_a_test_for_each(run: Run, mail: Path) -> None:
    suites = etree.fromstring(run("check", mail, "--format", "junit").out.encode())
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("4", "1", "2")
    assert "[factur-x.xml]:" in suites.findtext(".//failure")


def test_broken_xml_within_is_an_error_at_its_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(hybrid(b"<?xml version='1.0'?>\n<a>\n<b></a>"))
    ran = run("check", path)
    assert ran.code == 2
    assert ran.err.startswith(f"{path}[factur-x.xml]:3: ")
    assert run("check", "-", stdin=path.read_bytes()).err.startswith("standard input[factur-x.xml]:3: ")


def test_the_other_verbs_work_on_the_xml(run: Run, tmp_path: Path) -> None:
    pdf, xml = tmp_path / "a.pdf", tmp_path / "a.xml"
    pdf.write_bytes(hybrid())
    xml.write_bytes(CII)
    for verb in ("show", "calculate", "detect"):
        one, other = run(verb, pdf), run(verb, xml)
        assert (one.code, one.out.replace(str(pdf), str(xml)), one.err) == (other.code, other.out, other.err)
    assert run("convert", pdf, "--to", "ubl", "-o", f"{tmp_path}/out/").code == 0
    assert (tmp_path / "out" / "a.xml").read_bytes() == einvoice.convert(CII, Syntax.UBL).data


def test_an_empty_folder_says_what_it_has_none_of(run: Run, tmp_path: Path) -> None:
    ran = run("check", tmp_path)
    assert ran.code == 2
    assert "*.xml" in ran.err
    assert "*.pdf" in ran.err


WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        return None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "pikepdf" else found(name, package)
from einvoice.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("verb", ["check", "show", "extract", "detect"])
def test_without_the_extra_it_says_what_to_install(verb: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(hybrid())
    ran = subprocess.run([sys.executable, "-c", WITHOUT, verb, path], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "einvoice-toolkit[pdf]" in ran.stderr
    assert "fault of einvoice" not in ran.stderr


def test_xml_is_checked_without_any_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(CII)
    code = f"import sys; from einvoice.cli import main; main(['check', {str(path)!r}]); print([*sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not re.search(r"'(pikepdf|einvoice\.pdf[.\w]*|einvoice\.documents|typst|PIL|jinja2|segno)'", ran.stdout)
